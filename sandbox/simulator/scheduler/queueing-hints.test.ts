import { describe, expect, it } from "vitest";
import type { Event, Pod, PodSpec } from "../api/generated/kubernetes";
import { EVENTS, NODES, PODS } from "../client/resources";
import { FakeClock } from "../clock";
import { createCluster, type Cluster } from "../cluster";

describe("a pod that fits nowhere is tried again", () => {
  it("when a node gets the label it asks for, and not when another pod comes or goes", async () => {
    await inCluster(async (cluster) => {
      await create(cluster, "picky", { nodeSelector: { disk: "tape" } });
      await create(cluster, "other", {});
      await cluster.client().delete(PODS, { namespace: "default", name: "other" });
      await cluster.settle(60_000);
      expect(await attempts(cluster, "picky")).toBe(1);
      const body = { metadata: { labels: { disk: "tape" } } };
      await cluster.client().patch(NODES, { namespace: "", name: "kind-worker" }, { type: "merge", body });
      await cluster.settle(20_000);
      expect(await nodeOf(cluster, "picky")).toBe("kind-worker");
    });
  });

  it("when a pod leaves the node that had no room, and not when a label changes", async () => {
    await inCluster(async (cluster) => {
      const large = { containers: [container({ cpu: "1500m" })] };
      for (const name of ["one", "two", "three"]) await create(cluster, name, large);
      const waiting = (await names(cluster)).find(({ node }) => node === undefined)?.name ?? "";
      const body = { metadata: { labels: { disk: "tape" } } };
      await cluster.client().patch(NODES, { namespace: "", name: "kind-worker" }, { type: "merge", body });
      await cluster.settle(20_000);
      expect(await attempts(cluster, waiting)).toBe(1);
      const [gone] = (await names(cluster)).filter(({ name }) => name !== waiting);
      await cluster.client().delete(PODS, { namespace: "default", name: gone?.name ?? "" });
      await cluster.settle(60_000);
      expect(await nodeOf(cluster, waiting)).toBe(gone?.node);
    });
  });

  it("when the pod it must be near to is there", async () => {
    await inCluster(async (cluster) => {
      const term = { labelSelector: { matchLabels: { app: "web" } }, topologyKey: "kubernetes.io/hostname" };
      const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
      await create(cluster, "friend", { affinity });
      await create(cluster, "stranger", {});
      expect(await attempts(cluster, "friend")).toBe(1);
      await create(cluster, "web", {}, { app: "web" });
      await cluster.settle(20_000);
      expect(await nodeOf(cluster, "friend")).toBe(await nodeOf(cluster, "web"));
    });
  });

  it("after five minutes whatever happened, which the event's series counts", async () => {
    await inCluster(async (cluster) => {
      await create(cluster, "picky", { nodeSelector: { disk: "tape" } });
      await cluster.settle(4 * 60_000);
      expect(await attempts(cluster, "picky")).toBe(1);
      await cluster.settle(2 * 60_000);
      expect(await attempts(cluster, "picky")).toBe(2);
    });
  });
});

async function inCluster(work: (cluster: Cluster) => Promise<void>): Promise<void> {
  const cluster = await createCluster({ clock: new FakeClock(), seed: 1, certificate: "CA" });
  try {
    await work(cluster);
  } finally {
    await cluster.stop();
  }
}

async function create(
  cluster: Cluster,
  name: string,
  spec: Partial<PodSpec>,
  labels: Record<string, string> = {},
): Promise<void> {
  const metadata = { namespace: "default", name, labels };
  await cluster.client().create(PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { terminationGracePeriodSeconds: 1, containers: [container({})], ...spec },
  });
  await cluster.settle(2_000);
}

function container(requests: Record<string, string>) {
  return { name: "c", image: "nginx:1.27", resources: { requests } };
}

async function names(cluster: Cluster): Promise<{ name: string; node: string | undefined }[]> {
  const { items } = await cluster.client().list(PODS, "default");
  return items.map(({ metadata, spec }: Pod) => ({ name: metadata?.name ?? "", node: spec?.nodeName }));
}

async function nodeOf(cluster: Cluster, name: string): Promise<string | undefined> {
  return (await names(cluster)).find((pod) => pod.name === name)?.node;
}

/** How often the scheduler has said that it found no node. */
async function attempts(cluster: Cluster, name: string): Promise<number> {
  const { items } = await cluster.client().list(EVENTS, "default");
  const failed = items.filter(
    (event: Event) => event.reason === "FailedScheduling" && event.involvedObject.name === name,
  );
  return failed.reduce((sum, { series }) => sum + (series?.count ?? 1), 0);
}
