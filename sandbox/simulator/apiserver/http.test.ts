import { describe, expect, it } from "vitest";
import type { Pod, Status } from "../api/generated/kubernetes";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { createApiServer } from "./api-server";

const ADMIN = { certificate: { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"] } };

function freshServer() {
  const tokens = new Map([["s3cret", { username: "bot", groups: [] }]]);
  const { http } = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1), tokens });
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}, peer = ADMIN) =>
    http.fetch(
      new Request(`https://localhost${path}`, {
        method,
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        body: typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body),
      }),
      peer,
    );
  return { http, send };
}

async function withPod() {
  const { http, send } = freshServer();
  await send("POST", "/api/v1/namespaces", { metadata: { name: "default" } });
  await send("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "default" } });
  const pod: Pod = {
    metadata: { name: "web", labels: { app: "web" } },
    spec: { containers: [{ name: "nginx", image: "nginx" }] },
  };
  const created = await send("POST", "/api/v1/namespaces/default/pods", pod);
  expect(created.status).toBe(201);
  return { http, send };
}

/** A body as the kind a test expects it to be. */
async function bodyOf<T>(response: Response | Promise<Response>): Promise<T> {
  return (await (await response).json()) as T;
}

interface TableBody {
  kind: string;
  columnDefinitions: { name: string }[];
  rows: unknown[];
}

interface ListBody {
  kind: string;
  metadata: { remainingItemCount?: number; continue?: string; resourceVersion: string };
  items: Pod[];
}

const TABLE = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };

describe("the HTTP face of the API server", () => {
  it("prints a list as a table with the object's metadata in each row", async () => {
    const { send } = await withPod();
    const table = await bodyOf<TableBody>(send("GET", "/api/v1/namespaces/default/pods", undefined, TABLE));
    expect(table).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
    expect(table.columnDefinitions.map((column) => column.name).slice(0, 5)).toEqual([
      "Name",
      "Ready",
      "Status",
      "Restarts",
      "Age",
    ]);
    expect(table.rows).toMatchObject([
      {
        cells: ["web", "0/1", "Pending", "0", "0s", "<none>", "<none>", "<none>", "<none>"],
        object: { kind: "PartialObjectMetadata" },
      },
    ]);
  });

  it("leaves the kind out of list items", async () => {
    const { send } = await withPod();
    const list = await bodyOf<ListBody>(send("GET", "/api/v1/pods"));
    expect(list.kind).toBe("PodList");
    expect(list.items).toHaveLength(1);
    expect(list.items[0]?.kind).toBeUndefined();
  });

  it("streams a watch line by line and ends it with its client", async () => {
    const { http, send } = await withPod();
    const abort = new AbortController();
    const request = new Request("https://localhost/api/v1/namespaces/default/pods?watch=true", {
      signal: abort.signal,
    });
    const reader = (await http.fetch(request, ADMIN)).body?.getReader();
    const line = async () =>
      JSON.parse(new TextDecoder().decode((await reader?.read())?.value)) as { type: string; object: Pod };
    expect(await line()).toMatchObject({ type: "ADDED", object: { metadata: { name: "web" } } });
    await send("DELETE", "/api/v1/namespaces/default/pods/web");
    expect(await line()).toMatchObject({ type: "DELETED" });
    abort.abort();
    expect((await reader?.read())?.done).toBe(true);
  });

  it("warns of an unknown field, and refuses it when asked to be strict", async () => {
    const { send } = await withPod();
    const body = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s" },
      spec: { ports: [{ port: 80 }], selectr: { a: "b" } },
    };
    const path = "/api/v1/namespaces/default/services";
    const refused = await send("POST", `${path}?fieldValidation=Strict`, body);
    expect(refused.status).toBe(400);
    expect((await bodyOf<Status>(refused)).message).toBe(
      'Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.selectr"',
    );
    const warned = await send("POST", path, body);
    expect(warned.status).toBe(201);
    expect(warned.headers.get("warning")).toBe('299 - "unknown field \\"spec.selectr\\""');
  });

  it("answers errors as a Status, and unknown paths with a page", async () => {
    const { send } = freshServer();
    const missing = await send("GET", "/api/v1/namespaces/default/pods/none");
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({
      kind: "Status",
      reason: "NotFound",
      details: { name: "none", kind: "pods" },
    });
    const deprecated = await send("GET", "/api/v1/namespaces/default/endpoints/none");
    expect([deprecated.status, deprecated.headers.get("warning")]).toEqual([
      404,
      '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
    ]);
    for (const path of ["/nowhere", "/api/v1/widgets", "/apis/sea.example.com/v1/boats"]) {
      const page = await send("GET", path);
      expect([page.status, await page.text()]).toEqual([404, "404 page not found\n"]);
    }
  });

  it("knows callers by certificate or token, refuses unknown tokens and lets nobody else in", async () => {
    const { send } = freshServer();
    const nobody = {} as typeof ADMIN;
    const anonymous = await send("GET", "/api/v1/pods", undefined, {}, nobody);
    expect((await bodyOf<Status>(anonymous)).message).toBe(
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
    );
    const bot = await send("GET", "/api/v1/pods", undefined, { authorization: "Bearer s3cret" }, nobody);
    expect((await bodyOf<Status>(bot)).message).toContain('User "bot" cannot list');
    const stranger = await send("GET", "/api/v1/pods", undefined, { authorization: "Bearer guess" }, nobody);
    expect([stranger.status, (await bodyOf<Status>(stranger)).reason]).toEqual([401, "Unauthorized"]);
  });

  it("says what is wrong with a malformed body, patch, query or media type", async () => {
    const { send } = await withPod();
    const path = "/api/v1/namespaces/default/pods";
    expect((await send("POST", path, "{bad")).status).toBe(400);
    expect((await send("GET", `${path}?limit=many`)).status).toBe(400);
    expect((await send("GET", `${path}?labelSelector=a%20in%20b`)).status).toBe(400);
    expect((await send("PATCH", `${path}/web`, {}, { "content-type": "text/plain" })).status).toBe(415);
    expect((await send("GET", path, undefined, { accept: "text/html" })).status).toBe(406);
  });

  it("serves long lists in pages that stay true to their first moment", async () => {
    const { send } = await withPod();
    const path = "/api/v1/namespaces/default/configmaps";
    for (const name of ["a", "b", "c"]) await send("POST", path, { metadata: { name } });
    const first = await bodyOf<ListBody>(send("GET", `${path}?limit=2`));
    expect(first.metadata.remainingItemCount).toBe(1);
    await send("DELETE", `${path}/c`);
    const token = encodeURIComponent(first.metadata.continue ?? "");
    const second = await bodyOf<ListBody>(send("GET", `${path}?limit=2&continue=${token}`));
    expect(second.items.map((item) => item.metadata?.name)).toEqual(["c"]);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });
});
