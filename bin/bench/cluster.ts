import type { Deployment } from "@/sandbox/simulator/api/generated/kubernetes";
import type { Stored } from "@/sandbox/simulator/api/object";
import { DEPLOYMENTS } from "@/sandbox/simulator/client/resources";
import { SystemClock } from "@/sandbox/simulator/clock";
import { createCluster, type Cluster } from "@/sandbox/simulator/cluster";
import { figure, percentile, type Figure } from "./figures";

const KEY = { namespace: "default", name: "web" };
const LABELS = { app: "web" };

/** The figures of the living cluster, in this process at natural speed: images at hand, no kubectl, no encoding. */
export async function measureCluster(progress: (what: string) => void): Promise<Figure[]> {
  progress("three replicas");
  const three = await withCluster(3, async (cluster) => {
    const times: number[] = [];
    for (let i = 0; i < 11; i++) {
      times.push(await timeToReady(cluster, 3));
      await remove(cluster);
    }
    return percentile(times.slice(1), 0.5);
  });
  progress("a thousand pods");
  const thousand = await withCluster(11, (cluster) => timeToReady(cluster, 1000));
  progress("a rolling update");
  const rolling = await withCluster(11, measureRollingUpdate);
  progress("an idle cluster");
  const idle = await withCluster(3, measureIdle);
  return [
    figure(
      "three-replicas",
      "create of a Deployment of 3 → watch says 3 ready replicas, p50 of 10 in one cluster of three nodes, nginx:1.27 present",
      "ms",
      three,
      300,
    ),
    figure(
      "thousand-pods",
      "create of a Deployment of 1,000 → watch says 1,000 ready replicas, ten nodes and a control plane, nginx:1.27 present",
      "ms",
      thousand,
      4000,
    ),
    figure(
      "rolling-update",
      "a new annotation in the template of a Deployment of 100 (25 % surge, 25 % unavailable) → 100 updated, available and no other",
      "ms",
      rolling,
      2000,
    ),
    figure(
      "idle-cluster",
      "processor time of this process over ten seconds with one idle cluster of three nodes, in per cent of a core",
      "ratio",
      idle,
      0.02,
    ),
  ];
}

async function withCluster<T>(nodes: number, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = await createCluster({ clock: new SystemClock(), seed: 1, nodes, certificate: "" });
  // The clock's timers keep no process alive.
  const alive = setInterval(() => undefined, 1000);
  try {
    await cluster.ready();
    return await work(cluster);
  } finally {
    clearInterval(alive);
    await cluster.stop();
  }
}

async function timeToReady(cluster: Cluster, replicas: number): Promise<number> {
  const ready = until(cluster, ({ status }) => status?.readyReplicas === replicas);
  const begin = performance.now();
  await cluster.client().create(DEPLOYMENTS, {
    metadata: KEY,
    spec: {
      replicas,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: { containers: [{ name: "web", image: "nginx:1.27" }] } },
    },
  });
  await ready;
  return performance.now() - begin;
}

async function remove(cluster: Cluster): Promise<void> {
  await cluster.client().delete(DEPLOYMENTS, KEY, { propagationPolicy: "Background" });
  await pause(1500);
}

async function measureRollingUpdate(cluster: Cluster): Promise<number> {
  await timeToReady(cluster, 100);
  const done = until(
    cluster,
    ({ metadata, status }) =>
      status?.observedGeneration === metadata.generation &&
      metadata.generation === 2 &&
      [status?.updatedReplicas, status?.availableReplicas, status?.replicas].every((count) => count === 100),
  );
  const begin = performance.now();
  const body = { spec: { template: { metadata: { annotations: { revision: "2" } } } } };
  await cluster.client().patch(DEPLOYMENTS, KEY, { type: "merge", body });
  await done;
  return performance.now() - begin;
}

async function measureIdle(): Promise<number> {
  await pause(2000);
  const before = process.cpuUsage();
  await pause(10_000);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1000 / 10_000) * 100;
}

async function until(cluster: Cluster, holds: (deployment: Stored<Deployment>) => boolean): Promise<void> {
  let found: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (found = resolve));
  const watch = await cluster.client().watch(
    DEPLOYMENTS,
    "default",
    {},
    {
      event({ type, object }) {
        if ((type === "ADDED" || type === "MODIFIED") && holds(object)) found();
      },
      closed: (error) => error && process.emitWarning(error),
    },
  );
  await done;
  watch.stop();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
