import { describe, expect, it } from "vitest";
import { HandFedSource } from "../../checks/hand-fed-source";
import type { ClusterEvent, ClusterCreate } from "../../protocol/cluster-host-api";
import { FakeClock } from "../../simulator/clock";
import { ClusterHost } from "./cluster-host";
import type { StartCluster } from "./running-cluster";

const id = (n: number): string => `0198a5f0-0000-7000-8000-00000000000${n}`;
const spec = (n: number): ClusterCreate => ({
  sandboxId: id(n),
  socketPath: `/tmp/${n}/api.sock`,
  loopback: false,
  checks: { version: 1, checks: [] },
  startObjects: [],
});

/** Clusters that start when the test says so. */
class SlowStart {
  readonly writes: (() => void)[] = [];
  readonly #release: (() => void)[] = [];
  stopped = 0;

  readonly start: StartCluster = async (_spec, onWrite) => {
    this.writes.push(onWrite);
    await new Promise<void>((resolve) => this.#release.push(resolve));
    return {
      kubeconfig: "k",
      objects: new HandFedSource(),
      stop: () => {
        this.stopped++;
        return Promise.resolve();
      },
    };
  };

  release(): void {
    for (const resolve of this.#release.splice(0)) resolve();
  }
}

describe("a cluster-host", () => {
  it("takes no more than it can hold, those that are starting counted", async () => {
    const slow = new SlowStart();
    const host = new ClusterHost(slow.start, new FakeClock(), 1);
    const first = host.create(spec(1));
    await expect(host.create(spec(2))).rejects.toMatchObject({ code: "host-full" });
    slow.release();
    await first;
    await host.remove(id(1));
    const second = host.create(spec(2));
    slow.release();
    expect((await second).sandboxId).toBe(id(2));
  });

  it("ends a cluster that was removed while it started", async () => {
    const slow = new SlowStart();
    const host = new ClusterHost(slow.start, new FakeClock());
    const creating = host.create(spec(1));
    const removing = host.remove(id(1));
    slow.release();
    await expect(creating).rejects.toMatchObject({ code: "cluster-not-found" });
    await removing;
    expect(slow.stopped).toBe(1);
    expect(host.list()).toEqual([]);
  });

  it("is free for another try when a start fails", async () => {
    const host = new ClusterHost(() => Promise.reject(new Error("no room")), new FakeClock(), 1);
    await expect(host.create(spec(1))).rejects.toThrow("no room");
    await expect(host.create(spec(1))).rejects.toThrow("no room");
  });

  it("tells of activity at most once a second for each cluster", async () => {
    const slow = new SlowStart();
    const clock = new FakeClock();
    const host = new ClusterHost(slow.start, clock);
    const creating = [host.create(spec(1)), host.create(spec(2))];
    slow.release();
    await Promise.all(creating);
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
