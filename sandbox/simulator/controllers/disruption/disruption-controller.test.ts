import { beforeEach, describe, expect, it } from "vitest";
import type { IntOrString, PodDisruptionBudgetSpec } from "../../api/generated/kubernetes";
import { DEPLOYMENTS, POD_DISRUPTION_BUDGETS, PODS, REPLICATION_CONTROLLERS } from "../../client/resources";
import { ControllersFixture } from "../controllers-fixture";

const KEY = { namespace: "default", name: "guard" };
const LABELS = { app: "web" };
const TEMPLATE = { metadata: { labels: LABELS }, spec: { containers: [{ name: "main", image: "nginx" }] } };

describe("the disruption controller", () => {
  let fixture: ControllersFixture;

  beforeEach(async () => {
    fixture = await ControllersFixture.start();
  });

  const guard = async (spec: PodDisruptionBudgetSpec) => {
    const metadata = { name: "guard", namespace: "default" };
    await fixture.client.create(POD_DISRUPTION_BUDGETS, {
      metadata,
      spec: { selector: { matchLabels: LABELS }, ...spec },
    });
    await fixture.cluster.settle();
  };
  const deploy = async (replicas: number) => {
    const metadata = { name: "web", namespace: "default" };
    await fixture.client.create(DEPLOYMENTS, {
      metadata,
      spec: { replicas, selector: { matchLabels: LABELS }, template: TEMPLATE },
    });
    await fixture.cluster.settle();
    await fixture.makeReady();
  };
  const status = async () => (await fixture.client.get(POD_DISRUPTION_BUDGETS, KEY)).status;

  it.each<[string, { minAvailable?: IntOrString; maxUnavailable?: IntOrString }, number, number]>([
    ["at least two", { minAvailable: 2 }, 2, 1],
    ["at least half, rounded up", { minAvailable: "50%" }, 2, 1],
    ["at most one away", { maxUnavailable: 1 }, 2, 1],
    ["at most a third away, rounded up", { maxUnavailable: "34%" }, 1, 2],
  ])("allows what keeps %s", async (_, spec, desiredHealthy, disruptionsAllowed) => {
    await deploy(3);
    await guard(spec);
    expect(await status()).toMatchObject({ expectedPods: 3, currentHealthy: 3, desiredHealthy, disruptionsAllowed });
    expect((await status())?.conditions?.[0]).toMatchObject({ type: "DisruptionAllowed", reason: "SufficientPods" });
  });

  it("counts an eviction until the pod is gone, or two minutes have passed", async () => {
    await deploy(3);
    await guard({ minAvailable: 2 });
    const [pod] = await fixture.pods();
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod?.metadata.name } };
    await fixture.client.createSubresource(
      PODS,
      { namespace: "default", name: pod?.metadata.name ?? "" },
      "eviction",
      eviction,
    );
    await fixture.cluster.settle();
    expect(await status()).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0 });
    await fixture.reap();
    await fixture.makeReady();
    expect(await status()).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 1 });
    expect((await status())?.disruptedPods).toBeUndefined();
  });

  it("says that it finds no pods, and warns of pods that nothing owns", async () => {
    await guard({ maxUnavailable: 1 });
    expect(await fixture.events("guard")).toEqual(["NoPods: No matching pods found"]);
    await fixture.client.create(PODS, {
      metadata: { name: "lone", namespace: "default", labels: LABELS },
      spec: TEMPLATE.spec,
    });
    await fixture.cluster.settle();
    expect((await fixture.events("guard")).at(-1)).toContain(
      "UnmanagedPods: Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,}",
    );
  });

  it("guards the pods of a ReplicationController too", async () => {
    const metadata = { name: "old", namespace: "default" };
    await fixture.client.create(REPLICATION_CONTROLLERS, { metadata, spec: { replicas: 2, template: TEMPLATE } });
    await fixture.cluster.settle();
    await fixture.makeReady();
    await guard({ maxUnavailable: 1 });
    expect(await status()).toMatchObject({ expectedPods: 2, disruptionsAllowed: 1 });
    const old = await fixture.client.get(REPLICATION_CONTROLLERS, { namespace: "default", name: "old" });
    expect(old.status).toEqual({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      observedGeneration: 1,
    });
    expect(await fixture.events("old")).toHaveLength(2);
  });
});
