import { expect, it } from "vitest";
import { NODES, PODS } from "../../client/resources";
import { ControllersFixture } from "../controllers-fixture";

it("takes pods away whose node has been gone for a while", async () => {
  const { client, cluster } = await ControllersFixture.start();
  const spec = { nodeName: "kind-worker", containers: [{ name: "main", image: "nginx" }] };
  await client.create(PODS, { metadata: { name: "web", namespace: "default" }, spec });
  await client.delete(NODES, { namespace: "", name: "kind-worker" });
  await cluster.settle(30_000);
  expect((await client.list(PODS, "default")).items).toHaveLength(1);
  await cluster.settle(11_000);
  expect((await client.list(PODS, "default")).items).toEqual([]);
});
