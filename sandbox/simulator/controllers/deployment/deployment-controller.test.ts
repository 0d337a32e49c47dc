import { beforeEach, describe, expect, it } from "vitest";
import type { Deployment, DeploymentSpec, Pod, PodTemplateSpec } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import type { Client } from "../../client/client";
import { DEPLOYMENTS, EVENTS, PODS, REPLICA_SETS } from "../../client/resources";
import { FakeClock, toTime } from "../../clock";
import { createCluster, type Cluster } from "../../cluster";

const KEY = { namespace: "default", name: "web" };

describe("the deployment controller", () => {
  let clock: FakeClock;
  let cluster: Cluster;
  let client: Client;
  let failures: unknown[];

  beforeEach(async () => {
    clock = new FakeClock();
    failures = [];
    const onError = (...failure: unknown[]) => void failures.push(failure);
    cluster = await createCluster({ clock, seed: 3, profile: "control-plane", certificate: "CA", onError });
    await cluster.settle();
    client = cluster.client();
    return async () => {
      expect(failures).toEqual([]);
      await cluster.stop();
    };
  });

  const create = async (spec: Partial<DeploymentSpec> = {}) => {
    await client.create(DEPLOYMENTS, deployment(spec));
    await cluster.settle();
  };
  const change = async (body: unknown) => {
    await client.patch(DEPLOYMENTS, KEY, { type: "strategic", body });
    await cluster.settle();
  };
  const setImage = (image: string) =>
    change({ spec: { template: { spec: { containers: [{ name: "web", image }] } } } });
  const sizes = async () => {
    const { items } = await client.list(REPLICA_SETS, "default");
    const pairs = items.map(({ spec }): [string, number] => [imageOf(spec?.template), spec?.replicas ?? 0]);
    return Object.fromEntries<number>(pairs);
  };
  const status = async () => (await client.get(DEPLOYMENTS, KEY)).status;
  const condition = async (type: string) => (await status())?.conditions?.find((each) => each.type === type);
  const makeReady = async (which: (pod: Stored<Pod>) => boolean = () => true) => {
    const { items } = await client.list(PODS, "default");
    for (const pod of items.filter((each) => !each.metadata.deletionTimestamp && which(each))) {
      await client.updateStatus(PODS, { ...pod, status: { phase: "Running", conditions: [readyAt(clock)] } });
    }
    await cluster.settle();
  };
  /** What a kubelet does with pods that are to go. */
  const reap = async () => {
    const { items } = await client.list(PODS, "default");
    for (const { metadata } of items.filter((each) => each.metadata.deletionTimestamp)) {
      await client.delete(PODS, { namespace: "default", name: metadata.name }, { gracePeriodSeconds: 0 });
    }
    await cluster.settle();
  };

  it("gives its ReplicaSet another name where the one it would have is taken", async () => {
    await create();
    await client.delete(DEPLOYMENTS, KEY, { propagationPolicy: "Orphan" });
    await cluster.settle();
    const [left] = (await client.list(REPLICA_SETS, "default")).items;
    const key = { namespace: "default", name: left?.metadata.name ?? "" };
    const labels = { app: "another" };
    await client.patch(REPLICA_SETS, key, { type: "merge", body: { metadata: { labels } } });
    await create();
    await cluster.settle(1000);
    expect(await status()).toMatchObject({ collisionCount: 1, replicas: 3 });
    expect((await client.list(REPLICA_SETS, "default")).items).toHaveLength(2);
  });

  it("makes the ReplicaSet, then says when enough pods are there", async () => {
    await create();
    expect(await sizes()).toEqual({ "nginx:1": 3 });
    expect(await condition("Available")).toMatchObject({ status: "False", reason: "MinimumReplicasUnavailable" });
    await makeReady();
    expect(await status()).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      updatedReplicas: 3,
      terminatingReplicas: 0,
    });
    expect(await condition("Progressing")).toMatchObject({ status: "True", reason: "NewReplicaSetAvailable" });
    expect((await client.get(DEPLOYMENTS, KEY)).metadata.annotations).toEqual({
      "deployment.kubernetes.io/revision": "1",
    });
  });

  it("rolls on step by step, never below what must be up nor above the surge", async () => {
    await create();
    await makeReady();
    await setImage("nginx:2");
    expect(await sizes()).toEqual({ "nginx:1": 3, "nginx:2": 1 });
    const steps: unknown[] = [];
    for (let step = 0; step < 3; step++) {
      await makeReady();
      await reap();
      steps.push(await sizes());
    }
    expect(steps).toEqual([
      { "nginx:1": 2, "nginx:2": 2 },
      { "nginx:1": 1, "nginx:2": 3 },
      { "nginx:1": 0, "nginx:2": 3 },
    ]);
    expect((await client.get(DEPLOYMENTS, KEY)).metadata.annotations).toEqual({
      "deployment.kubernetes.io/revision": "2",
    });
    const messages = (await client.list(EVENTS, "default")).items
      .filter(({ reason }) => reason === "ScalingReplicaSet")
      .map(({ message }) => message?.replace(/web-\w+/, "SET"));
    expect(messages).toEqual([
      "Scaled up replica set SET from 0 to 3",
      "Scaled up replica set SET from 0 to 1",
      "Scaled down replica set SET from 3 to 2",
      "Scaled up replica set SET from 1 to 2",
      "Scaled down replica set SET from 2 to 1",
      "Scaled up replica set SET from 2 to 3",
      "Scaled down replica set SET from 1 to 0",
    ]);
  });

  it("gives a template it has seen before its old ReplicaSet and a new revision", async () => {
    await create({ replicas: 1 });
    await makeReady();
    await setImage("nginx:2");
    await makeReady();
    await setImage("nginx:1");
    await makeReady();
    const { items } = await client.list(REPLICA_SETS, "default");
    const revisions = items.map(({ metadata, spec }) => [
      imageOf(spec?.template),
      metadata.annotations?.["deployment.kubernetes.io/revision"],
      metadata.annotations?.["deployment.kubernetes.io/revision-history"],
    ]);
    expect(revisions.sort()).toEqual([
      ["nginx:1", "3", "1"],
      ["nginx:2", "2", undefined],
    ]);
  });

  it("takes all old pods down before it makes new ones when the strategy is Recreate", async () => {
    await create({ strategy: { type: "Recreate" } });
    await makeReady();
    await setImage("nginx:2");
    expect(await sizes()).toEqual({ "nginx:1": 0 });
    await reap();
    expect(await sizes()).toEqual({ "nginx:1": 0, "nginx:2": 3 });
  });

  it("stands still while paused, but scales", async () => {
    await create({ paused: true, replicas: 0 });
    await change({ spec: { paused: false, replicas: 2 } });
    await makeReady();
    await change({ spec: { paused: true } });
    await setImage("nginx:2");
    await change({ spec: { replicas: 4 } });
    expect(await sizes()).toEqual({ "nginx:1": 4 });
    expect(await condition("Progressing")).toMatchObject({ status: "Unknown", reason: "DeploymentPaused" });
    await change({ spec: { paused: false } });
    expect(await sizes()).toEqual({ "nginx:1": 3, "nginx:2": 2 });
  });

  it("scales every ReplicaSet in proportion in the middle of a rollout", async () => {
    await create({ replicas: 10, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } });
    await makeReady();
    await setImage("nginx:2");
    expect(await sizes()).toEqual({ "nginx:1": 8, "nginx:2": 5 });
    await change({ spec: { replicas: 15 } });
    expect(await sizes()).toEqual({ "nginx:1": 11, "nginx:2": 7 });
  });

  it("says that it is stuck once the deadline has passed", async () => {
    await create({ progressDeadlineSeconds: 5 });
    await clock.advance(4000);
    expect(await condition("Progressing")).toMatchObject({ status: "True" });
    await clock.advance(3000);
    expect(await condition("Progressing")).toMatchObject({
      status: "False",
      reason: "ProgressDeadlineExceeded",
      message: expect.stringMatching(/^ReplicaSet "web-\w+" has timed out progressing\.$/),
    });
  });

  it("counts a pod as available only after minReadySeconds", async () => {
    await create({ minReadySeconds: 10, replicas: 1 });
    await makeReady();
    expect((await status())?.availableReplicas).toBeUndefined();
    await clock.advance(10_000);
    expect((await status())?.availableReplicas).toBe(1);
  });

  it("forgets the oldest revisions beyond the limit", async () => {
    await create({ replicas: 1, revisionHistoryLimit: 1 });
    for (const image of ["nginx:1", "nginx:2", "nginx:3", "nginx:4"]) {
      await setImage(image);
      for (let turn = 0; turn < 3; turn++) {
        await makeReady();
        await reap();
      }
    }
    expect(await sizes()).toEqual({ "nginx:3": 0, "nginx:4": 1 });
  });
});

function deployment(spec: Partial<DeploymentSpec>): Deployment {
  return {
    metadata: { ...KEY, labels: { app: "web" } },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx:1" }] } },
      ...spec,
    },
  };
}

function imageOf(template: PodTemplateSpec | undefined): string {
  return template?.spec?.containers[0]?.image ?? "";
}

function readyAt(clock: FakeClock) {
  return { type: "Ready", status: "True", lastTransitionTime: toTime(clock.now()) };
}
