import { describe, expect, it } from "vitest";
import { HandFedSource } from "../../checks/hand-fed-source";
import type { ObjectSource } from "../../checks/object-source";
import type { ClusterEvent, ClusterCreate } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import { FakeClock } from "../../simulator/clock";
import { ClusterHost } from "./cluster-host";
import type { StartCluster } from "./running-cluster";

const id = (n: number): string => `0198a5f0-0000-7000-8000-00000000000${n}`;
const spec = (n: number): ClusterCreate => ({
  sandboxId: id(n),
  socketPath: `/tmp/${n}/api.sock`,
  loopback: false,
  checks: { version: 1, checks: [] },
  addons: [],
  faults: [],
  startObjects: [],
});

/** Clusters that get ready, or fail to, when the test says so. */
class SlowStart {
  readonly writes: (() => void)[] = [];
  readonly #waiting: { resolve(objects: ObjectSource): void; reject(error: unknown): void }[] = [];
  stopped = 0;

  readonly start: StartCluster = (_spec, { onWrite }) => {
    this.writes.push(onWrite);
    const ready = new Promise<ObjectSource>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    const stop = (): Promise<void> => {
      this.stopped++;
      return Promise.resolve();
    };
    return Promise.resolve({
      kubeconfig: "k",
      ready,
      stop,
      save: () => Promise.resolve(undefined),
      services: () => Promise.resolve([]),
      dial: () => Promise.reject(new SandboxError("service-not-found")),
    });
  };

  release(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(new HandFedSource());
  }

  fail(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

describe("a cluster-host", () => {
  it("tells how to get to a cluster before it is ready", async () => {
    const slow = new SlowStart();
    const host = new ClusterHost(slow.start, new FakeClock());
    const made = await host.open(spec(1));
    expect(made).toEqual({ sandboxId: id(1), socketPath: "/tmp/1/api.sock", kubeconfig: "k" });
    expect(host.list()).toEqual([]);
    slow.release();
    expect(await host.ready(id(1))).toEqual(made);
    expect(host.list()).toEqual([made]);
  });

  it("takes no more than it can hold, those that are starting counted", async () => {
    const slow = new SlowStart();
    const host = new ClusterHost(slow.start, new FakeClock(), 1);
    await host.open(spec(1));
    await expect(host.open(spec(2))).rejects.toMatchObject({ code: "host-full" });
    await host.remove(id(1));
    expect((await host.open(spec(2))).sandboxId).toBe(id(2));
  });

  it("ends a cluster that was removed while it started", async () => {
    const slow = new SlowStart();
    const host = new ClusterHost(slow.start, new FakeClock());
    await host.open(spec(1));
    const ready = host.ready(id(1));
    const refused = expect(ready).rejects.toMatchObject({ code: "cluster-not-found" });
    await host.remove(id(1));
    await refused;
    expect(slow.stopped).toBeGreaterThan(0);
    expect(host.list()).toEqual([]);
  });

  it("knows why a cluster failed until it is removed", async () => {
    const slow = new SlowStart();
    const host = new ClusterHost(slow.start, new FakeClock());
    await host.open(spec(1));
    slow.fail(new SandboxError("start-objects-refused", "no"));
    await expect(host.ready(id(1))).rejects.toMatchObject({ code: "start-objects-refused" });
    await expect(host.ready(id(1))).rejects.toMatchObject({ code: "start-objects-refused" });
    expect(slow.stopped).toBe(1);
    await host.remove(id(1));
    await expect(host.ready(id(1))).rejects.toMatchObject({ code: "cluster-not-found" });
  });

  it("is free for another try when it could not even begin", async () => {
    const host = new ClusterHost(() => Promise.reject(new Error("no room")), new FakeClock(), 1);
    await expect(host.open(spec(1))).rejects.toThrow("no room");
    await expect(host.open(spec(1))).rejects.toThrow("no room");
  });

  it("tells of activity at most once a second for each cluster", async () => {
    const slow = new SlowStart();
    const clock = new FakeClock();
    const host = new ClusterHost(slow.start, clock);
    await Promise.all([host.open(spec(1)), host.open(spec(2))]);
    const events: ClusterEvent[] = [];
    host.follow((event) => events.push(event));
    const active = (): string[] => events.flatMap((event) => (event.type === "activity" ? [event.sandboxId] : []));
    slow.writes[0]?.();
    slow.writes[0]?.();
    slow.writes[1]?.();
    expect(active()).toEqual([id(1), id(2)]);
    await clock.advance(1_000);
    slow.writes[0]?.();
    expect(active()).toEqual([id(1), id(2), id(1)]);
  });
});
