import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { bundle } from "@/bin/build.mjs";
import type { ClusterDriver, ClusterDriverEvent } from "../cluster";
import { ask, describeClusters, spec, type ClusterBed } from "../cluster.contract";
import { HostedClusters, type HostEvent } from "../host/hosted-clusters";

// Processes come and go in each test.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const canMount = process.platform === "linux" && process.getuid?.() === 0;

let script: string;
beforeAll(async () => {
  script = await bundle("cluster-host");
}, 60_000);

/** Real cluster-host processes in a folder of their own. */
class SimulatedBed implements ClusterBed {
  readonly reach = "cluster";
  readonly outlives = true;
  readonly patienceMs = 10_000;
  readonly folder = mkdtempSync(join(tmpdir(), "slipway-"));
  readonly hostEvents: HostEvent[] = [];
  readonly #opened: ClusterDriver[] = [];

  open(hosts = 1): HostedClusters {
    return this.#open("one", { hosts });
  }

  /** Small hosts, that are full soon. */
  openSmall(places: number, mostHosts: number): HostedClusters {
    return this.#open("one", { hosts: 1, mostHosts }, { SLIPWAY_HOST_CAPACITY: String(places) });
  }

  openOther(): HostedClusters {
    return this.#open("two", { hosts: 1 });
  }

  socketPath(sandboxId: string): string {
    return join(this.folder, sandboxId.slice(-12), "api.sock");
  }

  crash(): void {
    const ready = this.hostEvents.findLast((event) => event.event === "host ready");
    if (ready?.event === "host ready") process.kill(ready.pid, "SIGKILL");
  }

  /** By which a process is the one host of `open()`. */
  hostEnv(): Record<string, string> {
    const place = { SLIPWAY_INSTANCE: "one", SLIPWAY_STATE_DIR: join(this.folder, "one") };
    return { ...place, SLIPWAY_DRIVER: "simulated", SLIPWAY_HOST_INDEX: "0" };
  }

  leftovers(): Promise<string[]> {
    const kept = join(this.folder, "one/cluster-host-0.clusters");
    return Promise.resolve(existsSync(kept) ? readdirSync(kept) : []);
  }

  async clean(): Promise<void> {
    for (const driver of this.#opened.reverse()) await driver.stop("end");
    rmSync(this.folder, { recursive: true });
  }

  #open(
    instance: string,
    hosts: { hosts: number; mostHosts?: number },
    env: Readonly<Record<string, string>> = {},
  ): HostedClusters {
    const driver = new HostedClusters({
      driver: "simulated",
      instance,
      stateDir: join(this.folder, instance),
      script,
      ...hosts,
      env: { PATH: process.env["PATH"] ?? "", ...env },
      onHostEvent: (event) => this.hostEvents.push(event),
    });
    this.#opened.push(driver);
    return driver;
  }
}

describeClusters("simulated", () => Promise.resolve(new SimulatedBed()));

describe("cluster-hosts", () => {
  it("share the clusters out", async () => {
    const bed = new SimulatedBed();
    const driver = bed.open(2);
    await driver.start();
    await Promise.all([driver.create(spec(bed)), driver.create(spec(bed))]);
    const pids = bed.hostEvents.flatMap((event) => (event.event === "host ready" ? [event.pid] : []));
    expect(new Set(pids).size).toBe(2);
    const counts = driver.load();
    expect(counts).toEqual([1, 1]);
    await bed.clean();
  });

  it("are opened when the others are nearly full, and found again with what they hold", async () => {
    const bed = new SimulatedBed();
    const driver = bed.openSmall(3, 2);
    await driver.start();
    expect(driver.load()).toEqual([0]);
    await Promise.all(Array.from({ length: 5 }, () => driver.create(spec(bed))));
    await driver.stop("keep");
    const next = bed.openSmall(3, 2);
    await next.start();
    expect(next.load().sort()).toEqual([2, 3]);
    await next.create(spec(bed));
    await expect(next.create(spec(bed))).rejects.toMatchObject({ code: "host-full" });
    await bed.clean();
  });

  it.each(["SIGKILL", "SIGTERM"] as const)(
    "go on when they end by %s: what was acknowledged is there",
    async (signal) => {
      const bed = new SimulatedBed();
      const driver = bed.open();
      const events: ClusterDriverEvent[] = [];
      driver.onEvent((event) => events.push(event));
      await driver.start();
      const made = await driver.create({ ...spec(bed), loopback: true });
      const acknowledged: string[] = [];
      const write = async (learner: number): Promise<void> => {
        for (let i = 0; ; i++) {
          const name = `of-${learner}-${i}`;
          const path = "/api/v1/namespaces/default/configmaps";
          const answer = await ask(made, "POST", path, { body: { metadata: { name } } }).catch(() => undefined);
          if (answer?.status !== 201) return;
          acknowledged.push(name);
        }
      };
      const writing = [1, 2, 3].map(write);
      await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(30);
      const [ready] = bed.hostEvents;
      if (ready?.event !== "host ready") throw new Error("the host is not ready");
      process.kill(ready.pid, signal);
      await Promise.all(writing);
      await expect.poll(() => bed.hostEvents.length, { timeout: 20_000 }).toBeGreaterThan(1);
      const [again] = await driver.list();
      // Also by the kubeconfig that was given out before, at the same address.
      expect(again?.kubeconfig).toContain(/server: (\S+)/.exec(made.kubeconfig)?.[1]);
      const answer = await ask(made, "GET", "/api/v1/namespaces/default/configmaps");
      const { items } = answer.body as { items: { metadata: { name: string } }[] };
      const names = new Set(items.map(({ metadata }) => metadata.name));
      expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
      expect(events.filter(({ type }) => type === "lost")).toEqual([]);
      await driver.remove(made.sandboxId);
      expect(readdirSync(join(bed.folder, "one/cluster-host-0.clusters"))).toEqual([]);
      await bed.clean();
    },
  );

  it("keep to themselves what is theirs: a second one of the same number ends, and touches nothing", async () => {
    const bed = new SimulatedBed();
    const driver = bed.open();
    await driver.start();
    const made = await driver.create(spec(bed));
    const second = spawn(process.execPath, [script], { env: { ...process.env, ...bed.hostEnv() }, stdio: "ignore" });
    expect(await new Promise((resolve) => second.once("exit", resolve))).toBe(1);
    const path = "/api/v1/namespaces/default/configmaps";
    expect((await ask(made, "POST", path, { body: { metadata: { name: "after" } } })).status).toBe(201);
    bed.crash();
    await expect.poll(() => bed.hostEvents.at(-1), { timeout: 20_000 }).toMatchObject({ event: "host lost" });
    expect((await ask(made, "GET", `${path}/after`)).status).toBe(200);
    await bed.clean();
  });

  it.skipIf(!canMount)("wait for room when they come back to a full disk, and lose nothing", async () => {
    const bed = new SimulatedBed();
    const place = join(bed.folder, "one");
    mkdirSync(place);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "slipway-test", place]);
    try {
      const driver = bed.open();
      const events: ClusterDriverEvent[] = [];
      driver.onEvent((event) => events.push(event));
      await driver.start();
      const made = await driver.create(spec(bed));
      const path = "/api/v1/namespaces/default/configmaps";
      expect((await ask(made, "POST", path, { body: { metadata: { name: "kept" } } })).status).toBe(201);
      for (let size = 2 ** 20; size >= 4096; size /= 2) fill(join(place, "ballast"), size);
      bed.crash();
      const read = (): Promise<number> =>
        ask(made, "GET", `${path}/kept`).then(
          ({ status }) => status,
          () => 0,
        );
      await expect.poll(read, { timeout: 20_000 }).toBe(200);
      const writing = ask(made, "POST", path, { body: { metadata: { name: "late" } } });
      rmSync(join(place, "ballast"));
      expect((await writing).status).toBe(201);
      expect(await driver.list()).toHaveLength(1);
      expect(events.filter(({ type }) => type === "lost")).toEqual([]);
      await driver.stop("end");
    } finally {
      execFileSync("umount", ["--lazy", place]);
    }
    await bed.clean();

    function fill(file: string, size: number): void {
      try {
        for (;;) writeFileSync(file, Buffer.alloc(size), { flag: "a" });
      } catch {
        // full, for pieces of this size
      }
    }
  });

  it("are replaced when they die, and what cannot be brought back is told to be lost", async () => {
    const bed = new SimulatedBed();
    const driver = bed.open();
    const events: ClusterDriverEvent[] = [];
    driver.onEvent((event) => events.push(event));
    await driver.start();
    const made = await driver.create(spec(bed));
    const [ready] = bed.hostEvents;
    if (ready?.event !== "host ready") throw new Error("the host is not ready");
    writeFileSync(join(bed.folder, "one/cluster-host-0.clusters", made.sandboxId, "state"), "damaged");
    process.kill(ready.pid, "SIGKILL");
    await expect.poll(() => events, { timeout: 10_000 }).toContainEqual({ type: "lost", sandboxId: made.sandboxId });
    expect(await driver.list()).toEqual([]);
    // The dead one's socket is in the way of nobody, also not of the same sandbox.
    const again = await driver.create({ ...spec(bed), sandboxId: made.sandboxId, socketPath: made.socketPath });
    expect((await ask(again, "GET", "/version")).status).toBe(200);
    await bed.clean();
  });

  it("list Services and lead to them, or say why they do not", async () => {
    const bed = new SimulatedBed();
    const driver = bed.open();
    await driver.start();
    const { sandboxId, ...made } = await driver.create(spec(bed));
    const api = { namespace: "default", service: "kubernetes", port: 443 };
    const { services } = await driver.services(sandboxId);
    expect(services).toContainEqual(expect.objectContaining({ ...api, name: "https", ready: 1 }));
    const socket = connectTls({ socket: await driver.dial(sandboxId, api), rejectUnauthorized: false });
    socket.write("GET /version HTTP/1.1\r\nhost: kubernetes\r\nconnection: close\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 \d+ /);

    const body = { apiVersion: "v1", kind: "Service", metadata: { name: "empty" }, spec: { ports: [{ port: 80 }] } };
    await ask({ sandboxId, ...made }, "POST", "/api/v1/namespaces/default/services", { body });
    const refused = (service: string) => driver.dial(sandboxId, { namespace: "default", service, port: 80 });
    await expect(refused("empty")).rejects.toMatchObject({ code: "no-endpoints" });
    await expect(refused("none")).rejects.toMatchObject({ code: "service-not-found" });
    await expect(driver.dial(bed.folder, api)).rejects.toMatchObject({ code: "cluster-not-found" });
    await bed.clean();
  });

  it("serve a loopback port too, where the workstation has no network of its own", async () => {
    const bed = new SimulatedBed();
    const driver = bed.open();
    await driver.start();
    const made = await driver.create({ ...spec(bed), loopback: true });
    expect(made.kubeconfig).toMatch(/server: https:\/\/127\.0\.0\.1:\d+/);
    expect(made.kubeconfig).not.toContain(":6443");
    await bed.clean();
  });
});
