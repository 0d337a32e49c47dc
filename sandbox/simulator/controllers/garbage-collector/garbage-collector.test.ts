import { beforeEach, describe, expect, it } from "vitest";
import type { ConfigMap, OwnerReference } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import type { Client } from "../../client/client";
import { CONFIG_MAPS } from "../../client/resources";
import { FakeClock } from "../../clock";
import { createCluster, type Cluster } from "../../cluster";

/** Every namespace has it. */
const ROOT_CA = "kube-root-ca.crt";

describe("the garbage collector", () => {
  let clock: FakeClock;
  let cluster: Cluster;
  let client: Client;

  beforeEach(async () => {
    clock = new FakeClock();
    const failures: unknown[] = [];
    const onError = (...failure: unknown[]) => void failures.push(failure);
    cluster = await createCluster({ clock, seed: 1, profile: "control-plane", certificate: "CA", onError });
    client = cluster.client();
    await cluster.settle();
    return async () => {
      await cluster.stop();
      expect(failures).toEqual([]);
    };
  });

  const create = (name: string, ...owners: OwnerReference[]) =>
    client.create(CONFIG_MAPS, { metadata: { name, namespace: "default", ownerReferences: owners } });
  const names = async () => {
    const { items } = await client.list(CONFIG_MAPS, "default");
    return items.map(({ metadata }) => metadata.name).filter((name) => name !== ROOT_CA);
  };
  const remove = (name: string, propagationPolicy: "Background" | "Foreground" | "Orphan") =>
    client.delete(CONFIG_MAPS, { namespace: "default", name }, { propagationPolicy });
  const settle = () => cluster.settle(50);

  it("deletes what an owner leaves behind, and what that leaves behind", async () => {
    const owner = await create("owner");
    const child = await create("child", ownedBy(owner));
    await create("grandchild", ownedBy(child));
    await create("stranger");
    await remove("owner", "Background");
    await settle();
    expect(await names()).toEqual(["stranger"]);
  });

  it("keeps what another owner still holds, without the one that is gone", async () => {
    const first = await create("first");
    const second = await create("second");
    await create("shared", ownedBy(first), ownedBy(second));
    await remove("first", "Background");
    await settle();
    const shared = await client.get(CONFIG_MAPS, { namespace: "default", name: "shared" });
    expect(shared.metadata.ownerReferences?.map(({ name }) => name)).toEqual(["second"]);
  });

  it("lets the owner go last in a foreground deletion", async () => {
    const owner = await create("owner");
    const child = await create("child", { ...ownedBy(owner), blockOwnerDeletion: true });
    await client.update(CONFIG_MAPS, { ...child, metadata: { ...child.metadata, finalizers: ["example.com/hold"] } });
    await remove("owner", "Foreground");
    await settle();
    expect(await names()).toEqual(["child", "owner"]);
    const body = { metadata: { finalizers: null } };
    await client.patch(CONFIG_MAPS, { namespace: "default", name: "child" }, { type: "merge", body });
    await settle();
    expect(await names()).toEqual([]);
  });

  it("leaves dependents alone, and ownerless, when they are to be orphaned", async () => {
    const owner = await create("owner");
    await create("child", ownedBy(owner));
    await remove("owner", "Orphan");
    await settle();
    expect(await names()).toEqual(["child"]);
    const child = await client.get(CONFIG_MAPS, { namespace: "default", name: "child" });
    expect(child.metadata.ownerReferences).toBeUndefined();
  });

  it("deletes what names an owner that never was, or another object of that name", async () => {
    const owner = await create("owner");
    await create("lost", { ...ownedBy(owner), name: "nobody", uid: "00000000-0000-4000-8000-000000000000" });
    await create("mistaken", { ...ownedBy(owner), uid: "00000000-0000-4000-8000-000000000001" });
    await settle();
    expect(await names()).toEqual(["owner"]);
  });

  describe("of owners that own each other", () => {
    const blocking = (owner: Stored<ConfigMap>) => ({ ...ownedBy(owner), blockOwnerDeletion: true });
    const circle = async (own: (owner: Stored<ConfigMap>) => OwnerReference) => {
      const first = await create("first");
      const second = await create("second", own(first));
      const third = await create("third", own(second));
      const ownerReferences = [own(third)];
      await client.update(CONFIG_MAPS, { ...first, metadata: { ...first.metadata, ownerReferences } });
      await settle();
      expect(await names()).toEqual(["first", "second", "third"]);
    };

    it.each(["Background", "Foreground"] as const)("lets all of them go after one, %s", async (policy) => {
      await circle(ownedBy);
      await remove("second", policy);
      await settle();
      expect(await names()).toEqual([]);
    });

    it.each(["Background", "Foreground"] as const)("opens a circle of those that wait, %s", async (policy) => {
      await circle(blocking);
      await remove("second", policy);
      await settle();
      expect(await names()).toEqual([]);
    });

    it("leaves the others alone, without the one that is gone, when they are to be orphaned", async () => {
      await circle(ownedBy);
      await remove("second", "Orphan");
      await settle();
      expect(await names()).toEqual(["first", "third"]);
    });

    it("keeps what waits for itself as it is, and does not busy itself with it", async () => {
      const own = await create("own");
      const ownerReferences = [blocking(own)];
      await client.update(CONFIG_MAPS, { ...own, metadata: { ...own.metadata, ownerReferences } });
      await remove("own", "Foreground");
      await settle();
      expect(await names()).toEqual(["own"]);
      const body = { metadata: { ownerReferences: null } };
      await client.patch(CONFIG_MAPS, { namespace: "default", name: "own" }, { type: "merge", body });
      await settle();
      expect(await names()).toEqual([]);
    });
  });
});

function ownedBy({ metadata }: Stored<ConfigMap>): OwnerReference {
  return { apiVersion: "v1", kind: "ConfigMap", name: metadata.name, uid: metadata.uid };
}
