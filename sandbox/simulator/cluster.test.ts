import { afterEach, describe, expect, it } from "vitest";
import type { AuthenticationTokenRequest, Deployment } from "./api/generated/kubernetes";
import type { StorageSnapshot } from "./apiserver/storage";
import type { Client } from "./client/client";
import {
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  NAMESPACES,
  PODS,
  REPLICA_SETS,
  SERVICE_ACCOUNTS,
  SERVICES,
} from "./client/resources";
import { FakeClock } from "./clock";
import { createCluster, type Cluster, type ClusterOptions } from "./cluster";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\n";
const running: Cluster[] = [];
const failures: unknown[] = [];

afterEach(async () => {
  for (const cluster of running.splice(0)) await cluster.stop();
  expect(failures.splice(0)).toEqual([]);
});

async function start(options: Partial<ClusterOptions> = {}) {
  const clock = new FakeClock();
  const onError = (...failure: unknown[]) => void failures.push(failure);
  const cluster = await createCluster({ clock, seed: 1, certificate: CERTIFICATE, onError, ...options });
  running.push(cluster);
  await cluster.settle();
  return { cluster, client: cluster.client() };
}

/** A whole cluster with its pods running. */
async function startFull(options: Partial<ClusterOptions> = {}) {
  const { cluster, client } = await start(options);
  let isReady = false;
  void cluster.ready().then(() => (isReady = true));
  await eventually(cluster, async () => {
    await Promise.resolve();
    expect(isReady).toBe(true);
  });
  return { cluster, client };
}

describe("a control plane", () => {
  it("gives every namespace its account and the cluster its Service", async () => {
    const { client } = await start({ profile: "control-plane" });
    const accounts = await client.list(SERVICE_ACCOUNTS, "default");
    expect(accounts.items.map(({ metadata }) => metadata.name)).toEqual(["default"]);
    const service = await client.get(SERVICES, { namespace: "default", name: "kubernetes" });
    expect(service.spec?.clusterIP).toBe("10.96.0.1");
  });

  it("brings the Service of the API server back when someone deletes it", async () => {
    const { cluster, client } = await start({ profile: "control-plane" });
    const key = { namespace: "default", name: "kubernetes" };
    const { metadata } = await client.get(SERVICES, key);
    await client.delete(SERVICES, key);
    await cluster.settle(1000);
    const again = await client.get(SERVICES, key);
    expect(again.spec?.clusterIP).toBe("10.96.0.1");
    expect(again.metadata.uid).not.toBe(metadata.uid);
  });

  it("makes a ReplicaSet and pods of a Deployment, and spreads them over the workers", async () => {
    const { cluster, client } = await start({ profile: "control-plane" });
    await client.create(DEPLOYMENTS, deployment("web", 4));
    await cluster.settle();
    const pods = await client.list(PODS, "default");
    const nodes = pods.items.map((pod) => pod.spec?.nodeName).sort();
    expect(nodes).toEqual(["kind-worker", "kind-worker", "kind-worker2", "kind-worker2"]);
    await client.delete(DEPLOYMENTS, { namespace: "default", name: "web" }, { propagationPolicy: "Background" });
    await cluster.settle();
    expect((await client.list(REPLICA_SETS, "default")).items).toEqual([]);
  });

  it("empties a namespace that is deleted, and lets it go", async () => {
    const { cluster, client } = await start({ profile: "control-plane" });
    await client.create(NAMESPACES, { metadata: { name: "dev" } });
    await cluster.settle();
    await client.create(SERVICES, service("web", "dev"));
    await cluster.settle();
    expect((await client.list(ENDPOINT_SLICES, "dev")).items).toHaveLength(1);
    await client.delete(NAMESPACES, { namespace: "", name: "dev" });
    await cluster.settle();
    expect((await client.list(NAMESPACES, "")).items.map(({ metadata }) => metadata.name)).not.toContain("dev");
  });

  it("makes the same cluster from the same seed", async () => {
    const names = async () => {
      const { cluster, client } = await start({ profile: "control-plane", seed: 42 });
      await client.create(DEPLOYMENTS, deployment("web", 2));
      await cluster.settle();
      return (await client.list(PODS, "default")).items.map(({ metadata }) => `${metadata.name} ${metadata.uid}`);
    };
    expect(await names()).toEqual(await names());
  });
});

describe("a whole cluster", () => {
  it("runs pods that a Service leads to, before and after one is replaced", async () => {
    const { cluster, client } = await startFull();
    await client.create(DEPLOYMENTS, deployment("web", 3));
    await client.create(SERVICES, service("web"));
    const addresses = async () => {
      const labelSelector = "kubernetes.io/service-name=web";
      const [slice] = (await client.list(ENDPOINT_SLICES, "default", { labelSelector })).items;
      return (slice?.endpoints ?? []).filter(({ conditions }) => conditions?.ready).flatMap((each) => each.addresses);
    };
    await eventually(cluster, async () => {
      expect(await addresses()).toHaveLength(3);
    });
    const before = await addresses();

    const [pod] = (await client.list(PODS, "default")).items;
    await client.delete(PODS, { namespace: "default", name: pod?.metadata.name ?? "" });
    await eventually(cluster, async () => {
      const after = await addresses();
      expect(after).toHaveLength(3);
      expect(after).not.toContain(pod?.status?.podIP);
      expect(after.filter((address) => before.includes(address))).toHaveLength(2);
    });
  });

  it("comes back from a snapshot as from a reboot: the same objects, containers started anew", async () => {
    const { cluster, client } = await startFull();
    await client.create(DEPLOYMENTS, deployment("web", 1));
    const onlyPod = async (from: Client) => (await from.list(PODS, "default")).items[0];
    await eventually(cluster, async () => {
      expect((await onlyPod(client))?.status?.containerStatuses).toMatchObject([{ ready: true, restartCount: 0 }]);
    });
    const before = await onlyPod(client);
    const { object } = await client.createSubresource(
      SERVICE_ACCOUNTS,
      { namespace: "default", name: "default" },
      "token",
      {},
    );
    const { token = "" } = (object as AuthenticationTokenRequest).status ?? {};
    // As text and back: what a save does.
    const snapshot = JSON.parse(JSON.stringify(cluster.snapshot())) as StorageSnapshot;
    await cluster.stop();

    const { cluster: resumed, client: again } = await startFull({ snapshot });
    await eventually(resumed, async () => {
      expect((await onlyPod(again))?.status?.containerStatuses).toMatchObject([{ ready: true, restartCount: 1 }]);
    });
    const after = await onlyPod(again);
    expect([after?.metadata.uid, after?.status?.podIP]).toEqual([before?.metadata.uid, before?.status?.podIP]);
    expect(Number(after?.metadata.resourceVersion)).toBeGreaterThan(snapshot.revision);
    expect(await userOf(resumed, token)).toBe("system:serviceaccount:default:default");
    const stale = resumed.client().watch(PODS, "", { resourceVersion: "5" }, { event: () => {}, closed: () => {} });
    await expect(stale).rejects.toMatchObject({ code: 410 });
  });
});

/** Who a token belongs to, by its own word over HTTP. */
async function userOf(cluster: Cluster, token: string): Promise<string | undefined> {
  const request = new Request("https://localhost/apis/authentication.k8s.io/v1/selfsubjectreviews", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: "{}",
  });
  const response = await cluster.http.fetch(request, {});
  const review = (await response.json()) as { status?: { userInfo?: { username?: string } } };
  return review.status?.userInfo?.username;
}

/** Programs in containers yield to the machine now and then, so cluster time alone does not say when they are done. */
async function eventually(cluster: Cluster, holds: () => Promise<void>): Promise<void> {
  for (let step = 0; step < 200; step++) {
    await cluster.settle(100);
    try {
      await holds();
      return;
    } catch (error) {
      if (step === 199) throw error;
    }
  }
}

function deployment(name: string, replicas: number): Deployment {
  return {
    metadata: { name, namespace: "default", labels: { app: name } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "nginx", image: "nginx" }] } },
    },
  };
}

function service(name: string, namespace = "default") {
  return { metadata: { name, namespace }, spec: { selector: { app: name }, ports: [{ port: 80 }] } };
}
