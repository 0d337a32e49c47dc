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
  const clock = new FakeClock();
  const { handler } = createApiServer({ clock, random: new SeededRandom(1) });
  const namespaces = { group: "", version: "v1", resource: "namespaces", user: ADMIN };
  await handler.handle({ ...namespaces, verb: "create", options: {}, body: { metadata: { name: "default" } } });
  const send = async (request: Partial<ApiRequest> & Pick<ApiRequest, "verb">): Promise<Deployment> =>
    (await handler.handle({ ...DEPLOYMENTS, name: "web", options: {}, ...request })).object as Deployment;
  const apply = (manager: string, body: object, options = {}) =>
    send({ verb: "patch", patchType: "apply", body, options: { fieldManager: manager, ...options } });
  return { send, apply, clock };
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

  it("shares a field that two managers want alike; who joins without a change has no time", async () => {
    const { apply } = await freshServer();
    await apply("one", config("nginx:1.27", { replicas: 2 }));
    const { metadata } = await apply("two", config("nginx:1.27", { replicas: 2 }));
    expect(metadata?.managedFields?.map(({ manager, time }) => [manager, time])).toEqual([
      ["two", undefined],
      ["one", "2026-01-01T00:00:00Z"],
    ]);
    // What one of two owners gives up stays; with the last one it goes back to its default.
    expect((await apply("one", config("nginx:1.27"))).spec?.replicas).toBe(2);
    expect((await apply("two", config("nginx:1.27"))).spec?.replicas).toBe(1);
  });

  it("moves the time of an updater with every field that it sets, and of nobody else", async () => {
    const { send, apply, clock } = await freshServer();
    await apply("me", config("nginx:1.27"));
    const scale = (replicas: number) =>
      send({ verb: "patch", patchType: "merge", body: { spec: { replicas } }, options: { fieldManager: "scaler" } });
    await clock.advance(5000);
    await scale(2);
    await clock.advance(5000);
    const twice = await scale(3);
    const times = (object: Deployment) => object.metadata?.managedFields?.map(({ manager, time }) => [manager, time]);
    expect(times(twice)).toEqual([
      ["me", "2026-01-01T00:00:00Z"],
      ["scaler", "2026-01-01T00:00:10Z"],
    ]);
    await clock.advance(5000);
    const again = await scale(3);
    expect(times(again)).toEqual(times(twice));
    expect(again.metadata?.resourceVersion).toBe(twice.metadata?.resourceVersion);
  });

  it("notes no updates once the managers were wiped out, until the next apply counts what was there before", async () => {
    const { send, apply } = await freshServer();
    await apply("me", config("nginx:1.27"));
    const patch = (body: object) =>
      send({ verb: "patch", patchType: "merge", body, options: { fieldManager: "hand" } });
    await patch({ metadata: { managedFields: [{}] } });
    const { metadata } = await patch({ spec: { replicas: 2 } });
    expect(metadata?.managedFields).toBeUndefined();
    const refused = await apply("me", config("nginx:1.28")).catch((error: unknown) => error);
    expect((refused as StatusError).message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.template.spec.containers[name="nginx"].image',
    );
  });

  it("keeps ten managers of updates, and the older ones as one", async () => {
    const { send, apply } = await freshServer();
    await apply("me", config("nginx:1.27"));
    let last: Deployment | undefined;
    for (let index = 1; index <= 12; index++) {
      last = await send({
        verb: "patch",
        patchType: "merge",
        body: { metadata: { labels: { [`l${index}`]: "x" } } },
        options: { fieldManager: `m${String(index).padStart(2, "0")}` },
      });
    }
    const names = last?.metadata?.managedFields?.map(({ manager }) => manager);
    expect(names).toEqual([
      "me",
      "ancient-changes",
      ...["04", "05", "06", "07", "08", "09", "10", "11", "12"].map((n) => `m${n}`),
    ]);
  });

  it("takes over from kubectl's client-side apply what is as its annotation says, and renews the annotation", async () => {
    const { send, apply } = await freshServer();
    const annotation = "kubectl.kubernetes.io/last-applied-configuration";
    const first = config("nginx:1.27", { replicas: 1 });
    const annotated = { ...first, metadata: { name: "web", annotations: { [annotation]: JSON.stringify(first) } } };
    await send({
      verb: "create",
      name: undefined,
      body: annotated,
      options: { fieldManager: "kubectl-client-side-apply" },
    });
    await expect(apply("other", config("nginx:1.28", { replicas: 1 }))).rejects.toThrow("1 conflict");
    const { metadata, spec } = await apply("kubectl", config("nginx:1.28", { replicas: 1 }));
    expect(spec?.template.spec?.containers[0]?.image).toBe("nginx:1.28");
    expect(JSON.parse(metadata?.annotations?.[annotation] ?? "")).toEqual(config("nginx:1.28", { replicas: 1 }));
    await send({
      verb: "patch",
      patchType: "merge",
      body: { spec: { replicas: 5 } },
      options: { fieldManager: "hand" },
    });
    await expect(apply("kubectl", config("nginx:1.29", { replicas: 1 }))).rejects.toThrow(
      'Apply failed with 1 conflict: conflict with "hand" using apps/v1: .spec.replicas',
    );
  });

  it("changes nothing when it is applied again", async () => {
    const { apply } = await freshServer();
    const first = await apply("me", config("nginx:1.27"));
    const second = await apply("me", config("nginx:1.27"));
    expect(second.metadata?.resourceVersion).toBe(first.metadata?.resourceVersion);
  });

  it("names every field that does not fit", async () => {
    const { apply } = await freshServer();
    const subject = "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): ";
    const fails = (more: object, text: string) =>
      expect(apply("me", config("nginx", more))).rejects.toThrow(subject + text);
    await fails({ replcas: 1 }, ".spec.replcas: field not declared in schema");
    await fails({ replicas: "three" }, ".spec.replicas: expected numeric (int or float), got string");
    await fails(
      { replicas: "three", paused: "yes" },
      "errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .spec.paused: expected boolean, got &{yes}",
    );
    const containers = [{ name: "a" }, { name: "a" }, { image: "b" }];
    await fails(
      { template: { spec: { containers } } },
      'errors:\n  .spec.template.spec.containers: duplicate entries for key [name="a"]\n' +
        '  .spec.template.spec.containers: element 2: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    );
  });
});
