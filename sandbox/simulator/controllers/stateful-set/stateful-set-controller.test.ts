import { beforeEach, describe, expect, it } from "vitest";
import type { StatefulSet, StatefulSetSpec } from "../../api/generated/kubernetes";
import { CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from "../../client/resources";
import { ControllersFixture } from "../controllers-fixture";

const KEY = { namespace: "default", name: "db" };

describe("the stateful set controller", () => {
  let fixture: ControllersFixture;

  beforeEach(async () => {
    fixture = await ControllersFixture.start();
  });

  const create = async (spec: Partial<StatefulSetSpec> = {}) => {
    await fixture.client.create(STATEFUL_SETS, statefulSet(spec));
    await fixture.cluster.settle();
  };
  const change = async (body: unknown) => {
    await fixture.client.patch(STATEFUL_SETS, KEY, { type: "strategic", body });
    await fixture.cluster.settle();
  };
  const setImage = (image: string) =>
    change({ spec: { template: { spec: { containers: [{ name: "main", image }] } } } });
  const images = async () =>
    Object.fromEntries(
      (await fixture.pods()).map(({ metadata, spec }) => [metadata.name, spec?.containers[0]?.image ?? ""]),
    );
  const status = async () => (await fixture.client.get(STATEFUL_SETS, KEY)).status;
  /** Makes pods ready and lets the gone ones go, until nothing changes any more. */
  const run = async () => {
    for (let before = ""; ;) {
      await fixture.makeReady();
      await fixture.reap();
      const now = JSON.stringify([await status(), await fixture.names()]);
      if (now === before) return;
      before = now;
    }
  };
  const claims = async () => (await fixture.client.list(PERSISTENT_VOLUME_CLAIMS, "default")).items;

  it("makes pods one after the other, each once the one before is ready", async () => {
    await create();
    expect(await fixture.names()).toEqual(["db-0"]);
    await fixture.makeReady();
    expect(await fixture.names()).toEqual(["db-0", "db-1"]);
    await run();
    expect(await fixture.names()).toEqual(["db-0", "db-1", "db-2"]);
    const [first] = await fixture.pods();
    expect(first?.spec).toMatchObject({ hostname: "db-0", subdomain: "db" });
    expect(first?.metadata.labels).toMatchObject({
      "apps.kubernetes.io/pod-index": "0",
      "statefulset.kubernetes.io/pod-name": "db-0",
    });
    expect(await status()).toMatchObject({ replicas: 3, readyReplicas: 3, currentReplicas: 3, updatedReplicas: 3 });
  });

  it("adopts a pod that has one of its names, and none that has another", async () => {
    const labels = { app: "db" };
    const spec = { containers: [{ name: "main", image: "postgres:16" }] };
    for (const name of ["db-1", "web-7d9c-x2x", "db"]) {
      await fixture.client.create(PODS, { metadata: { namespace: "default", name, labels }, spec });
    }
    await create();
    await run();
    const { items } = await fixture.client.list(PODS, "default");
    const owned = items.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === "db");
    expect(owned.map(({ metadata }) => metadata.name)).toEqual(["db-0", "db-1", "db-2"]);
    expect(await status()).toMatchObject({ replicas: 3, readyReplicas: 3 });
  });

  it("makes all pods at once where order does not matter", async () => {
    await create({ podManagementPolicy: "Parallel" });
    expect(await fixture.names()).toEqual(["db-0", "db-1", "db-2"]);
  });

  it("takes pods away from the top, one after the other", async () => {
    await create();
    await run();
    await change({ spec: { replicas: 1 } });
    expect(await fixture.names()).toEqual(["db-0", "db-1"]);
    await fixture.reap();
    expect(await fixture.names()).toEqual(["db-0"]);
    const told = (await fixture.events("db")).slice(-2);
    expect(told).toEqual([
      "SuccessfulDelete: Delete Pod db-2 in StatefulSet db successful",
      "SuccessfulDelete: Delete Pod db-1 in StatefulSet db successful",
    ]);
  });

  it("updates from the top down to the partition, and notes when the update is over", async () => {
    await create();
    await run();
    const before = (await status())?.currentRevision;
    await change({ spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } });
    await setImage("nginx:2");
    expect(await fixture.names()).toEqual(["db-0", "db-1"]);
    await run();
    expect(await images()).toEqual({ "db-0": "nginx:1", "db-1": "nginx:2", "db-2": "nginx:2" });
    expect(await status()).toMatchObject({ currentReplicas: 1, updatedReplicas: 2, currentRevision: before });
    await change({ spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
    await run();
    const after = await status();
    expect(after).toMatchObject({ currentReplicas: 3, updatedReplicas: 3, currentRevision: after?.updateRevision });
    expect(after?.currentRevision).not.toBe(before);
  });

  it("brings back a pod below the partition as it was", async () => {
    await create({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 3 } } });
    await run();
    await setImage("nginx:2");
    const [first] = await fixture.pods();
    if (first) await fixture.finish(first, 1);
    await fixture.cluster.settle();
    await run();
    expect(await images()).toMatchObject({ "db-0": "nginx:1" });
    expect(await fixture.events("db")).toContain(
      "RecreatingFailedPod: StatefulSet default/db is recreating failed Pod db-0",
    );
  });

  it("goes back to an old revision by raising it, and keeps no more than the limit", async () => {
    await create({ replicas: 1, revisionHistoryLimit: 1 });
    await run();
    for (const image of ["nginx:2", "nginx:3", "nginx:2"]) {
      await setImage(image);
      await run();
    }
    const { items } = await fixture.client.list(CONTROLLER_REVISIONS, "default");
    expect(items.map(({ revision }) => revision).sort()).toEqual([3, 4]);
    expect(await images()).toEqual({ "db-0": "nginx:2" });
  });

  it("leaves running pods alone with OnDelete", async () => {
    await create({ updateStrategy: { type: "OnDelete" } });
    await run();
    await setImage("nginx:2");
    await run();
    expect(await images()).toEqual({ "db-0": "nginx:1", "db-1": "nginx:1", "db-2": "nginx:1" });
  });

  it("starts at the ordinal it is told", async () => {
    await create({ ordinals: { start: 5 }, podManagementPolicy: "Parallel" });
    expect(await fixture.names()).toEqual(["db-5", "db-6", "db-7"]);
  });

  it("waits minReadySeconds before it goes on", async () => {
    await create({ minReadySeconds: 10 });
    await fixture.makeReady();
    expect(await fixture.names()).toEqual(["db-0"]);
    await fixture.cluster.settle(10_000);
    expect(await fixture.names()).toEqual(["db-0", "db-1"]);
  });

  it("gives each pod a claim that stays when the pod goes, or goes too where the policy says so", async () => {
    await create({ volumeClaimTemplates: CLAIM_TEMPLATES, replicas: 2 });
    await run();
    expect((await claims()).map(({ metadata }) => metadata.name)).toEqual(["data-db-0", "data-db-1"]);
    const [first] = await fixture.pods();
    expect(first?.spec?.volumes?.[0]).toEqual({ name: "data", persistentVolumeClaim: { claimName: "data-db-0" } });
    await change({ spec: { replicas: 1 } });
    await run();
    expect(await claims()).toHaveLength(2);
    await change({ spec: { replicas: 2 } });
    await run();
    await change({ spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Delete" } } });
    expect((await claims()).map(({ metadata }) => metadata.ownerReferences?.[0]?.kind)).toEqual([
      "StatefulSet",
      "StatefulSet",
    ]);
    await change({ spec: { replicas: 1 } });
    await run();
    const left = (await claims()).filter(({ metadata }) => !metadata.deletionTimestamp);
    expect(left.map(({ metadata }) => metadata.name)).toEqual(["data-db-0"]);
  });

  it("makes a pod whose claim is on its way out once that is gone", async () => {
    await create({ volumeClaimTemplates: CLAIM_TEMPLATES, replicas: 1 });
    await run();
    const key = { namespace: "default", name: "data-db-0" };
    const hold = (finalizers: string[]) =>
      fixture.client.patch(PERSISTENT_VOLUME_CLAIMS, key, { type: "merge", body: { metadata: { finalizers } } });
    await hold(["example.com/hold"]);
    await fixture.client.delete(PERSISTENT_VOLUME_CLAIMS, key);
    await fixture.client.delete(PODS, { namespace: "default", name: "db-0" }, { gracePeriodSeconds: 0 });
    await fixture.cluster.settle(5000);
    expect(await fixture.names()).toEqual([]);
    expect(await fixture.events("db")).toContain(
      "FailedCreate: Create Pod db-0 in StatefulSet db failed error: pvc data-db-0 is being deleted",
    );
    await hold([]);
    await fixture.cluster.settle(10_000);
    expect(await fixture.names()).toEqual(["db-0"]);
    expect((await claims()).map(({ metadata }) => metadata.deletionTimestamp)).toEqual([undefined]);
  });
});

const CLAIM_TEMPLATES = [
  {
    metadata: { name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
];

function statefulSet(spec: Partial<StatefulSetSpec>): StatefulSet {
  const labels = { app: "db" };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "db", namespace: "default" },
    spec: {
      serviceName: "db",
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx:1" }] } },
      ...spec,
    },
  };
}
