import { beforeEach, describe, expect, it } from "vitest";
import type { Client } from "../../client/client";
import { CONFIG_MAPS, PODS, RESOURCE_QUOTAS } from "../../client/resources";
import { FakeClock } from "../../clock";
import { createCluster, type Cluster } from "../../cluster";

describe("resource quotas", () => {
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

  const limit = async (hard: Record<string, string>, scopes?: string[]) => {
    await client.create(RESOURCE_QUOTAS, { metadata: { name: "cap", namespace: "default" }, spec: { hard, scopes } });
    await cluster.settle(50);
  };
  const run = (name: string, requests?: Record<string, string>, limits?: Record<string, string>) => {
    const containers = [{ name: "web", image: "nginx", resources: { requests, limits } }];
    return client.create(PODS, { metadata: { name, namespace: "default" }, spec: { containers } });
  };
  const status = async () => (await client.get(RESOURCE_QUOTAS, { namespace: "default", name: "cap" })).status;

  it("counts what is there already, then charges what comes at once", async () => {
    await run("first", { cpu: "100m", memory: "64Mi" });
    await limit({ pods: "3", "requests.cpu": "1", "requests.memory": "1Gi" });
    expect(await status()).toEqual({
      hard: { pods: "3", "requests.cpu": "1", "requests.memory": "1Gi" },
      used: { pods: "1", "requests.cpu": "100m", "requests.memory": "64Mi" },
    });
    await run("second", { cpu: "900m", memory: "64Mi" });
    expect((await status())?.used).toEqual({ pods: "2", "requests.cpu": "1", "requests.memory": "128Mi" });
  });

  it("refuses what goes beyond it, and what does not say how much it wants", async () => {
    await limit({ "requests.cpu": "200m", "limits.memory": "1Gi" });
    await expect(run("silent", { cpu: "1m" })).rejects.toThrow(
      'pods "silent" is forbidden: failed quota: cap: must specify limits.memory for: web',
    );
    await expect(run("greedy", { cpu: "1" }, { memory: "2Gi" })).rejects.toThrow(
      'pods "greedy" is forbidden: exceeded quota: cap, requested: limits.memory=2Gi,requests.cpu=1, ' +
        "used: limits.memory=0,requests.cpu=0, limited: limits.memory=1Gi,requests.cpu=200m",
    );
  });

  it("gives back what deleted objects used", async () => {
    await limit({ configmaps: "2" });
    const create = (name: string) => client.create(CONFIG_MAPS, { metadata: { name, namespace: "default" } });
    await create("one");
    await expect(create("two")).rejects.toThrow(
      'configmaps "two" is forbidden: exceeded quota: cap, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
    );
    await client.delete(CONFIG_MAPS, { namespace: "default", name: "one" });
    await cluster.settle(50);
    expect((await status())?.used).toEqual({ configmaps: "1" });
    await create("two");
  });

  it("charges nothing for a dry run or a name that is taken", async () => {
    await run("web");
    await limit({ "count/pods": "5" });
    const containers = [{ name: "web", image: "nginx" }];
    const pod = (name: string) => ({ metadata: { name, namespace: "default" }, spec: { containers } });
    await client.create(PODS, pod("dry"), { dryRun: true });
    await expect(client.create(PODS, pod("web"))).rejects.toThrow("already exists");
    expect((await status())?.used).toEqual({ "count/pods": "1" });
  });

  it("leaves alone what is outside of its scopes", async () => {
    await limit({ pods: "0" }, ["BestEffort"]);
    await run("burstable", { cpu: "1m" });
    await expect(run("humble")).rejects.toThrow(
      "exceeded quota: cap, requested: pods=1, used: pods=0, limited: pods=0",
    );
  });
});
