import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { bundle } from "@/bin/build.mjs";
import { NAMESPACES, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS } from "../../simulator/client/resources";
import type { ClusterDriver } from "../cluster";
import { describeClusters, spec, type ClusterBed } from "../cluster.contract";
import { HostedClusters, type HostEvent } from "../host/hosted-clusters";
import { upstreamOf } from "../real/kubeconfig";
import { LABELS } from "./room";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

let script: string;
beforeAll(async () => {
  script = await bundle("real-cluster-host");
}, 120_000);

/** Rooms in a cluster of one's own, or in a stand-alone simulated one. */
class ExistingBed implements ClusterBed {
  readonly reach = "namespace";
  readonly outlives = true;
  readonly patienceMs = 30_000;
  readonly folder = mkdtempSync(join(tmpdir(), "slipway-"));
  readonly hostEvents: HostEvent[] = [];
  readonly #opened: ClusterDriver[] = [];
  readonly #given = process.env["SLIPWAY_KUBECONFIG"];
  readonly #kubeconfig = this.#given ?? join(this.folder, "kubeconfig");
  #sim: ChildProcess | undefined;

  async start(): Promise<this> {
    if (this.#given !== undefined) return this;
    const args = [join(ROOT, "bin/slipway.mjs"), "sim", "--port", "0", "--kubeconfig", this.#kubeconfig];
    const sim = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#sim = sim;
    await new Promise<void>((resolve, reject) => {
      sim.stdout.once("data", () => resolve());
      sim.once("exit", (code) => reject(new Error(`the cluster ended with ${code}`)));
    });
    return this;
  }

  open(): HostedClusters {
    return this.#open("one");
  }

  openOther(): HostedClusters {
    return this.#open("two");
  }

  socketPath(sandboxId: string): string {
    return join(this.folder, sandboxId.slice(-12), "api.sock");
  }

  crash(): void {
    const ready = this.hostEvents.findLast((event) => event.event === "host ready");
    if (ready?.event === "host ready") process.kill(ready.pid, "SIGKILL");
  }

  async leftovers(): Promise<string[]> {
    const upstream = await upstreamOf(this.#kubeconfig);
    const client = upstream.client();
    const labelSelector = `${LABELS.instance}=one`;
    const lists = await Promise.all(
      [NAMESPACES, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS].map((resource) =>
        client.list(resource, "", { labelSelector }),
      ),
    );
    upstream.close();
    return lists.flatMap(({ items }) => items.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  }

  async clean(): Promise<void> {
    for (const driver of this.#opened.reverse()) await driver.stop("end");
    this.#sim?.kill();
    rmSync(this.folder, { recursive: true });
  }

  #open(instance: string): HostedClusters {
    const driver = new HostedClusters({
      driver: "existing",
      instance,
      stateDir: join(this.folder, instance),
      script,
      hosts: 1,
      env: { PATH: process.env["PATH"] ?? "", SLIPWAY_KUBECONFIG: this.#kubeconfig },
      onHostEvent: (event) => (instance === "one" ? this.hostEvents.push(event) : undefined),
      patience: { createMs: 60_000, removeMs: 130_000, stopMs: 60_000 },
    });
    this.#opened.push(driver);
    return driver;
  }
}

describeClusters("existing", () => new ExistingBed().start());

describe("rooms in a cluster of others", () => {
  it("are refused to lessons that need more than a namespace, which say so", async () => {
    const bed = await new ExistingBed().start();
    onTestFinished(() => bed.clean());
    const driver = bed.open();
    await driver.start();
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    const elsewhere = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "shop" } };
    for (const more of [
      { addons: ["ingress-nginx" as const] },
      { faults: [{ kind: "dns-down" as const }] },
      { startObjects: [namespace] },
      { startObjects: [elsewhere] },
    ]) {
      await expect(driver.create({ ...spec(bed), ...more })).rejects.toMatchObject({ code: "lesson-needs-more" });
    }
    expect(await bed.leftovers()).toEqual([]);
  });
});
