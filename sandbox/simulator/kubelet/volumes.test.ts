import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PodSpec } from "../api/generated/kubernetes";
import { CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS } from "../client/resources";
import { OneNode } from "./one-node";

describe("volumes on a node", () => {
  let node: OneNode;

  beforeEach(async () => {
    node = await OneNode.start();
  });
  afterEach(() => node.stop());

  const mounting = (volumes: PodSpec["volumes"], subPath?: string): Partial<PodSpec> => ({
    containers: [{ name: "main", image: "nginx:1.27", volumeMounts: [{ name: "v", mountPath: "/data", subPath }] }],
    volumes,
  });
  const bind = async (claim: string, path: string) => {
    await node.client.create(PERSISTENT_VOLUMES, {
      metadata: { name: "disk" },
      spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path } },
    });
    const made = await node.client.create(PERSISTENT_VOLUME_CLAIMS, {
      metadata: { name: claim, namespace: "default" },
      spec: { volumeName: "disk", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });
    await node.client.updateStatus(PERSISTENT_VOLUME_CLAIMS, { ...made, status: { phase: "Bound" } });
  };

  it("keeps what a pod wrote to its claim for the next pod", async () => {
    await bind("data", "/srv/disk");
    await node.run(mounting([{ name: "v", persistentVolumeClaim: { claimName: "data" } }]), "writer");
    await node.clock.advance(1000);
    node.runtime.write("main", "/data", "kept.txt", "hello");
    await node.client.delete(PODS, { namespace: "default", name: "writer" }, { gracePeriodSeconds: 0 });
    await node.clock.advance(5000);
    await node.run(mounting([{ name: "v", hostPath: { path: "/srv" } }]), "reader");
    await node.clock.advance(1000);
    expect(node.runtime.file("main", "/data", "disk/kept.txt")).toBe("hello");
  });

  it("waits for a claim that is not bound, and says so", async () => {
    await node.run(mounting([{ name: "v", persistentVolumeClaim: { claimName: "data" } }]));
    await node.clock.advance(1000);
    expect(await node.messages()).toEqual([
      "Warning FailedMount -: Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed " +
        "to process volumes=[v]: error processing PVC default/data: failed to fetch PVC from API server: " +
        'persistentvolumeclaims "data" not found',
    ]);
    await bind("data", "/srv/disk");
    await node.clock.advance(10_000);
    expect((await node.get()).status?.phase).toBe("Running");
  });

  it("holds a host path to its type", async () => {
    await node.run(mounting([{ name: "v", hostPath: { path: "/none", type: "Directory" } }]));
    await node.clock.advance(1000);
    expect(await node.messages()).toEqual([
      'Warning FailedMount -: MountVolume.SetUp failed for volume "v" : hostPath type check failed: /none is not a directory',
    ]);
  });

  it("brings changes of a ConfigMap to running pods", async () => {
    const key = { namespace: "default", name: "settings" };
    await node.client.create(CONFIG_MAPS, { metadata: key, data: { level: "info" } });
    await node.run(mounting([{ name: "v", configMap: { name: "settings" } }]));
    await node.clock.advance(1000);
    expect(node.runtime.file("main", "/data", "level")).toBe("info");
    await node.client.patch(CONFIG_MAPS, key, { type: "merge", body: { data: { level: "debug" } } });
    await node.clock.advance(2000);
    expect(node.runtime.file("main", "/data", "level")).toBe("debug");
  });
});
