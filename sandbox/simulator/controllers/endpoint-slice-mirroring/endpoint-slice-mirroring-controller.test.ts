import { expect, it } from "vitest";
import { ENDPOINT_SLICES, ENDPOINTS, SERVICES } from "../../client/resources";
import { ControllersFixture } from "../controllers-fixture";

it("mirrors Endpoints that were written by hand, until the Service selects for itself", async () => {
  const { client, cluster } = await ControllersFixture.start();
  const metadata = { name: "outside", namespace: "default" };
  await client.create(SERVICES, { metadata, spec: { ports: [{ port: 80 }] } });
  const subsets = [
    { addresses: [{ ip: "192.0.2.7" }], notReadyAddresses: [{ ip: "192.0.2.8" }], ports: [{ port: 8080 }] },
  ];
  await client.create(ENDPOINTS, { metadata, subsets });
  await cluster.settle();
  const mirrors = async () =>
    (await client.list(ENDPOINT_SLICES, "default")).items.filter(
      (slice) => slice.metadata.labels?.["kubernetes.io/service-name"] === "outside",
    );
  expect(await mirrors()).toMatchObject([
    {
      metadata: { labels: { "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io" } },
      ports: [{ port: 8080, protocol: "TCP" }],
      endpoints: [
        { addresses: ["192.0.2.7"], conditions: { ready: true } },
        { addresses: ["192.0.2.8"], conditions: { ready: false } },
      ],
    },
  ]);
  await client.delete(ENDPOINTS, metadata);
  await cluster.settle();
  expect(await mirrors()).toEqual([]);
});
