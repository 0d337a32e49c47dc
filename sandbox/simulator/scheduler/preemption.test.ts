import { beforeEach, describe, expect, it } from "vitest";
import type { PriorityClass } from "../api/generated/kubernetes";
import type { Resource } from "../api/object";
import { EVENTS, PODS } from "../client/resources";
import { ControllersFixture } from "../controllers/controllers-fixture";

const PRIORITY_CLASSES: Resource<PriorityClass> = {
  group: "scheduling.k8s.io",
  version: "v1",
  name: "priorityclasses",
  kind: "PriorityClass",
  namespaced: false,
};

describe("a pod that displaces others", () => {
  let fixture: ControllersFixture;

  beforeEach(async () => {
    fixture = await ControllersFixture.start();
  });

  const run = async (name: string, cpu: string, priorityClassName?: string) => {
    const containers = [{ name: "main", image: "nginx", resources: { requests: { cpu } } }];
    const spec = { containers, nodeSelector: { "kubernetes.io/hostname": "kind-worker" }, priorityClassName };
    await fixture.client.create(PODS, { metadata: { name, namespace: "default" }, spec });
    await fixture.cluster.settle();
  };
  const get = (name: string) => fixture.client.get(PODS, { namespace: "default", name });
  const messages = async (name: string) => {
    const { items } = await fixture.client.list(EVENTS, "default");
    return items
      .filter((event) => event.involvedObject.name === name)
      .map((event) => `${event.reason}: ${event.message}`);
  };

  it("takes the weakest that are enough, and their place once they are gone", async () => {
    await run("small", "500m");
    await run("big", "1500m");
    await run("strong", "1", "system-cluster-critical");
    const strong = await get("strong");
    expect(strong.status?.nominatedNodeName).toBe("kind-worker");
    expect(await messages("big")).toContain(`Preempted: Preempted by pod ${strong.metadata.uid} on node kind-worker`);
    expect((await get("small")).metadata.deletionTimestamp).toBeUndefined();
    expect((await get("big")).status?.conditions).toContainEqual(
      expect.objectContaining({ reason: "PreemptionByScheduler" }),
    );
    await run("late", "1");
    await fixture.reap();
    await fixture.cluster.settle(2000);
    expect((await get("strong")).spec?.nodeName).toBe("kind-worker");
    expect((await get("late")).spec?.nodeName).toBeUndefined();
  });

  it("leaves others alone where it must, and says so", async () => {
    await run("big", "2");
    await fixture.client.create(PRIORITY_CLASSES, {
      metadata: { name: "patient" },
      value: 1000,
      preemptionPolicy: "Never",
    });
    await run("polite", "1", "patient");
    expect((await messages("polite"))[0]).toContain("preemption: not eligible due to preemptionPolicy=Never.");
    expect((await get("big")).metadata.deletionTimestamp).toBeUndefined();
  });

  it("waits while a pod is gated", async () => {
    const containers = [{ name: "main", image: "nginx" }];
    const metadata = { name: "gated", namespace: "default" };
    await fixture.client.create(PODS, {
      metadata,
      spec: { containers, schedulingGates: [{ name: "example.com/wait" }] },
    });
    await fixture.cluster.settle();
    expect((await get("gated")).status?.conditions?.[0]).toMatchObject({ reason: "SchedulingGated", status: "False" });
    await fixture.client.patch(PODS, metadata, { type: "merge", body: { spec: { schedulingGates: null } } });
    await fixture.cluster.settle();
    expect((await get("gated")).spec?.nodeName).toBeDefined();
  });
});
