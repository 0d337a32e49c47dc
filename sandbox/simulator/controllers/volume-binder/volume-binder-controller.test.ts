import { beforeEach, describe, expect, it } from "vitest";
import type { PersistentVolumeClaimSpec, PersistentVolumeSpec } from "../../api/generated/kubernetes";
import type { Client } from "../../client/client";
import { EVENTS, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES } from "../../client/resources";
import { FakeClock } from "../../clock";
import { createCluster, type Cluster } from "../../cluster";

describe("the volume binder", () => {
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

  const volume = async (name: string, storage: string, more: PersistentVolumeSpec = {}, labels = {}) => {
    const spec = {
      capacity: { storage },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "manual",
      hostPath: { path: `/data/${name}` },
      ...more,
    };
    await client.create(PERSISTENT_VOLUMES, { metadata: { name, labels }, spec });
    await cluster.settle();
  };
  const claim = async (name: string, storage: string, more: PersistentVolumeClaimSpec = {}) => {
    const spec = {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "manual",
      resources: { requests: { storage } },
      ...more,
    };
    await client.create(PERSISTENT_VOLUME_CLAIMS, { metadata: { name, namespace: "default" }, spec });
    await cluster.settle();
  };
  const claimOf = (name: string) => client.get(PERSISTENT_VOLUME_CLAIMS, { namespace: "default", name });
  const volumeOf = (name: string) => client.get(PERSISTENT_VOLUMES, { namespace: "", name });
  const bound = async (name: string) => {
    const { spec, status } = await claimOf(name);
    return `${status?.phase ?? ""} ${spec?.volumeName ?? "-"}`;
  };
  const said = async () =>
    (await client.list(EVENTS, "default")).items.map(({ reason, message }) => `${reason ?? ""}: ${message ?? ""}`);

  it("leaves growing a bound claim to somebody else, and says so", async () => {
    const metadata = { name: "manual" };
    await client.create(STORAGE_CLASSES, { metadata, provisioner: "nobody", allowVolumeExpansion: true });
    await volume("disk", "10Gi");
    await claim("data", "1Gi");
    const body = { spec: { resources: { requests: { storage: "20Gi" } } } };
    await client.patch(PERSISTENT_VOLUME_CLAIMS, { namespace: "default", name: "data" }, { type: "merge", body });
    await cluster.settle();
    expect(await said()).toEqual(["ExternalExpanding: waiting for an external controller to expand this PVC"]);
    expect((await claimOf("data")).status?.capacity?.storage).toBe("10Gi");
  });

  it("gives a claim the smallest volume that is large enough, and both say so", async () => {
    await volume("huge", "10Gi");
    await volume("right", "1Gi");
    await volume("small", "100Mi");
    await claim("data", "500Mi");
    expect(await claimOf("data")).toMatchObject({
      metadata: {
        annotations: { "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes" },
        finalizers: ["kubernetes.io/pvc-protection"],
      },
      spec: { volumeName: "right" },
      status: { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" } },
    });
    expect(await volumeOf("right")).toMatchObject({
      metadata: { finalizers: ["kubernetes.io/pv-protection"] },
      spec: { claimRef: { name: "data", namespace: "default" } },
      status: { phase: "Bound" },
    });
    expect((await volumeOf("huge")).status?.phase).toBe("Available");
  });

  it("looks at class, access modes, mode and labels, and binds when a fitting volume comes", async () => {
    await volume("other-class", "1Gi", { storageClassName: "fast" });
    await volume("read-only", "1Gi", { accessModes: ["ReadOnlyMany"] });
    await volume("block", "1Gi", { volumeMode: "Block" });
    await volume("no-label", "1Gi");
    await claim("picky", "1Gi", { selector: { matchLabels: { disk: "ssd" } } });
    expect(await bound("picky")).toBe("Pending -");
    await volume("labelled", "1Gi", {}, { disk: "ssd" });
    expect(await bound("picky")).toBe("Bound labelled");
  });

  it("says why a claim waits", async () => {
    await client.create(STORAGE_CLASSES, {
      metadata: { name: "late" },
      provisioner: "example.com/disk",
      volumeBindingMode: "WaitForFirstConsumer",
    });
    await client.create(STORAGE_CLASSES, { metadata: { name: "now" }, provisioner: "example.com/disk" });
    await claim("classless", "1Gi", { storageClassName: "" });
    await claim("unknown", "1Gi", { storageClassName: "nope" });
    await claim("patient", "1Gi", { storageClassName: "late" });
    await claim("external", "1Gi", { storageClassName: "now" });
    expect((await said()).sort()).toEqual([
      "ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example.com/disk' " +
        "or manually by the system administrator. If volume creation is delayed, please verify that the provisioner " +
        "is running and correctly registered.",
      "FailedBinding: no persistent volumes available for this claim and no storage class is set",
      'ProvisioningFailed: storageclass.storage.k8s.io "nope" not found',
      "WaitForFirstConsumer: waiting for first consumer to be created before binding",
    ]);
    expect((await claimOf("external")).metadata.annotations).toEqual({
      "volume.beta.kubernetes.io/storage-provisioner": "example.com/disk",
      "volume.kubernetes.io/storage-provisioner": "example.com/disk",
    });
  });

  it("holds a claim to the volume it names", async () => {
    await volume("mine", "1Gi");
    await claim("greedy", "2Gi", { volumeName: "mine" });
    expect(await bound("greedy")).toBe("Pending mine");
    expect(await said()).toEqual(['VolumeMismatch: Cannot bind to requested volume "mine": requested PV is too small']);
    await claim("modest", "1Gi", { volumeName: "mine" });
    expect(await bound("modest")).toBe("Bound mine");
  });

  it("keeps a reserved volume for its claim", async () => {
    await volume("reserved", "1Gi", { claimRef: { namespace: "default", name: "owner" } });
    await claim("stranger", "1Gi");
    expect(await bound("stranger")).toBe("Pending -");
    await claim("owner", "1Gi");
    expect(await bound("owner")).toBe("Bound reserved");
    expect((await volumeOf("reserved")).metadata.annotations).toBeUndefined();
  });

  it("releases a volume whose claim goes, and deletes it only where it can", async () => {
    await volume("kept", "1Gi", { persistentVolumeReclaimPolicy: "Retain" });
    await claim("a", "1Gi");
    await volume("gone", "2Gi", { persistentVolumeReclaimPolicy: "Delete", hostPath: { path: "/tmp/gone" } });
    await claim("b", "2Gi");
    await volume("stuck", "3Gi", { persistentVolumeReclaimPolicy: "Delete" });
    await claim("c", "3Gi");
    for (const name of ["a", "b", "c"]) {
      await client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace: "default", name });
    }
    await cluster.settle();
    expect((await volumeOf("kept")).status?.phase).toBe("Released");
    await expect(volumeOf("gone")).rejects.toThrow("not found");
    expect((await volumeOf("stuck")).status).toMatchObject({
      phase: "Failed",
      message: "host_path deleter only supports /tmp/.+ but received provided /data/stuck",
    });
    await claim("next", "1Gi");
    expect(await bound("next")).toBe("Pending -");
  });

  it("keeps a claim while a pod on a node mounts it, and a volume while it is bound", async () => {
    await volume("disk", "1Gi");
    await claim("data", "1Gi");
    await client.create(PODS, {
      metadata: { name: "user", namespace: "default" },
      spec: {
        nodeName: "kind-worker",
        containers: [{ name: "c", image: "nginx" }],
        volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }],
      },
    });
    await client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace: "default", name: "data" });
    await client.delete(PERSISTENT_VOLUMES, { namespace: "", name: "disk" });
    await cluster.settle();
    expect((await claimOf("data")).metadata.deletionTimestamp).toBeDefined();
    await client.delete(PODS, { namespace: "default", name: "user" }, { gracePeriodSeconds: 0 });
    await cluster.settle();
    await expect(claimOf("data")).rejects.toThrow("not found");
    await expect(volumeOf("disk")).rejects.toThrow("not found");
  });

  it("calls a claim lost whose volume was taken away", async () => {
    await volume("disk", "1Gi");
    await claim("data", "1Gi");
    const key = { namespace: "", name: "disk" };
    await client.delete(PERSISTENT_VOLUMES, key);
    await client.patch(PERSISTENT_VOLUMES, key, { type: "merge", body: { metadata: { finalizers: null } } });
    await cluster.settle();
    expect((await claimOf("data")).status?.phase).toBe("Lost");
    expect(await said()).toEqual(["ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!"]);
  });

  it("gives claims without a class the default one, those made before it too", async () => {
    await claim("early", "1Gi", { storageClassName: undefined });
    const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
    await client.create(STORAGE_CLASSES, { metadata: { name: "standard", annotations }, provisioner: "example.com/x" });
    await cluster.settle();
    await claim("late", "1Gi", { storageClassName: undefined });
    expect((await claimOf("early")).spec?.storageClassName).toBe("standard");
    expect((await claimOf("late")).spec?.storageClassName).toBe("standard");
  });
});
