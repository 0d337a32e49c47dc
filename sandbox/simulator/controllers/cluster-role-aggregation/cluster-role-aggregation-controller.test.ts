import { expect, it } from "vitest";
import { CLUSTER_ROLES } from "../../client/resources";
import { ControllersFixture } from "../controllers-fixture";

it("gathers the rules of roles by their labels", async () => {
  const { client, cluster } = await ControllersFixture.start();
  const labels = { gather: "yes" };
  const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: labels }] };
  await client.create(CLUSTER_ROLES, { metadata: { name: "sum" }, aggregationRule, rules: [] });
  await client.create(CLUSTER_ROLES, { metadata: { name: "part", labels }, rules });
  await cluster.settle();
  expect((await client.get(CLUSTER_ROLES, { namespace: "", name: "sum" })).rules).toEqual(rules);
  await client.delete(CLUSTER_ROLES, { namespace: "", name: "part" });
  await cluster.settle();
  expect((await client.get(CLUSTER_ROLES, { namespace: "", name: "sum" })).rules ?? []).toEqual([]);
});
