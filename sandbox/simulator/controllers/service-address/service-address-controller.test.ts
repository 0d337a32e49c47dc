import { afterEach, describe, expect, it } from "vitest";
import type { Service } from "../../api/generated/kubernetes";
import { IP_ADDRESSES, SERVICES } from "../../client/resources";
import { FakeClock } from "../../clock";
import { createCluster, type Cluster } from "../../cluster";

let cluster: Cluster;
afterEach(() => cluster.stop());

async function freshCluster() {
  cluster = await createCluster({ clock: new FakeClock(), seed: 1, certificate: "", profile: "control-plane" });
  await cluster.settle();
  const client = cluster.client();
  const addresses = async () => {
    await cluster.settle();
    const { items } = await client.list(IP_ADDRESSES, "");
    return items.map(({ metadata, spec }) => [metadata.name, spec.parentRef.name]);
  };
  const service: Service = {
    metadata: { name: "web", namespace: "default" },
    spec: { clusterIP: "10.96.0.50", ports: [{ port: 80 }] },
  };
  return { client, addresses, service };
}

describe("the addresses of Services", () => {
  it("come and go with the Service, and not for a headless one", async () => {
    const { client, addresses, service } = await freshCluster();
    expect(await addresses()).toEqual([["10.96.0.1", "kubernetes"]]);
    await client.create(SERVICES, service);
    await client.create(SERVICES, {
      metadata: { name: "headless", namespace: "default" },
      spec: { clusterIP: "None", ports: [{ port: 80 }] },
    });
    expect(await addresses()).toEqual([
      ["10.96.0.1", "kubernetes"],
      ["10.96.0.50", "web"],
    ]);
    await client.delete(SERVICES, { namespace: "default", name: "web" });
    expect(await addresses()).toEqual([["10.96.0.1", "kubernetes"]]);
  });

  it("come back when they are deleted by hand", async () => {
    const { client, addresses, service } = await freshCluster();
    await client.create(SERVICES, service);
    await cluster.settle();
    await client.delete(IP_ADDRESSES, { namespace: "", name: "10.96.0.50" });
    expect(await addresses()).toContainEqual(["10.96.0.50", "web"]);
  });
});
