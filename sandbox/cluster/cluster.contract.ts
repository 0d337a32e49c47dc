import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { dirname } from "node:path";
import type { Duplex } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { checksDocumentSchema } from "../protocol/checks";
import type { ClusterCreate, ClusterMade, ClusterSave } from "../protocol/cluster-host-api";
import { SandboxError } from "../protocol/codes";
import type { ClusterDriver, ClusterDriverEvent } from "./cluster";

/** What a driver's test provides: drivers of one instance, and a second instance beside it. */
export interface ClusterBed {
  /** Whether a learner's cluster is all theirs, or a namespace in one with others. */
  readonly reach: "cluster" | "namespace";
  /** Whether clusters outlive the process that looks after them. */
  readonly outlives: boolean;
  /** How long the slowest step may take. */
  readonly patienceMs: number;
  open(): ClusterDriver;
  openOther(): ClusterDriver;
  /** Kills what looks after this instance's clusters, without a warning. */
  crash(): void;
  /** What there is of this instance that a driver with no cluster should not have left. */
  leftovers(): Promise<readonly string[]>;
  /** In a folder that exists. */
  socketPath(sandboxId: string): string;
  /** Ends everything that was opened. */
  clean(): Promise<void>;
}

const CHECKS = checksDocumentSchema.parse({
  version: 1,
  checks: [{ id: "is-there", task: "make-it", that: "exists", object: { kind: "ConfigMap", name: "made" } }],
});

/** What every cluster driver does; see cluster.ts. */
export function describeClusters(name: string, makeBed: () => Promise<ClusterBed>): void {
  describe(`${name} clusters`, () => {
    let bed: ClusterBed;
    let driver: ClusterDriver;
    let events: ClusterDriverEvent[];

    beforeAll(async () => {
      bed = await makeBed();
    });
    beforeEach(async () => {
      driver = bed.open();
      events = [];
      driver.onEvent((event) => events.push(event));
      await driver.start();
    });
    afterEach(async () => {
      for (const { sandboxId } of await driver.list()) await driver.remove(sandboxId);
      await driver.stop("keep");
    });
    afterAll(() => bed.clean());

    it("makes a cluster whose API answers the learner, and nobody else as such", async () => {
      const made = await driver.create(spec(bed));
      const answer = await ask(made, "GET", configMaps(made));
      expect(answer.status).toBe(200);
      expect(JSON.stringify(answer.body)).toContain('"kube-root-ca.crt"');
      expect((await ask(made, "GET", configMaps(made), { anonymous: true })).status).toBe(403);
      expect(await driver.list()).toEqual([made]);
    });

    it("gives the learner what is theirs, all of it and no more", async () => {
      const [one, two] = await Promise.all([driver.create(spec(bed)), driver.create(spec(bed))]);
      const status = async (path: string): Promise<number> => (await ask(one, "GET", path)).status;
      expect(await status("/api/v1/nodes")).toBe(200);
      const elsewhere = ["/api/v1/namespaces", "/api/v1/namespaces/kube-system/secrets"];
      if (bed.reach === "namespace") elsewhere.push(configMaps(two));
      for (const path of elsewhere) expect(await status(path)).toBe(bed.reach === "cluster" ? 200 : 403);
    });

    it("passes a watch on as it happens", async () => {
      const made = await driver.create(spec(bed));
      const seen = await watchNames(made, `${configMaps(made)}?watch=1`);
      await ask(made, "POST", configMaps(made), { body: configMap("seen") });
      await expect.poll(seen.names, { timeout: 5_000 }).toContain("seen");
      seen.stop();
    });

    it("refuses a second cluster of one sandbox", async () => {
      const wanted = spec(bed);
      await driver.create(wanted);
      await expect(driver.create(wanted)).rejects.toMatchObject({ code: "already-exists" });
      expect(await driver.list()).toHaveLength(1);
    });

    it("keeps clusters apart", async () => {
      const [one, two] = await Promise.all([driver.create(spec(bed)), driver.create(spec(bed))]);
      await ask(one, "POST", configMaps(one), { body: configMap("mine") });
      expect((await ask(two, "GET", `${configMaps(two)}/mine`)).status).toBe(404);
      // Neither takes the other's certificate.
      await expect(ask({ ...two, socketPath: one.socketPath }, "GET", "/api")).rejects.toThrow("certificate");
    });

    it("puts the start objects in, and says why it cannot", async () => {
      const made = await driver.create({ ...spec(bed), startObjects: [configMap("given")] });
      expect((await ask(made, "GET", `${configMaps(made)}/given`)).status).toBe(200);
      const nameless = { apiVersion: "v1", kind: "ConfigMap" };
      for (const refused of [nameless, { apiVersion: "v9", kind: "Nothing" }]) {
        const failure = driver.create({ ...spec(bed), startObjects: [refused] });
        await expect(failure).rejects.toMatchObject({ code: "start-objects-refused" });
      }
      expect(await driver.list()).toEqual([made]);
    });

    it("tells verdicts as they change, and that the learner is at work", async () => {
      const made = await driver.create(spec(bed));
      await expect.poll(() => lastVerdict(events)).toBe(false);
      expect(events.some(({ type }) => type === "activity")).toBe(false);
      const before = performance.now();
      await ask(made, "POST", configMaps(made), { body: configMap("made") });
      await expect.poll(() => lastVerdict(events), { interval: 10 }).toBe(true);
      expect(performance.now() - before).toBeLessThan(1_000);
      expect(events).toContainEqual(expect.objectContaining({ type: "activity", sandboxId: made.sandboxId }));
    });

    it("tells the Services as they change, and leads to those behind whom somebody is ready", async () => {
      const made = await driver.create({
        ...spec(bed),
        startObjects: [webPod, service("web", 80), service("shut", 81)],
      });
      const gone = new AbortController();
      const lists: string[][] = [];
      const following = (async () => {
        for await (const { services } of driver.servicesAsTheyChange(made.sandboxId, gone.signal)) {
          const own = services.filter((one) => one.namespace === "default" && one.service !== "kubernetes");
          lists.push(own.map((one) => `${one.service}:${one.port} ${one.ready}`));
        }
      })();
      const patience = { timeout: bed.patienceMs };
      await expect.poll(() => lists.at(-1), patience).toEqual(["shut:8080 1", "web:8080 1"]);
      await ask(made, "POST", configMaps(made).replace("configmaps", "services"), {
        body: service("nobody", 80, "nobody"),
      });
      await expect.poll(() => lists.at(-1)).toEqual(["nobody:8080 0", "shut:8080 1", "web:8080 1"]);
      gone.abort();
      await following;
      const { services } = await driver.services(made.sandboxId);
      expect(services).toContainEqual(expect.objectContaining({ namespace: "default", service: "web", ready: 1 }));

      const target = { namespace: "default", service: "web", port: 8080 };
      expect(await getFrom(await driver.dial(made.sandboxId, target))).toMatch(/^HTTP\/1\.1 200 /);
      for (const [wanted, code] of [
        [{ service: "nothing" }, "service-not-found"],
        [{ port: 9 }, "service-not-found"],
        [{ service: "nobody" }, "no-endpoints"],
        [{ service: "shut" }, "connection-refused"],
      ] as const) {
        await expect(driver.dial(made.sandboxId, { ...target, ...wanted })).rejects.toMatchObject({ code });
      }
    });

    it("brings a cluster back from its saves, with its kubeconfig, as it was at the last of them", async () => {
      const made = await driver.create({ ...spec(bed), startObjects: [configMap("given")] });
      const whole = await saved(made);
      expect(whole.whole).toBe(true);
      await ask(made, "POST", configMaps(made), { body: configMap("made") });
      await ask(made, "POST", configMaps(made), { body: configMap("passing") });
      const change = await saved(made, whole.revision);
      expect(change.whole).toBe(false);
      await ask(made, "DELETE", `${configMaps(made)}/passing`);
      await ask(made, "DELETE", `${configMaps(made)}/given`);
      const last = await saved(made, change.revision);
      await driver.remove(made.sandboxId);

      const restore = [whole, change, last].map(base64);
      const back = await driver.create({ ...spec(bed), startObjects: [configMap("given")], restore });
      const names = ["made", "passing", "given"].map((name) => `${configMaps(back)}/${name}`);
      const found = await Promise.all(names.map((path) => ask(back, "GET", path)));
      expect(found.map(({ status }) => status)).toEqual([200, 404, 404]);
      await expect.poll(() => lastVerdict(events)).toBe(true);
      // What the learner has in their home still opens it.
      const old = { ...made, socketPath: back.socketPath };
      expect((await ask(old, "GET", configMaps(old))).status).toBe(200);
      const early = await driver.create({ ...spec(bed), restore: restore.slice(0, 1) });
      expect((await ask(early, "GET", `${configMaps(early)}/made`)).status).toBe(404);
    });

    it("says so when what was saved cannot be brought back", async () => {
      const restore = [Buffer.from("nothing").toString("base64")];
      await expect(driver.create({ ...spec(bed), restore })).rejects.toMatchObject({ code: "restore-failed" });
      expect(await driver.list()).toEqual([]);
      await expect(driver.save(randomUUID())).rejects.toMatchObject({ code: "cluster-not-found" });
    });

    const base64 = ({ data }: ClusterSave): string => Buffer.from(data).toString("base64");

    async function saved(made: ClusterMade, since?: string): Promise<ClusterSave> {
      const save = await driver.save(made.sandboxId, since);
      if (!save) throw new Error("nothing changed");
      return save;
    }

    it("removes a cluster with its socket and all that was its own, and again without effect", async () => {
      const made = await driver.create(spec(bed));
      await driver.remove(made.sandboxId);
      expect(await driver.list()).toEqual([]);
      expect(existsSync(made.socketPath)).toBe(false);
      expect(await bed.leftovers()).toEqual([]);
      await driver.remove(made.sandboxId);
    });

    it("starts the same sandbox afresh", async () => {
      const wanted = { ...spec(bed), startObjects: [configMap("given")] };
      const made = await driver.create(wanted);
      await ask(made, "POST", configMaps(made), { body: configMap("mine") });
      await driver.remove(made.sandboxId);
      const anew = await driver.create(wanted);
      expect((await ask(anew, "GET", `${configMaps(anew)}/mine`)).status).toBe(404);
      expect((await ask(anew, "GET", `${configMaps(anew)}/given`)).status).toBe(200);
    });

    it("leaves nothing behind when it is called off, or dies, at any step", async () => {
      const steps = new Set<string>();
      const whole = await driver.create(spec(bed), { onStep: (step) => steps.add(step) });
      await driver.remove(whole.sandboxId);
      for (const at of ["", ...steps]) {
        for (const end of ["call off", "crash"] as const) {
          const calledOff = new AbortController();
          const stopAt = (step: string): void => {
            if (step !== at) return;
            if (end === "crash") bed.crash();
            else calledOff.abort();
          };
          const wanted = spec(bed);
          const making = driver.create(wanted, { signal: calledOff.signal, onStep: stopAt });
          stopAt("");
          await expect(making, `${end} at ${at || "once"}`).rejects.toBeInstanceOf(SandboxError);
          await expect.poll(() => driver.list().catch(() => "not yet"), { timeout: bed.patienceMs }).toEqual([]);
          await driver.remove(wanted.sandboxId);
          await expect.poll(() => bed.leftovers(), { timeout: bed.patienceMs }).toEqual([]);
        }
      }
    });

    it("outlives what looks after it, or says that it is lost", async () => {
      const made = await driver.create(spec(bed));
      bed.crash();
      if (!bed.outlives) {
        const lost = { type: "lost", sandboxId: made.sandboxId };
        await expect.poll(() => events, { timeout: bed.patienceMs }).toContainEqual(lost);
        return;
      }
      const list = (): Promise<unknown> => driver.list().catch(() => "not yet");
      await expect.poll(list, { timeout: bed.patienceMs }).toEqual([made]);
      expect((await ask(made, "POST", configMaps(made), { body: configMap("made") })).status).toBe(201);
      await expect.poll(() => lastVerdict(events)).toBe(true);
      const whole = await saved(made);
      expect(whole.whole).toBe(true);
      await driver.remove(made.sandboxId);
      const back = await driver.create({ ...spec(bed), restore: [base64(whole)] });
      expect((await ask(back, "GET", `${configMaps(back)}/made`)).status).toBe(200);
      expect(events.filter(({ type }) => type === "lost")).toEqual([]);
    });

    it("finds clusters and their verdicts again after it was replaced", async () => {
      const made = await driver.create(spec(bed));
      await ask(made, "POST", configMaps(made), { body: configMap("made") });
      await driver.stop("keep");
      const next = bed.open();
      const heard: ClusterDriverEvent[] = [];
      next.onEvent((event) => heard.push(event));
      await next.start();
      expect(await next.list()).toEqual([made]);
      await expect.poll(() => lastVerdict(heard)).toBe(true);
      await expect(next.create({ ...spec(bed), sandboxId: made.sandboxId })).rejects.toBeInstanceOf(SandboxError);
      await next.remove(made.sandboxId);
      expect(await next.list()).toEqual([]);
      driver = next;
    });

    it("sees nothing of another instance", async () => {
      const other = bed.openOther();
      await other.start();
      const made = await driver.create(spec(bed));
      expect(await other.list()).toEqual([]);
      await other.remove(made.sandboxId);
      await other.stop("end");
      expect((await ask(made, "GET", "/api")).status).toBe(200);
    });
  });
}

export function spec(bed: Pick<ClusterBed, "socketPath">): ClusterCreate {
  const sandboxId = randomUUID();
  const socketPath = bed.socketPath(sandboxId);
  mkdirSync(dirname(socketPath), { recursive: true });
  return { sandboxId, socketPath, loopback: false, checks: CHECKS, addons: [], faults: [], startObjects: [] };
}

function configMap(name: string): { apiVersion: string; kind: string; metadata: { name: string } } {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name } };
}

function lastVerdict(events: readonly ClusterDriverEvent[]): boolean | undefined {
  return events.flatMap((event) => (event.type === "verdicts" ? [event.verdicts[0]?.passed] : [])).at(-1);
}

/** Where the ConfigMaps are that the learner sees without saying of which namespace. */
function configMaps(made: ClusterMade): string {
  const config = parse(made.kubeconfig) as Kubeconfig;
  return `/api/v1/namespaces/${config.contexts[0]?.context.namespace ?? "default"}/configmaps`;
}

interface Kubeconfig {
  contexts: { context: { namespace?: string } }[];
  clusters: { cluster: { "certificate-authority-data": string } }[];
  users: { user: { "client-certificate-data": string; "client-key-data": string } }[];
}

/** One request to the cluster, with what its kubeconfig says. */
export async function ask(
  made: ClusterMade,
  method: "GET" | "POST" | "DELETE",
  path: string,
  options: { body?: unknown; anonymous?: boolean } = {},
): Promise<{ status: number; body: unknown }> {
  const response = await send(made, method, path, options);
  let text = "";
  for await (const chunk of response.setEncoding("utf8") as AsyncIterable<string>) text += chunk;
  return { status: response.statusCode ?? 0, body: JSON.parse(text) as unknown };
}

/** The names that a watch has told of so far. Resolves when it has begun. */
async function watchNames(made: ClusterMade, path: string): Promise<{ names: () => string[]; stop: () => void }> {
  const response = await send(made, "GET", path, {});
  let text = "";
  response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  response.on("error", () => undefined);
  const names = (): string[] => [...text.matchAll(/"name":"([^"]+)"/g)].map((match) => match[1] ?? "");
  return { names, stop: () => response.destroy() };
}

function send(
  made: ClusterMade,
  method: string,
  path: string,
  options: { body?: unknown; anonymous?: boolean },
): Promise<IncomingMessage> {
  const config = parse(made.kubeconfig) as Kubeconfig;
  const user = config.users[0]?.user;
  const pem = (text: string | undefined): Buffer => Buffer.from(text ?? "", "base64");
  return new Promise((resolve, reject) => {
    const asked = request({
      socketPath: made.socketPath,
      method,
      path,
      servername: "localhost",
      ca: pem(config.clusters[0]?.cluster["certificate-authority-data"]),
      ...(!options.anonymous && { cert: pem(user?.["client-certificate-data"]), key: pem(user?.["client-key-data"]) }),
      headers: { "content-type": "application/json", accept: "application/json" },
      agent: false,
    });
    asked.on("error", reject);
    asked.on("response", resolve);
    asked.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}

const webPod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", labels: { app: "web" } },
  spec: { containers: [{ name: "web", image: "nginx", ports: [{ containerPort: 80 }] }] },
};

function service(name: string, targetPort: number, app = "web") {
  const ports = [{ port: 8080, targetPort }];
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { selector: { app }, ports } };
}

/** What a web server says to a browser that asks once. */
async function getFrom(connection: Duplex): Promise<string> {
  connection.write("GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");
  let text = "";
  for await (const chunk of connection) text += String(chunk);
  return text;
}
