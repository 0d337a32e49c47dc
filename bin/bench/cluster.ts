import type { Deployment } from "@/sandbox/simulator/api/generated/kubernetes";
import type { Stored } from "@/sandbox/simulator/api/object";
import { DEPLOYMENTS } from "@/sandbox/simulator/client/resources";
import { SystemClock } from "@/sandbox/simulator/clock";
import { createCluster, type Cluster } from "@/sandbox/simulator/cluster";
import { measureServiceHttp, measureServiceUpdate } from "./cluster-service";
import { figure, percentile, type Figure } from "./figures";
import { measureClusters, type ClusterHost } from "./idle-clusters";
import { measureExec } from "./kubectl";

const KEY = { namespace: "default", name: "web" };
const LABELS = { app: "web" };

export interface ClusterBenchOptions {
  readonly host: ClusterHost;
  readonly kubectl: string;
  readonly progress: (what: string) => void;
}

/** The figures of the living cluster at natural speed, images at hand: by the client in this process where nothing else is said. */
export async function measureCluster({ host, kubectl, progress }: ClusterBenchOptions): Promise<Figure[]> {
  progress("50 idle clusters");
  const idle = await measureClusters(host);
  progress("kubectl exec");
  const exec = await measureExec(kubectl, idle.kubeconfig);
  await idle.remove();
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
  const thousand = await withCluster(11, (cluster) => withProcessorTime(() => timeToReady(cluster, 1000)));
  progress("a rolling update");
  const rolling = await withCluster(11, measureRollingUpdate);
  progress("a Service");
  const rates = await withCluster(3, async (cluster) => {
    await timeToReady(cluster, 3);
    return measureServiceHttp(cluster);
  });
  progress("a Service with 5,000 endpoints");
  const updates = await withCluster(3, measureServiceUpdate);
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
      thousand.ms,
      4000,
    ),
    figure(
      "thousand-pods-processor",
      "processor time of this process meanwhile, all its threads",
      "ms",
      thousand.processorMs,
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
      "idle-cpu",
      "processor time of a cluster-host with 50 idle clusters over ten seconds ÷ 50, in per cent of a core",
      "ratio",
      idle.idlePerCent,
      0.02,
    ),
    figure("idle-memory", "(RSS of a cluster-host with 50 idle clusters − with 0) ÷ 50", "MB", idle.memory, 3),
    figure(
      "service-http",
      "GET / of nginx through a ClusterIP with three endpoints, from a pod, inside this process: 16 kept connections, 24,000",
      "per second",
      rates.kept,
      20_000,
    ),
    figure(
      "service-connections",
      "the same with a connection of its own for each request, 16 at a time, 8,000",
      "per second",
      rates.fresh,
      20_000,
    ),
    figure(
      "service-5000-endpoints",
      "update of an EndpointSlice of a Service with 5,000 endpoints in 50 slices → the next connection finds one fewer, p50 of 50",
      "ms",
      updates.endpoint,
      20,
    ),
    figure(
      "service-5000-update",
      "update of that Service (another port) → a connection to it finds the endpoints, p50 of 50",
      "ms",
      updates.service,
      20,
    ),
    figure(
      "kubectl-exec",
      "p50 of `kubectl exec` of a wget of a Service's page ÷ p50 of `kubectl version --client`, 50 each, over TLS",
      "ratio",
      exec,
      1.5,
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

/** The same, and what it cost: says more than the time where others use the machine too. */
async function withProcessorTime(work: () => Promise<number>): Promise<{ ms: number; processorMs: number }> {
  const before = process.cpuUsage();
  const ms = await work();
  const { user, system } = process.cpuUsage(before);
  return { ms, processorMs: (user + system) / 1000 };
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
