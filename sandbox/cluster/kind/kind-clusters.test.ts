import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { bundle } from "@/bin/build.mjs";
import { machineFacts } from "@/bin/machine-facts.mjs";
import { SystemClock } from "../../simulator/clock";
import { describeClusters, type ClusterBed } from "../cluster.contract";
import { HostedClusters, type HostEvent } from "../host/hosted-clusters";
import { Engine } from "./engine";
import { kindSchema } from "./kind-config";
import { KindProvider } from "./kind-provider";
import { runProgram } from "./run-program";

vi.setConfig({ testTimeout: 900_000, hookTimeout: 300_000 });

const facts = await machineFacts();
const env = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && /^(PATH|HOME|DOCKER_.*|CONTAINER_.*|SLIPWAY_KIND.*)$/.test(name) ? [[name, value]] : [],
  ),
);
const config = kindSchema.parse(process.env);
const engine = new Engine(config.SLIPWAY_KIND_ENGINE, "one", env, runProgram);

const hasEngine = facts.engine.version !== undefined;
const lacks = !hasEngine
  ? `${facts.engine.command} does not answer`
  : facts.kind === undefined
    ? "there is no kind command"
    : !facts.allCapabilities
      ? "privileged containers do not start here"
      : facts.nodeImagePresent
        ? undefined
        : `the image ${facts.nodeImage} is not here`;

/** Real clusters; minutes each. */
class KindBed implements ClusterBed {
  readonly reach = "cluster";
  readonly outlives = true;
  readonly patienceMs = 180_000;
  readonly folder = mkdtempSync(join(tmpdir(), "slipway-"));
  readonly hostEvents: HostEvent[] = [];
  readonly #opened: HostedClusters[] = [];
  readonly #script: string;

  constructor(script: string) {
    this.#script = script;
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

  leftovers(): Promise<string[]> {
    return engine.sandboxes();
  }

  async clean(): Promise<void> {
    for (const driver of this.#opened.reverse()) await driver.stop("end");
    rmSync(this.folder, { recursive: true });
  }

  #open(instance: string): HostedClusters {
    const driver = new HostedClusters({
      driver: "kind",
      instance,
      stateDir: join(this.folder, instance),
      script: this.#script,
      hosts: 1,
      env,
      onHostEvent: (event) => (instance === "one" ? this.hostEvents.push(event) : undefined),
      patience: { createMs: 400_000, removeMs: 180_000, stopMs: 180_000 },
    });
    this.#opened.push(driver);
    return driver;
  }
}

if (lacks === undefined) {
  let script: string;
  beforeAll(async () => {
    script = await bundle("real-cluster-host");
  });
  describeClusters("kind", () => Promise.resolve(new KindBed(script)));
} else {
  describe("kind clusters", () => {
    it.skip(`do all that clusters do: not seen here, as ${lacks}`, () => undefined);
  });
}

describe("the engine", () => {
  const id = "0198a5f0-0000-7000-8000-00000000abcd";

  it.skipIf(!hasEngine)("keeps networks by labels, and removes what it is told", async () => {
    const mine = new Engine(config.SLIPWAY_KIND_ENGINE, "engine-test", env, runProgram);
    const name = `slipway-test-${process.pid}`;
    await mine.createNetwork(name, id);
    onTestFinished(() => mine.removeNetwork(name).catch(() => undefined));
    expect(await mine.sandboxes()).toEqual([id]);
    expect(await mine.networkOf(id)).toBe(name);
    expect(await engine.networkOf(id)).toBeUndefined();
    await mine.removeNetwork(name);
    expect(await mine.sandboxes()).toEqual([]);
  });

  it.skipIf(!hasEngine || facts.kind === undefined)(
    "has nothing left of a cluster that the real kind cannot make",
    async () => {
      const unmade = { ...config, SLIPWAY_KIND_IMAGE: "slipway.invalid/no-such-image:1" };
      const options = {
        instance: "engine-test",
        config: unmade,
        env,
        run: runProgram,
        clock: new SystemClock(),
        poolFile: "/dev/null",
        onError: () => undefined,
      };
      const provider = new KindProvider(options);
      const steps: string[] = [];
      const { signal } = new AbortController();
      const making = provider.make(id, undefined, { signal, onStep: (step) => steps.push(step) });
      await expect(making).rejects.toMatchObject({ code: "start-failed" });
      expect(steps).toEqual(["network", "image"]);
      expect(await provider.list()).toEqual([id]);
      await provider.remove(id);
      expect(await provider.list()).toEqual([]);
      await provider.remove(id);
    },
  );
});
