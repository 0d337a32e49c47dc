import { afterEach, describe, expect, it } from "vitest";
import type { Client } from "../client/client";
import {
  EVENTS,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  SERVICES,
  STORAGE_CLASSES,
} from "../client/resources";
import { FakeClock } from "../clock";
import { createCluster, type Cluster } from "../cluster";
import type { AddonName } from "./addons";

describe("add-ons", () => {
  const clock = new FakeClock();
  let cluster: Cluster;
  let client: Client;
  const failures: unknown[] = [];

  const start = async (...addons: AddonName[]) => {
    const onError = (...failure: unknown[]) => void failures.push(failure);
    cluster = await createCluster({ clock, seed: 7, addons, certificate: "CA", onError });
    client = cluster.client();
    const ready = cluster.ready();
    for (let step = 0; step < 40; step++) await cluster.settle(500);
    await ready;
  };
  const until = async (isDone: () => Promise<boolean>) => {
    for (let step = 0; step < 100; step++) {
      if (await isDone()) return;
      await cluster.settle(200);
    }
    throw new Error("it did not happen within 20 s");
  };
  afterEach(async () => {
    await cluster.stop();
    expect(failures).toEqual([]);
  });

  describe("local-path", () => {
    const claim = (name: string, accessModes = ["ReadWriteOnce"]) =>
      client.create(PERSISTENT_VOLUME_CLAIMS, {
        metadata: { name, namespace: "default" },
        spec: { accessModes, resources: { requests: { storage: "1Gi" } } },
      });
    const run = (name: string, claimName: string) =>
      client.create(PODS, {
        metadata: { name, namespace: "default" },
        spec: {
          containers: [{ name: "c", image: "nginx:1.27", volumeMounts: [{ name: "v", mountPath: "/data" }] }],
          volumes: [{ name: "v", persistentVolumeClaim: { claimName } }],
          automountServiceAccountToken: false,
        },
      });
    const claimOf = (name: string) => client.get(PERSISTENT_VOLUME_CLAIMS, { namespace: "default", name });
    const podOf = (name: string) => client.get(PODS, { namespace: "default", name });
    const reasons = async (name: string) =>
      (await client.list(EVENTS, "default")).items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ reason }) => reason);

    it("waits for the first pod, makes a folder on its node, and takes it away with the claim", async () => {
      await start("local-path");
      expect((await client.list(STORAGE_CLASSES, "")).items.map(({ metadata }) => metadata.name)).toEqual(["standard"]);
      await claim("data");
      await cluster.settle(1000);
      expect(await claimOf("data")).toMatchObject({
        spec: { storageClassName: "standard" },
        status: { phase: "Pending" },
      });
      await run("web", "data");
      await until(async () => (await podOf("web")).status?.phase === "Running");
      const { spec, metadata, status } = await claimOf("data");
      expect(status?.phase).toBe("Bound");
      expect(new Set(await reasons("data"))).toEqual(
        new Set(["WaitForFirstConsumer", "ExternalProvisioning", "Provisioning", "ProvisioningSucceeded"]),
      );
      const volume = await client.get(PERSISTENT_VOLUMES, { namespace: "", name: spec?.volumeName ?? "" });
      const node = (await podOf("web")).spec?.nodeName;
      expect(volume).toMatchObject({
        metadata: {
          name: `pvc-${metadata.uid}`,
          annotations: { "pv.kubernetes.io/provisioned-by": "rancher.io/local-path" },
        },
        spec: {
          hostPath: { path: `/var/local-path-provisioner/pvc-${metadata.uid}_default_data` },
          nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ values: [node] }] }] } },
          persistentVolumeReclaimPolicy: "Delete",
        },
      });
      await client.delete(PODS, { namespace: "default", name: "web" }, { gracePeriodSeconds: 0 });
      await client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace: "default", name: "data" });
      await until(async () => (await client.list(PERSISTENT_VOLUMES, "")).items.length === 0);
    });

    it("refuses what a folder on one node cannot be", async () => {
      await start("local-path");
      await claim("shared", ["ReadWriteMany"]);
      await run("web", "shared");
      await cluster.settle(3000);
      const { items } = await client.list(EVENTS, "default");
      expect(items.map(({ message }) => message)).toContain(
        'failed to provision volume with StorageClass "standard": NodePath only supports ReadWriteOnce and ' +
          "ReadWriteOncePod (1.22+) access modes",
      );
    });
  });

  describe("load-balancer", () => {
    const expose = (name: string, type = "LoadBalancer") =>
      client.create(SERVICES, { metadata: { name, namespace: "default" }, spec: { type, ports: [{ port: 80 }] } });
    const addressOf = async (name: string) =>
      (await client.get(SERVICES, { namespace: "default", name })).status?.loadBalancer?.ingress?.[0]?.ip;

    it("gives each Service the first free address and takes it back", async () => {
      await start("load-balancer");
      await expose("one");
      await expose("two");
      await cluster.settle();
      expect([await addressOf("one"), await addressOf("two")]).toEqual(["172.18.255.200", "172.18.255.201"]);
      const body = { spec: { type: "ClusterIP" } };
      await client.patch(SERVICES, { namespace: "default", name: "one" }, { type: "merge", body });
      await cluster.settle();
      expect(await addressOf("one")).toBeUndefined();
      await expose("three");
      await client.delete(SERVICES, { namespace: "default", name: "two" });
      await cluster.settle();
      expect(await addressOf("three")).toBe("172.18.255.200");
      await expect(client.get(SERVICES, { namespace: "default", name: "two" })).rejects.toThrow("not found");
    });

    it("is not there by default: an address is awaited for ever", async () => {
      await start();
      await expose("web");
      await cluster.settle();
      expect(await addressOf("web")).toBeUndefined();
    });
  });
});
