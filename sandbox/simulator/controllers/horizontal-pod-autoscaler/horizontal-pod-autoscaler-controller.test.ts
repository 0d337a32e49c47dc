import { expect, it } from "vitest";
import { DEPLOYMENTS, EVENTS, HORIZONTAL_POD_AUTOSCALERS } from "../../client/resources";
import { ControllersFixture } from "../controllers-fixture";

const KEY = { namespace: "default", name: "web" };

async function autoscaled(replicas: number, minReplicas: number) {
  const fixture = await ControllersFixture.start();
  const { client } = fixture;
  const labels = { app: "web" };
  const containers = [{ name: "c", image: "nginx", resources: { requests: { cpu: "100m" } } }];
  await client.create(DEPLOYMENTS, {
    metadata: KEY,
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
  await client.create(HORIZONTAL_POD_AUTOSCALERS, {
    metadata: KEY,
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, minReplicas, maxReplicas: 5 },
  });
  return fixture;
}

const verdictsOf = async ({ client }: ControllersFixture) =>
  ((await client.get(HORIZONTAL_POD_AUTOSCALERS, KEY)).status?.conditions ?? []).map(
    ({ type, status, reason }) => `${type}=${status} ${reason ?? ""}`,
  );
const saidOf = async ({ client }: ControllersFixture) =>
  (await client.list(EVENTS, "default")).items
    .filter(({ involvedObject }) => involvedObject.kind === "HorizontalPodAutoscaler")
    .map(({ reason, message }) => `${reason ?? ""}: ${message ?? ""}`);

it("says that it has no metrics, and leaves the replicas alone", async () => {
  const fixture = await autoscaled(2, 1);
  await fixture.cluster.settle(16_000);
  expect(await verdictsOf(fixture)).toEqual([
    "AbleToScale=True SucceededGetScale",
    "ScalingActive=False FailedGetResourceMetric",
  ]);
  const why =
    "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource " +
    "metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)";
  expect(await saidOf(fixture)).toEqual([
    `FailedGetResourceMetric: ${why}`,
    `FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${why}`,
  ]);
  expect((await fixture.client.get(DEPLOYMENTS, KEY)).spec?.replicas).toBe(2);
});

it("brings replicas within its bounds without asking for metrics", async () => {
  const fixture = await autoscaled(1, 3);
  await fixture.cluster.settle(16_000);
  expect((await fixture.client.get(DEPLOYMENTS, KEY)).spec?.replicas).toBe(3);
  expect(await saidOf(fixture)).toEqual([
    "SuccessfulRescale: New size: 3; reason: Current number of replicas below Spec.MinReplicas",
  ]);
});

it("does nothing to what was scaled to zero", async () => {
  const fixture = await autoscaled(0, 1);
  await fixture.cluster.settle(16_000);
  expect(await verdictsOf(fixture)).toContain("ScalingActive=False ScalingDisabled");
  expect((await fixture.client.get(DEPLOYMENTS, KEY)).spec?.replicas).toBe(0);
});

it("says when there is nothing to scale", async () => {
  const fixture = await autoscaled(1, 1);
  await fixture.client.delete(DEPLOYMENTS, KEY);
  await fixture.cluster.settle(16_000);
  expect(await verdictsOf(fixture)).toEqual(["AbleToScale=False FailedGetScale"]);
  expect(await saidOf(fixture)).toEqual(['FailedGetScale: deployments/scale.apps "web" not found']);
});
