import { describe, expect, it } from "vitest";
import type { Deployment } from "../api/generated/kubernetes";
import type { ApiRequest } from "../api/request";
import { StatusError } from "../api/status";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { createApiServer } from "./api-server";

const ADMIN = { username: "kubernetes-admin", groups: ["kubeadm:cluster-admins"] };
const DEPLOYMENTS = { group: "apps", version: "v1", resource: "deployments", namespace: "default", user: ADMIN };

async function freshServer() {
  const { handler } = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1) });
  const namespaces = { group: "", version: "v1", resource: "namespaces", user: ADMIN };
  await handler.handle({ ...namespaces, verb: "create", options: {}, body: { metadata: { name: "default" } } });
  const send = async (request: Partial<ApiRequest> & Pick<ApiRequest, "verb">): Promise<Deployment> =>
    (await handler.handle({ ...DEPLOYMENTS, name: "web", options: {}, ...request })).object as Deployment;
  const apply = (manager: string, body: object, options = {}) =>
    send({ verb: "patch", patchType: "apply", body, options: { fieldManager: manager, ...options } });
  return { send, apply };
}

const config = (image: string, more: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "nginx", image }] } },
    ...more,
  },
});

describe("server-side apply", () => {
  it("creates what is not there and owns exactly what it was given", async () => {
    const { apply } = await freshServer();
    const { metadata } = await apply("me", config("nginx:1.27"));
    expect(metadata?.managedFields).toEqual([
      {
        manager: "me",
        operation: "Apply",
        apiVersion: "apps/v1",
        time: "2026-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:spec": {
            "f:selector": {},
            "f:template": {
              "f:metadata": { "f:labels": { "f:app": {} } },
              "f:spec": { "f:containers": { 'k:{"name":"nginx"}': { ".": {}, "f:image": {}, "f:name": {} } } },
            },
          },
        },
      },
    ]);
  });

  it("takes out what a manager no longer gives, and keeps what it never did", async () => {
    const { send, apply } = await freshServer();
    await apply("me", config("nginx:1.27", { paused: true, minReadySeconds: 5 }));
    await send({
      verb: "patch",
      patchType: "merge",
      body: { metadata: { labels: { by: "hand" } } },
      options: { fieldManager: "hand" },
    });
    const { spec, metadata } = await apply("me", config("nginx:1.27", { minReadySeconds: 5 }));
    expect(spec?.paused).toBeUndefined();
    expect(spec?.minReadySeconds).toBe(5);
    expect(metadata?.labels).toEqual({ by: "hand" });
  });

  it("refuses to change what another manager holds, unless it is forced", async () => {
    const { send, apply } = await freshServer();
    await apply("me", config("nginx:1.27", { replicas: 1 }));
    await send({
      verb: "patch",
      subresource: "scale",
      patchType: "merge",
      body: { spec: { replicas: 2 } },
      options: { fieldManager: "kubectl" },
    });
    const refused = await apply("me", config("nginx:1.27", { replicas: 1 })).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StatusError);
    expect((refused as StatusError).message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
    );
    expect((await apply("me", config("nginx:1.27", { replicas: 1 }), { force: true })).spec?.replicas).toBe(1);
    // The scaler has lost the field: now there is nothing to argue about.
    expect((await apply("me", config("nginx:1.27", { replicas: 4 }))).spec?.replicas).toBe(4);
  });

  it("shares a field that two managers want alike", async () => {
    const { apply } = await freshServer();
    await apply("one", config("nginx:1.27"));
    const { metadata } = await apply("two", config("nginx:1.27"));
    expect(metadata?.managedFields?.map(({ manager }) => manager)).toEqual(["one", "two"]);
  });

  it("changes nothing when it is applied again", async () => {
    const { apply } = await freshServer();
    const first = await apply("me", config("nginx:1.27"));
    const second = await apply("me", config("nginx:1.27"));
    expect(second.metadata?.resourceVersion).toBe(first.metadata?.resourceVersion);
  });

  it("names the first field that does not fit", async () => {
    const { apply } = await freshServer();
    await expect(apply("me", config("nginx", { replcas: 1 }))).rejects.toThrow(
      "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.replcas: field not declared in schema",
    );
    await expect(apply("me", config("nginx", { replicas: "three" }))).rejects.toThrow(
      '.spec.replicas: expected numeric (int or float), got &value.valueUnstructured{Value:"three"}',
    );
  });
});
