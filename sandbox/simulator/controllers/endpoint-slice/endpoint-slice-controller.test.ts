import { expect, it } from "vitest";
import type { EndpointConditions } from "../../api/generated/kubernetes";
import { ENDPOINT_SLICES, PODS, SERVICES } from "../../client/resources";
import { ControllersFixture } from "../controllers-fixture";

it("publishes pods that are not ready where the Service asks for it", async () => {
  const fixture = await ControllersFixture.start();
  const { client, cluster } = fixture;
  const labels = { app: "db" };
  await client.create(PODS, {
    metadata: { name: "db-0", namespace: "default", labels },
    spec: { nodeName: "kind-worker", containers: [{ name: "main", image: "nginx" }] },
  });
  for (const publishNotReadyAddresses of [false, true]) {
    await client.create(SERVICES, {
      metadata: { name: publishNotReadyAddresses ? "early" : "late", namespace: "default" },
      spec: { clusterIP: "None", selector: labels, publishNotReadyAddresses, ports: [{ port: 80 }] },
    });
  }
  const [pod] = await fixture.pods();
  if (!pod) throw new Error("the pod was just made");
  const conditions = [{ type: "Ready", status: "False" }];
  await fixture.report(pod, { phase: "Running", podIP: "10.244.1.7", podIPs: [{ ip: "10.244.1.7" }], conditions });
  await cluster.settle(2000);
  const found: Record<string, EndpointConditions | undefined> = {};
  for (const { metadata, endpoints } of (await client.list(ENDPOINT_SLICES, "default")).items)
    found[metadata.labels?.["kubernetes.io/service-name"] ?? ""] = endpoints?.[0]?.conditions;
  expect(found).toMatchObject({
    early: { ready: true, serving: false, terminating: false },
    late: { ready: false, serving: false, terminating: false },
  });
});
