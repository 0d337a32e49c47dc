import { ADMINISTRATOR, createCluster, type Cluster } from "@/sandbox/simulator/cluster";
import { SystemClock } from "@/sandbox/simulator/clock";
import { CONFIG_MAPS } from "@/sandbox/simulator/client/resources";
import type { Client } from "@/sandbox/simulator/client/client";
import { percentile } from "./figures";
import { boundPod, configMap, runningStatus } from "./objects";

/** Creates in this process, in a second: the whole chain, no encoding. */
export async function measureCreatesInside(count = 5_000): Promise<number> {
  return withCluster(async (cluster) => {
    const client = cluster.client();
    await createMaps(client, "warm", 0, 2_000);
    return (count / (await createMaps(client, "made", 0, count))) * 1000;
  });
}

/**
 * Time of creates into a collection of 50,000 objects ÷ into one of 500: medians of 100 batches of ten, so that neither
 * a collection of garbage nor a neighbour on the machine decides.
 */
export async function measureWriteCost(): Promise<number> {
  return withCluster(async (cluster) => {
    const client = cluster.client();
    await createMaps(client, "warm", 0, 3_000);
    await client.deleteCollection(CONFIG_MAPS, "default");
    await createMaps(client, "few", 0, 500);
    // The names sort before all others: the worst place for a list that is kept in order.
    const few = await medianOfBatches(client, "a");
    await createMaps(client, "many", 0, 50_000);
    return (await medianOfBatches(client, "aa")) / few;
  });
}

async function medianOfBatches(client: Client, prefix: string): Promise<number> {
  const times: number[] = [];
  for (let batch = 0; batch < 100; batch++) times.push(await createMaps(client, prefix, batch * 10, batch * 10 + 10));
  return percentile(times, 0.5);
}

/**
 * Bytes of heap that objects keep after a collection of garbage. Runs in a process of its own, with --expose-gc; bodies
 * come as JSON, as clients send them.
 */
export async function probeMemory(what: "config-maps" | "pods", count = 10_000): Promise<number> {
  return withCluster(async (cluster) => {
    const before = heapBytes();
    for (let index = 0; index < count; index++) {
      if (what === "config-maps") await send(cluster, "POST", "configmaps", configMap(`kept-${index}`));
      else await runPod(cluster, index);
      if (index % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await cluster.settle();
    return heapBytes() - before;
  });
}

async function createMaps(client: Client, prefix: string, from: number, to: number): Promise<number> {
  const begin = performance.now();
  for (let index = from; index < to; index++) {
    const metadata = { name: `${prefix}-${index}`, namespace: "default", labels: { app: "bench" } };
    await client.create(CONFIG_MAPS, { metadata, data: { "settings.ini": "colour = blue\n" } });
  }
  return performance.now() - begin;
}

/** Only the control plane: what is measured is the API server, beside controllers that watch it. */
async function withCluster<T>(work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = await createCluster({
    clock: new SystemClock(),
    seed: 1,
    profile: "control-plane",
    certificate: "none",
  });
  try {
    await cluster.ready();
    return await work(cluster);
  } finally {
    await cluster.stop();
  }
}

async function send(cluster: Cluster, method: string, path: string, body: string): Promise<string> {
  const peer = { certificate: { commonName: ADMINISTRATOR.username, organizations: [...ADMINISTRATOR.groups] } };
  const headers = { "content-type": "application/json" };
  const url = `https://localhost/api/v1/namespaces/default/${path}`;
  const response = await cluster.http.fetch(new Request(url, { method, headers, body }), peer);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

async function runPod(cluster: Cluster, index: number): Promise<void> {
  const name = `kept-${index}`;
  const pod = JSON.parse(await send(cluster, "POST", "pods", boundPod(name))) as object;
  await send(cluster, "PUT", `pods/${name}/status`, JSON.stringify({ ...pod, status: runningStatus(index) }));
}

function heapBytes(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}
