import { expect, onTestFinished } from "vitest";
import type { Event, Pod, PodStatus } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import type { Client } from "../client/client";
import { EVENTS, PODS } from "../client/resources";
import { FakeClock, toTime } from "../clock";
import { createCluster, type Cluster } from "../cluster";

/** A cluster whose controllers run and whose kubelets are the test itself. Every failed sync fails the test. */
export class ControllersFixture {
  readonly clock: FakeClock;
  readonly cluster: Cluster;
  readonly client: Client;

  static async start(seed = 3): Promise<ControllersFixture> {
    const clock = new FakeClock();
    const failures: unknown[] = [];
    const onError = (...failure: unknown[]) => void failures.push(failure);
    const cluster = await createCluster({ clock, seed, profile: "control-plane", certificate: "CA", onError });
    await cluster.settle();
    onTestFinished(async () => {
      await cluster.stop();
      expect(failures).toEqual([]);
    });
    return new ControllersFixture(clock, cluster);
  }

  private constructor(clock: FakeClock, cluster: Cluster) {
    this.clock = clock;
    this.cluster = cluster;
    this.client = cluster.client();
  }

  /** Pods that are not on their way out, by name. */
  async pods(): Promise<Stored<Pod>[]> {
    const { items } = await this.client.list(PODS, "default");
    return items.filter(({ metadata }) => !metadata.deletionTimestamp);
  }

  async names(): Promise<string[]> {
    return (await this.pods()).map(({ metadata }) => metadata.name);
  }

  /** What a kubelet says once the containers run and are ready. */
  async makeReady(which: (pod: Stored<Pod>) => boolean = () => true): Promise<void> {
    const ready = { type: "Ready", status: "True", lastTransitionTime: toTime(this.clock.now()) };
    for (const pod of (await this.pods()).filter((each) => which(each) && !hasEnded(each))) {
      await this.report(pod, { phase: "Running", conditions: [ready] });
    }
    await this.cluster.settle();
  }

  /** What a kubelet says once the containers have ended with this code. */
  async finish(pod: Stored<Pod>, exitCode: number): Promise<void> {
    const finishedAt = toTime(this.clock.now());
    const terminated = { exitCode, finishedAt };
    await this.report(pod, {
      phase: exitCode === 0 ? "Succeeded" : "Failed",
      containerStatuses: [
        { name: "main", image: "", imageID: "", ready: false, restartCount: 0, state: { terminated } },
      ],
    });
  }

  async report(pod: Stored<Pod>, status: PodStatus): Promise<void> {
    const current = await this.client.get(PODS, { namespace: "default", name: pod.metadata.name });
    await this.client.updateStatus(PODS, { ...current, status });
  }

  /** Lets pods that are to go be gone. */
  async reap(): Promise<void> {
    const { items } = await this.client.list(PODS, "default");
    for (const { metadata } of items.filter((each) => each.metadata.deletionTimestamp)) {
      await this.client.delete(PODS, { namespace: "default", name: metadata.name }, { gracePeriodSeconds: 0 });
    }
    await this.cluster.settle();
  }

  /** `Reason: message` of the events about an object, in the order they came. */
  async events(name: string): Promise<string[]> {
    const { items } = await this.client.list(EVENTS, "default");
    const told = items.filter((event: Event) => event.involvedObject.name === name);
    return told.map(({ reason = "", message = "" }) => `${reason}: ${message}`);
  }
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}
