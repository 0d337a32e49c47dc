import { beforeEach, describe, expect, it } from "vitest";
import type { Toleration } from "../../api/generated/kubernetes";
import type { Client } from "../../client/client";
import { NODES, PODS } from "../../client/resources";
import { FakeClock } from "../../clock";
import { createCluster, type Cluster } from "../../cluster";

describe("taint eviction", () => {
  let cluster: Cluster;
  let client: Client;

  beforeEach(async () => {
    const failures: unknown[] = [];
    const onError = (...failure: unknown[]) => void failures.push(failure);
    const clock = new FakeClock();
    cluster = await createCluster({ clock, seed: 1, profile: "control-plane", certificate: "CA", onError });
    client = cluster.client();
    await cluster.settle();
    return async () => {
      await cluster.stop();
      expect(failures).toEqual([]);
    };
  });

  const run = async (name: string, ...tolerations: Toleration[]) => {
    const containers = [{ name: "web", image: "nginx" }];
    const spec = { nodeName: "kind-worker", containers, tolerations };
    await client.create(PODS, { metadata: { name, namespace: "default" }, spec });
  };
  const leaving = async () => {
    const { items } = await client.list(PODS, "default");
    return items.filter(({ metadata }) => metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
  };

  it("deletes pods that do not tolerate the taint, and those that do when their time is up", async () => {
    await run("fickle");
    await run("patient", { key: "fire", operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 });
    await run("stoic", { operator: "Exists" });
    await cluster.settle();
    const body = { spec: { taints: [{ key: "fire", effect: "NoExecute" }] } };
    await client.patch(NODES, { namespace: "", name: "kind-worker" }, { type: "merge", body });
    await cluster.settle(1000);
    expect(await leaving()).toEqual(["fickle"]);
    await cluster.settle(60_000);
    expect(await leaving()).toEqual(["fickle", "patient"]);
  });
});
