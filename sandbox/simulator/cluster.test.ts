import { describe, expect, it } from "vitest";
import { createCluster } from "./cluster";
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

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\n";

async function controlPlane() {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const cluster = await createCluster({
    clock,
    seed: 1,
    profile: "control-plane",
    certificate: CERTIFICATE,
    onError: (...error) => errors.push(error),
  });
  await cluster.settle();
  return { clock, cluster, client: cluster.client(), errors };
}

describe("a control plane", () => {
  it("gives every namespace its account and the cluster its Service", async () => {
    const { cluster, client, errors } = await controlPlane();
    const accounts = await client.list(SERVICE_ACCOUNTS, "default");
    expect(accounts.items.map(({ metadata }) => metadata.name)).toEqual(["default"]);
    const service = await client.get(SERVICES, { namespace: "default", name: "kubernetes" });
    expect(service.spec?.clusterIP).toBe("10.96.0.1");
    expect(errors).toEqual([]);
    await cluster.stop();
  });

  it("makes a ReplicaSet and pods of a Deployment, and spreads them over the workers", async () => {
    const { cluster, client, errors } = await controlPlane();
    await client.create(DEPLOYMENTS, {
      metadata: { name: "web", namespace: "default", labels: { app: "web" } },
      spec: {
        replicas: 4,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "nginx", image: "nginx" }] },
        },
      },
    });
    await cluster.settle();
    const pods = await client.list(PODS, "default");
    const nodes = pods.items.map((pod) => pod.spec?.nodeName).sort();
    expect(nodes).toEqual(["kind-worker", "kind-worker", "kind-worker2", "kind-worker2"]);
    await client.delete(DEPLOYMENTS, { namespace: "default", name: "web" }, { propagationPolicy: "Background" });
    await cluster.settle();
    expect((await client.list(REPLICA_SETS, "default")).items).toEqual([]);
    expect(errors).toEqual([]);
    await cluster.stop();
  });

  it("empties a namespace that is deleted, and lets it go", async () => {
    const { cluster, client, errors } = await controlPlane();
    await client.create(NAMESPACES, { metadata: { name: "dev" } });
    await cluster.settle();
    await client.create(SERVICES, {
      metadata: { name: "web", namespace: "dev" },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    });
    await cluster.settle();
    expect((await client.list(ENDPOINT_SLICES, "dev")).items).toHaveLength(1);
    await client.delete(NAMESPACES, { namespace: "", name: "dev" });
    await cluster.settle();
    expect((await client.list(NAMESPACES, "")).items.map(({ metadata }) => metadata.name)).not.toContain("dev");
    expect(errors).toEqual([]);
    await cluster.stop();
  });
});
