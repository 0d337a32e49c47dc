import { beforeEach, describe, expect, it } from "vitest";
import type { Client } from "../client/client";
import { EVENTS, NODES, PODS } from "../client/resources";
import { FakeClock } from "../clock";
import { createCluster, type Cluster } from "../cluster";
import { FaultError } from "./fault";
import { parseFault } from "./parse-fault";

describe("faults", () => {
  let cluster: Cluster;
  let client: Client;

  beforeEach(async () => {
    const failures: unknown[] = [];
    const onError = (...failure: unknown[]) => void failures.push(failure);
    cluster = await createCluster({ clock: new FakeClock(), seed: 11, certificate: "CA", onError });
    client = cluster.client();
    const ready = cluster.ready();
    await cluster.settle(3000);
    await ready;
    return async () => {
      await cluster.stop();
      expect(failures).toEqual([]);
    };
  });

  const inject = (text: string) => {
    if (!cluster.faults) throw new Error("no pods run here");
    return cluster.faults.inject(parseFault(text));
  };
  const run = async (name: string, more: object = {}) => {
    const containers = [{ name: "c", image: "nginx:1.27", ...more }];
    const metadata = { name, namespace: "default", labels: { app: name } };
    await client.create(PODS, { metadata, spec: { containers, automountServiceAccountToken: false } });
    for (let step = 0; step < 30 && (await podOf(name)).status?.phase !== "Running"; step++) await cluster.settle(200);
    return podOf(name);
  };
  const podOf = (name: string) => client.get(PODS, { namespace: "default", name });
  const restartOf = async (name: string) => {
    await cluster.settle(1500);
    const [status] = (await podOf(name)).status?.containerStatuses ?? [];
    const { reason, exitCode } = status?.lastState?.terminated ?? status?.state?.terminated ?? {};
    return { reason, exitCode };
  };

  it("a silent node is not ready after its grace period, and its pods are evicted when they tolerate it no longer", async () => {
    const pod = await run("web");
    const node = pod.spec?.nodeName ?? "";
    const lift = inject(`node-not-ready,node=${node}`);
    const nodeNow = () => client.get(NODES, { namespace: "", name: node });
    const ready = async () => (await nodeNow()).status?.conditions?.find(({ type }) => type === "Ready");
    await cluster.settle(45_000);
    expect((await ready())?.status).toBe("True");
    await cluster.settle(10_000);
    expect(await ready()).toMatchObject({
      status: "Unknown",
      reason: "NodeStatusUnknown",
      message: "Kubelet stopped posting node status.",
    });
    expect((await nodeNow()).spec?.taints).toMatchObject([
      { key: "node.kubernetes.io/unreachable", effect: "NoSchedule" },
      { key: "node.kubernetes.io/unreachable", effect: "NoExecute" },
    ]);
    expect((await podOf("web")).status?.conditions?.find(({ type }) => type === "Ready")?.status).toBe("False");
    await cluster.settle(290_000);
    expect((await podOf("web")).metadata.deletionTimestamp).toBeUndefined();
    await cluster.settle(20_000);
    // Deleted, and still there: nobody on the node says that it has ended.
    expect((await podOf("web")).metadata.deletionTimestamp).toBeDefined();
    await lift();
    await cluster.settle(5000);
    expect((await ready())?.status).toBe("True");
    expect((await nodeNow()).spec?.taints).toBeUndefined();
    await expect(podOf("web")).rejects.toThrow("not found");
    const said = (await client.list(EVENTS, "default")).items.map(({ reason }) => reason);
    expect(said).toEqual(expect.arrayContaining(["NodeNotReady", "NodeReady", "TaintManagerEviction"]));
  });

  it("a registry that is down refuses pulls until it is back", async () => {
    const lift = inject("registry-down");
    await run("web", { imagePullPolicy: "Always" });
    expect((await podOf("web")).status?.containerStatuses?.[0]?.state?.waiting?.message).toContain(
      "server misbehaving",
    );
    await lift();
    await cluster.settle(30_000);
    expect((await podOf("web")).status?.phase).toBe("Running");
  });

  it("a slow registry keeps pods waiting", async () => {
    inject("slow-pull,seconds=20");
    await run("web", { imagePullPolicy: "Always" });
    expect((await podOf("web")).status?.phase).toBe("Pending");
    await cluster.settle(20_000);
    expect((await podOf("web")).status?.phase).toBe("Running");
  });

  it("a killed pod ends with 137 and starts again", async () => {
    await run("web");
    inject("pod-killed,pod=default/app=web");
    expect(await restartOf("web")).toEqual({ reason: "Error", exitCode: 137 });
  });

  it("a container that holds more memory than it may is killed for it", async () => {
    await run("web", { resources: { limits: { memory: "64Mi" } } });
    inject("memory-hog,pod=default/web,bytes=100Mi");
    expect(await restartOf("web")).toEqual({ reason: "OOMKilled", exitCode: 137 });
  });

  it("lost packets and a dead DNS let callers wait until their time is up", async () => {
    const [web, client_] = [await run("web"), await run("caller")];
    const from = cluster.network?.hostAt(client_.status?.podIP ?? "");
    const reach = (address: string, port: number) =>
      from?.probe(port === 53 ? "UDP" : "TCP", { address, port }).outcome;
    expect(reach(web.status?.podIP ?? "", 80)).toBe("connected");
    const lift = inject("packet-loss,from=default/caller,to=default/app=web,percent=100");
    expect(reach(web.status?.podIP ?? "", 80)).toBe("timeout");
    await lift();
    expect(reach(web.status?.podIP ?? "", 80)).toBe("connected");
    expect(reach("10.96.0.10", 53)).toBe("connected");
    inject("dns-down");
    expect(reach("10.96.0.10", 53)).toBe("timeout");
  });

  it("that name what is not there are refused", () => {
    expect(() => inject("node-not-ready,node=nowhere")).toThrow(FaultError);
    expect(() => inject("earthquake")).toThrow('there is no fault "earthquake"');
    expect(() => inject("slow-pull")).toThrow("slow-pull wants seconds=…");
  });
});
