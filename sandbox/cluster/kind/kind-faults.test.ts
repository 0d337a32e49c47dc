import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { writeCommands } from "@/bin/stand-ins.mjs";
import type { ClusterCreate, ClusterEvent } from "../../protocol/cluster-host-api";
import { SystemClock } from "../../simulator/clock";
import { createCluster, type Cluster } from "../../simulator/cluster";
import { renderKubeconfig } from "../../simulator/serve/kubeconfig";
import { loadImages } from "../../simulator/serve/images";
import { createClusterPki, type ClusterPki } from "../../simulator/serve/pki";
import { serve, type Server } from "../../simulator/serve/serve";
import { ask, spec } from "../cluster.contract";
import { ClusterHost } from "../host/cluster-host";
import { ClusterRecords } from "../real/cluster-records";
import { RealClusters } from "../real/real-clusters";
import { kindSchema } from "./kind-config";
import { KindProvider } from "./kind-provider";
import { runProgram } from "./run-program";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const clock = new SystemClock();

let folder: string;
let host: ClusterHost;
let events: ClusterEvent[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-"));
  writeCommands(folder);
  [host] = open("0.03");
  events = [];
  host.follow((event) => events.push(event));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(minutes = "1", pool = "0"): [ClusterHost, RealClusters, KindProvider] {
  const config = kindSchema.parse({
    SLIPWAY_KIND: join(folder, "bin/kind"),
    SLIPWAY_KIND_CREATE_MINUTES: minutes,
    SLIPWAY_KIND_POOL: pool,
  });
  const env = { PATH: `${join(folder, "bin")}:/usr/bin:/bin` };
  const poolFile = join(folder, "kind-pool.json");
  const onError = (): void => undefined;
  const provider = new KindProvider({ instance: "one", config, env, run: runProgram, clock, poolFile, onError });
  const records = new ClusterRecords(join(folder, "records"));
  const real = new RealClusters({ provider, records, clock, onError: () => undefined });
  return [new ClusterHost(real.start, clock), real, provider];
}

function fault(name: string): void {
  writeFileSync(join(folder, "fault"), name);
}

function left(): string[] {
  return ["containers", "networks", "volumes", "records"].flatMap((kind) => {
    const names = readdirSync(join(folder, kind));
    return names.map((name) => `${kind} ${name}`);
  });
}

const PATIENCE = { timeout: 20_000 };

function poolReady(): number {
  const { ready } = JSON.parse(readFileSync(join(folder, "kind-pool.json"), "utf8")) as { ready: string[] };
  return ready.length;
}

function wanted(): ClusterCreate {
  return spec({ socketPath: (id: string) => join(folder, id.slice(-12), "api.sock") });
}

describe("a kind cluster that cannot be made", () => {
  it.each([
    ["half-way", "start-failed", "kubeadm"],
    ["name-taken", "start-failed", "already exist"],
    ["port-taken", "start-failed", "port is already allocated"],
    ["disk-full", "start-failed", "no space left"],
    ["no-limits", "start-failed", "memory limit"],
    ["hang", "start-timeout", "minutes"],
  ])("ends with one reason and leaves nothing: %s", async (name, code, why) => {
    fault(name);
    const made = wanted();
    await host.open(made);
    const failure: unknown = await host.ready(made.sandboxId).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: expect.stringMatching(code), message: expect.stringContaining(why) });
    await host.remove(made.sandboxId);
    expect(left()).toEqual([]);
  });

  it("says that Docker is gone, and is cleared away when it is back", async () => {
    fault("half-way");
    const made = wanted();
    await host.open(made);
    // It goes while the cluster is being made.
    await expect.poll(() => readFileSync(join(folder, "calls"), "utf8")).toContain("create cluster");
    fault("docker-gone");
    await expect(host.ready(made.sandboxId)).rejects.toThrow(/docker/i);
    await host.remove(made.sandboxId).catch(() => undefined);
    fault("");
    const [, next] = open();
    expect(await next.survivors()).toEqual([]);
    expect(left()).toEqual([]);
  });

  it("is called off at once, with everything it had started", async () => {
    fault("hang");
    const made = wanted();
    await host.open(made);
    await expect
      .poll(() => events.map((event) => (event.type === "step" ? event.step : "")))
      .toContain("control-plane");
    fault("");
    await host.remove(made.sandboxId);
    expect(left()).toEqual([]);
  });
});

describe("a kind cluster", () => {
  let pki: ClusterPki;
  let cluster: Cluster;
  let server: Server;

  /** What `kind` would have made: nodes with its names, all of it ready after a while. */
  beforeEach(async () => {
    pki = createClusterPki(clock.now());
    cluster = await createCluster({
      clock,
      seed: 1,
      addons: [],
      certificate: pki.ca.cert,
      signer: pki.ca,
      images: loadImages(),
      serving: pki.serving,
    });
    const tls = { ...pki.serving, clientCa: pki.ca.cert };
    server = await serve(cluster.http, { listen: { port: 0 }, tls });
    const kubeconfig = renderKubeconfig({ server: server.url, ca: pki.ca.cert, user: pki.admin });
    writeFileSync(join(folder, "kubeconfig"), kubeconfig);
  });
  afterEach(async () => {
    await server.close();
    await cluster.stop();
  });

  it("is told step by step, limited before anything runs in it, and ready when all of it is", async () => {
    const [slow] = open();
    slow.follow((event) => events.push(event));
    const made = wanted();
    await slow.open(made);
    await slow.ready(made.sandboxId);
    const steps = events.flatMap((event) => (event.type === "step" ? [event.step] : []));
    const creating = ["network", "image", "nodes", "control-plane", "cni", "storage", "workers"];
    expect(steps).toEqual([...creating, "system", "objects"]);
    const calls = readFileSync(join(folder, "calls"), "utf8");
    expect(calls).toMatch(/docker update --memory 1536m --memory-swap 1536m --cpus 2 --pids-limit 4096 (\S+ ?){3}\n/);

    // Whoever comes after a crash takes it over, and removes it with all its parts.
    const [next, real] = open();
    const survivors = await real.survivors();
    expect(survivors.map(({ spec: { sandboxId } }) => sandboxId)).toEqual([made.sandboxId]);
    await slow.remove("nobody");
    for (const { spec: known, start } of survivors) await next.open(known, start);
    expect(await next.ready(made.sandboxId)).toMatchObject({ sandboxId: made.sandboxId });
    fault("volumes-stay");
    await next.remove(made.sandboxId);
    expect(left()).toEqual([]);
  });

  it("is taken from those in reserve, unless that one is dead; the next process knows which is whose", async () => {
    const networks = (): string[] => left().filter((one) => one.startsWith("networks"));
    const [one, , provider] = open("1", "1");
    await provider.open();
    await expect.poll(poolReady, PATIENCE).toBe(1);
    expect(await provider.list()).toEqual([]);
    expect(readFileSync(join(folder, "calls"), "utf8")).toContain("--label slipway.pool=1");
    const first = networks();

    fault("half-way");
    const made = wanted();
    await one.open(made);
    await one.ready(made.sandboxId);
    expect(await provider.list()).toEqual([made.sandboxId]);

    // As after a crash: what was half made is removed.
    await expect.poll(() => readFileSync(join(folder, "calls"), "utf8").split("kind create").length).toBe(3);
    await provider.close();
    fault("");
    const [next, real, heir] = open("1", "1");
    for (const { spec: known, start } of await real.survivors()) await next.open(known, start);
    expect(await next.ready(made.sandboxId)).toMatchObject({ sandboxId: made.sandboxId });
    expect(networks()).toEqual(first);

    await heir.open();
    await expect.poll(poolReady, PATIENCE).toBe(1);
    const [dead = ""] = networks().filter((name) => !first.includes(name));
    const gone = createClusterPki(clock.now());
    const nowhere = renderKubeconfig({ server: "https://127.0.0.1:9", ca: gone.ca.cert, user: gone.admin });
    writeFileSync(join(folder, `kubeconfig-of-${dead.replace("networks ", "")}`), nowhere);
    const other = wanted();
    await next.open(other);
    expect(await next.ready(other.sandboxId)).toMatchObject({ sandboxId: other.sandboxId });
    expect(networks()).not.toContain(dead);

    await next.stop();
    await heir.close();
    expect(left()).toEqual([]);
  });

  it("trusts certificates that the cluster itself has signed", async () => {
    const made = wanted();
    const [one] = open();
    await one.open(made);
    const ready = await one.ready(made.sandboxId);
    const jane = pki.ca.issue({ commonName: "jane", organizations: ["devs"], usage: "client" }, clock.now());
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const answer = await ask({ ...ready, kubeconfig: asUser(ready.kubeconfig, jane) }, "POST", path, { body });
    expect(answer.body).toMatchObject({ status: { userInfo: { username: "jane" } } });
    expect(JSON.stringify(answer.body)).toContain('"devs"');
    const secrets = await ask({ ...ready, kubeconfig: asUser(ready.kubeconfig, jane) }, "GET", "/api/v1/secrets");
    expect(secrets.status).toBe(403);
    // One that somebody else has signed says nothing.
    const stranger = createClusterPki(clock.now()).admin;
    const refused = await ask({ ...ready, kubeconfig: asUser(ready.kubeconfig, stranger) }, "GET", "/api/v1/secrets");
    expect(refused.status).toBe(403);
    await one.remove(made.sandboxId);
  });
});

function asUser(kubeconfig: string, { cert, key }: { cert: string; key: string }): string {
  const data = (text: string): string => Buffer.from(text).toString("base64");
  return kubeconfig
    .replace(/client-certificate-data: .*/, `client-certificate-data: ${data(cert)}`)
    .replace(/client-key-data: .*/, `client-key-data: ${data(key)}`);
}
