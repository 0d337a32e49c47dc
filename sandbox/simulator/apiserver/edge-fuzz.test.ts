import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { createApiServer, type ApiServer } from "./api-server";
import { OBJECTS } from "./fuzz/objects";
import { requestFor, step } from "./fuzz/requests";

const ADMIN = { certificate: { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"] } };
const RUN_MS = 8_000;

async function freshServer(): Promise<ApiServer> {
  const server = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1) });
  const create = (resource: string, name: string, namespace?: string): Promise<unknown> =>
    server.handler.handle({
      verb: "create",
      group: "",
      version: "v1",
      resource,
      namespace,
      user: { username: "a", groups: ["system:masters"] },
      options: {},
      body: { metadata: { name } },
    });
  await create("namespaces", "default");
  await create("serviceaccounts", "default", "default");
  const send = async (method: string, path: string, type: string, value: object): Promise<void> => {
    const request = new Request(`https://localhost${path}`, {
      method,
      headers: { "content-type": type },
      body: JSON.stringify(value),
    });
    const response = await server.http.fetch(request, ADMIN);
    if (!response.ok) throw new Error(await response.text());
  };
  for (const [path, object] of OBJECTS) {
    await send("POST", path, "application/json", object);
    if (object["kind"] !== "CustomResourceDefinition") continue;
    const condition = (type: string): object => ({ type, status: "True", lastTransitionTime: null });
    const status = { conditions: [condition("NamesAccepted"), condition("Established")], storedVersions: ["v1"] };
    const names = { kind: "Boat", plural: "boats", singular: "boat", shortNames: ["bt"] };
    const patch = { status: { ...status, acceptedNames: names } };
    await send("PATCH", `${path}/boats.sea.example.com/status`, "application/merge-patch+json", patch);
  }
  return server;
}

/** What must hold of a store whatever was asked of it. */
function faultsOf(server: ApiServer): string[] {
  const { revision, collections } = server.snapshot();
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const [collection, objects] of collections) {
    for (const [key, object] of objects) {
      const { namespace, name, uid, resourceVersion } = object.metadata;
      if (key !== (namespace ? `${namespace}/${name}` : name)) faults.push(`${collection}: ${key} holds ${name}`);
      if (!uid || !object.kind || !object.apiVersion) faults.push(`${collection}: ${key} lacks what every object has`);
      if (Number(resourceVersion) > revision || seen.has(resourceVersion)) faults.push(`${key}: ${resourceVersion}`);
      seen.add(resourceVersion);
    }
  }
  return faults;
}

describe("the edge of the API", () => {
  it(`answers whatever comes for ${RUN_MS / 1000} s without a fault of its own, and keeps nothing of what it refuses`, async () => {
    const seed = Number(process.env["FUZZ_SEED"] ?? Math.trunc(performance.timeOrigin));
    process.stderr.write(`FUZZ_SEED=${seed}\n`);
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: "max" }), async (steps) => {
      const server = await freshServer();
      for (const each of steps) {
        let request: Request;
        try {
          request = requestFor(each);
        } catch {
          continue; // no HTTP client could send it
        }
        const before = server.snapshot().revision;
        const abort = new AbortController();
        const response = await server.http.fetch(new Request(request, { signal: abort.signal }), ADMIN);
        // What would go on for ever ends here.
        abort.abort();
        const text = await response.text();
        // An apply of what has not the kind's shape gets a 500 of the real server too.
        if (response.status === 500 && !text.includes("failed to create typed patch object"))
          expect.fail(`${request.method} ${request.url}: ${text}`);
        if (response.status >= 400) expect(server.snapshot().revision, text).toBe(before);
        const isWatch = new URL(request.url).searchParams.has("watch");
        if (!isWatch && text !== "" && response.headers.get("content-type") === "application/json") JSON.parse(text);
      }
      expect(faultsOf(server)).toEqual([]);
    });
    await fc.assert(property, {
      seed,
      numRuns: 100_000,
      interruptAfterTimeLimit: RUN_MS,
      endOnFailure: Boolean(process.env["FUZZ_QUICK"]),
    });
  }, 60_000);
});
