import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Client } from "./client/client";
import { CONFIG_MAPS, DEPLOYMENTS, PODS } from "./client/resources";
import { FakeClock } from "./clock";
import { createCluster, type Cluster } from "./cluster";
import { askServer } from "./network/resolver";

const KEY = { namespace: "kube-system", name: "coredns" };

describe("CoreDNS in a cluster", () => {
  let clock: FakeClock;
  let cluster: Cluster;
  let client: Client;

  beforeEach(async () => {
    clock = new FakeClock();
    cluster = await createCluster({ clock, seed: 1, certificate: "CA" });
    client = cluster.client();
    await cluster.settle(20_000);
  });

  afterEach(() => cluster.stop());

  const ask = async (name: string): Promise<string> => {
    const host = cluster.network?.hostAt("172.18.0.3");
    if (!host) throw new Error("no such machine");
    const asking = askServer(host, "10.96.0.10", name, "A", 2000);
    await clock.advance(2500);
    const answer = await asking;
    if (!answer) return "nobody";
    return (
      answer.answers.map((record) => ("address" in record ? record.address : "")).join(" ") || `code ${answer.code}`
    );
  };
  const edit = async (change: (corefile: string) => string): Promise<void> => {
    const config = await client.get(CONFIG_MAPS, KEY);
    await client.update(CONFIG_MAPS, { ...config, data: { Corefile: change(config.data?.Corefile ?? "") } });
    await cluster.settle(60_000);
  };
  const SHOP = "rewrite name shop.test kubernetes.default.svc.cluster.local";

  it("takes up an edited Corefile after its reload interval", async () => {
    expect(await ask("kubernetes.default.svc.cluster.local")).toBe("10.96.0.1");
    expect(await ask("shop.test")).toBe("code 3");
    await edit((corefile) => corefile.replace("    errors\n", `    errors\n    ${SHOP}\n`));
    expect(await ask("shop.test")).toBe("10.96.0.1");
  });

  it("goes on with the one before when the new one is wrong, and does not start with it", async () => {
    await edit((corefile) => corefile.replace("    ready\n", "    redy\n"));
    expect(await ask("kubernetes.default.svc.cluster.local")).toBe("10.96.0.1");
    for (const { metadata } of (await client.list(PODS, "kube-system")).items) {
      if (metadata.name.startsWith("coredns-")) await client.delete(PODS, { ...KEY, name: metadata.name });
    }
    await cluster.settle(60_000);
    expect(await ask("kubernetes.default.svc.cluster.local")).toBe("nobody");
    const { items } = await client.list(PODS, "kube-system");
    const restarts = items.filter(({ metadata }) => metadata.name.startsWith("coredns-"));
    expect(restarts.map(({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason)).toContain(
      "CrashLoopBackOff",
    );
  });

  it("answers nobody when it is scaled away", async () => {
    const deployment = await client.get(DEPLOYMENTS, KEY);
    await client.update(DEPLOYMENTS, { ...deployment, spec: { ...deployment.spec!, replicas: 0 } });
    await cluster.settle(60_000);
    expect(await ask("kubernetes.default.svc.cluster.local")).toBe("nobody");
  });
});
