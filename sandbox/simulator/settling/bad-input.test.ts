import { describe, expect, it, onTestFinished } from "vitest";
import type { Container, Pod, PodSpec } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { isConflict } from "../api/status";
import type { Client } from "../client/client";
import { CONFIG_MAPS, DEPLOYMENTS, ENDPOINT_SLICES, EVENTS, NAMESPACES, PODS, SERVICES } from "../client/resources";
import { FakeClock } from "../clock";
import { createCluster, type Cluster, type ClusterOptions } from "../cluster";
import { isPodReady } from "../controllers/pod-state";
import { Watchman } from "./watchman";

/** Nothing here waits for real time: a busy machine only takes longer. */
const PATIENT = { timeout: 300_000 };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe("pods that can never run", () => {
  const image = "busybox:1.36";
  const container = { name: "main", image, command: ["sleep", "3600"] };
  const HOPELESS: Readonly<Record<string, { spec: PodSpec; waits: string }>> = {
    "no-node": { spec: { nodeSelector: { disk: "none" }, containers: [container] }, waits: "Unschedulable" },
    "no-room": {
      spec: { containers: [{ ...container, resources: { requests: { cpu: "500" } } }] },
      waits: "Unschedulable",
    },
    "no-image": { spec: { containers: [{ ...container, image: "nginx:nonesuch" }] }, waits: "ImagePullBackOff" },
    "no-name": { spec: { containers: [{ ...container, image: "Not An Image" }] }, waits: "InvalidImageName" },
    "no-command": { spec: { containers: [{ ...container, command: ["nonesuch"] }] }, waits: "CrashLoopBackOff" },
    "no-volume": {
      spec: {
        containers: [{ ...container, volumeMounts: [{ name: "v", mountPath: "/v" }] }],
        volumes: [{ name: "v", configMap: { name: "nonesuch" } }],
      },
      waits: "ContainerCreating",
    },
    "no-config": {
      spec: { containers: [{ ...container, envFrom: [{ configMapRef: { name: "nonesuch" } }] }] },
      waits: "CreateContainerConfigError",
    },
    "no-claim": {
      spec: { containers: [container], volumes: [{ name: "v", persistentVolumeClaim: { claimName: "nonesuch" } }] },
      waits: "Unschedulable",
    },
  };

  it("say what they wait for, cost next to nothing, and go when they are told to", PATIENT, async () => {
    const { cluster, client, watchman } = await start();
    for (const [name, { spec }] of Object.entries(HOPELESS)) await client.create(PODS, pod(name, spec));
    await cluster.settle(HOUR_MS);

    const { items } = await client.list(PODS, "default");
    expect(Object.fromEntries(items.map((each) => [each.metadata.name, waitsFor(each)]))).toEqual(
      Object.fromEntries(Object.entries(HOPELESS).map(([name, { waits }]) => [name, waits])),
    );
    expect(items.filter((each) => isPodReady(each))).toEqual([]);

    watchman.takeWrites();
    await cluster.settle(HOUR_MS);
    // A container that cannot start is tried each five minutes, and says each time that it has, and that it waits.
    const writes = watchman.takeWrites();
    expect([...writes.keys()]).toEqual(["/pods"]);
    expect(writes.get("/pods")).toBeLessThan(100);

    for (const { metadata } of items) await client.delete(PODS, { namespace: "default", name: metadata.name });
    await cluster.settle(31_000);
    expect((await client.list(PODS, "default")).items).toEqual([]);
    expect(cluster.sandboxes().filter(({ namespace }) => namespace === "default")).toEqual([]);
  });
});

describe("a storm of crashes", () => {
  const PODS_IN_ALL = 200;

  it("calms down by itself, and leaves room for others", PATIENT, async () => {
    const { cluster, client, watchman } = await start({ nodes: 4 });
    const crashing = { name: "main", image: "busybox:1.36", command: ["false"] };
    await client.create(DEPLOYMENTS, deployment("storm", PODS_IN_ALL, crashing));
    await cluster.settle(11 * MINUTE_MS);

    watchman.takeWrites();
    const before = await restarts(client);
    await cluster.settle(10 * MINUTE_MS);
    const again = (await restarts(client)) - before;
    // Five minutes between two starts: two of them in ten minutes, each told in at most four writes of the pod.
    expect(again).toBeGreaterThanOrEqual(PODS_IN_ALL);
    expect(again).toBeLessThanOrEqual(2 * PODS_IN_ALL);
    const writes = watchman.takeWrites();
    expect(writes.get("/pods") ?? 0).toBeLessThanOrEqual(4 * again);
    expect([...writes.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(6 * again);

    await client.create(DEPLOYMENTS, deployment("calm", 3, { name: "main", image: "nginx:1.27" }));
    await cluster.settle(5000);
    expect((await client.get(DEPLOYMENTS, { namespace: "default", name: "calm" })).status?.readyReplicas).toBe(3);
  });

  async function restarts(client: Client): Promise<number> {
    const { items } = await client.list(PODS, "default");
    return items.reduce((sum, { status }) => sum + (status?.containerStatuses?.[0]?.restartCount ?? 0), 0);
  }
});

describe("very many pods in one namespace", () => {
  it("cost ten times as much where they are ten times as many", PATIENT, async () => {
    const few = await liveWith(500);
    const many = await liveWith(5000);
    expect(many.writes / few.writes).toBeLessThan(10.5);
    expect(many.cpuMs / few.cpuMs).toBeLessThan(25);
  });

  /** Makes them, reads them all, and takes them away with their namespace. */
  async function liveWith(count: number): Promise<{ writes: number; cpuMs: number }> {
    const { cluster, client, watchman } = await start({ nodes: 50, profile: "control-plane" });
    await client.create(NAMESPACES, { metadata: { name: "crowd" } });
    await cluster.settle();
    watchman.takeWrites();
    const began = process.cpuUsage();
    const wanted = deployment("crowd", count, { name: "main", image: "nginx:1.27" });
    await client.create(DEPLOYMENTS, { ...wanted, metadata: { name: "crowd", namespace: "crowd" } });
    await cluster.settle(1000);
    const { items } = await client.list(PODS, "crowd");
    expect(items).toHaveLength(count);
    expect(items.filter(({ spec }) => !spec?.nodeName)).toEqual([]);
    await client.delete(NAMESPACES, { namespace: "", name: "crowd" });
    await cluster.settle(1000);
    for (const { metadata } of (await client.list(PODS, "crowd")).items) {
      await client.delete(PODS, { namespace: "crowd", name: metadata.name }, { gracePeriodSeconds: 0 });
    }
    await cluster.settle(2000);
    const names = (await client.list(NAMESPACES, "")).items.map(({ metadata }) => metadata.name);
    expect(names).not.toContain("crowd");
    const { user, system } = process.cpuUsage(began);
    const writes = [...watchman.takeWrites().values()].reduce((sum, each) => sum + each, 0);
    await cluster.stop();
    return { writes, cpuMs: (user + system) / 1000 };
  }
});

describe("probes that contradict each other", () => {
  it("never make a pod ready that is killed before, and lead nobody to it", PATIENT, async () => {
    const { cluster, client, watchman } = await start();
    const probe = (command: string) => ({ exec: { command: ["sh", "-c", command] }, periodSeconds: 2 });
    const deadly = { ...probe("false"), failureThreshold: 3 };
    const main = { name: "main", image: "busybox:1.36", command: ["sleep", "36000"] };
    await client.create(
      DEPLOYMENTS,
      deployment("killed", 1, { ...main, livenessProbe: deadly, readinessProbe: probe("test -e /ready") }),
    );
    await client.create(
      DEPLOYMENTS,
      deployment("slow", 1, {
        ...main,
        startupProbe: deadly,
        readinessProbe: probe("true"),
        livenessProbe: probe("true"),
      }),
    );
    for (const name of ["killed", "slow"]) {
      const metadata = { name, namespace: "default" };
      await client.create(SERVICES, { metadata, spec: { selector: { app: name }, ports: [{ port: 80 }] } });
    }
    await cluster.settle(30 * MINUTE_MS);

    for (const { metadata, status } of (await client.list(PODS, "default")).items) {
      const [said] = status?.containerStatuses ?? [];
      expect(said, metadata.name).toMatchObject({ ready: false });
      // Ten seconds, twenty, …, five minutes between two starts; the kill itself takes thirty more.
      expect(said?.restartCount, metadata.name).toBeGreaterThanOrEqual(5);
      expect(said?.restartCount, metadata.name).toBeLessThanOrEqual(11);
    }
    for (const name of ["killed", "slow"]) {
      const labelSelector = `kubernetes.io/service-name=${name}`;
      const { items } = await client.list(ENDPOINT_SLICES, "default", { labelSelector });
      expect(items.flatMap(({ endpoints = [] }) => endpoints).filter(({ conditions }) => conditions?.ready)).toEqual(
        [],
      );
    }
    const told = (await client.list(EVENTS, "default")).items.map(({ message }) => message ?? "");
    expect(told).toContain("Container main failed liveness probe, will be restarted");
    expect(told).toContain("Container main failed startup probe, will be restarted");
    watchman.takeWrites();
    await cluster.settle(10 * MINUTE_MS);
    expect([...watchman.takeWrites().values()].reduce((sum, count) => sum + count, 0)).toBeLessThan(100);
  });
});

describe("writers that are in each other's way", () => {
  it("lose nothing, whoever has to try again", PATIENT, async () => {
    const { cluster } = await start({ profile: "control-plane" });
    const key = { namespace: "default", name: "counter" };
    await cluster.client().create(CONFIG_MAPS, { metadata: key, data: { count: "0" } });
    const writers = Array.from({ length: 5 }, (_, index) => cluster.client(undefined, `writer-${index}`));
    let conflicts = 0;
    const countUp = async (client: Client) => {
      for (let done = 0; done < 20;) {
        const { data, ...rest } = await client.get(CONFIG_MAPS, key);
        try {
          await client.update(CONFIG_MAPS, { ...rest, data: { ...data, count: String(Number(data?.["count"]) + 1) } });
          done++;
        } catch (error) {
          if (!isConflict(error)) throw error;
          conflicts++;
        }
      }
    };
    const patches = writers.map(async (client, index) => {
      for (let turn = 0; turn < 20; turn++) {
        await client.patch(CONFIG_MAPS, key, { type: "merge", body: { data: { [`own-${index}`]: String(turn) } } });
      }
    });
    await Promise.all([...writers.map(countUp), ...patches]);
    const { data } = await cluster.client().get(CONFIG_MAPS, key);
    expect(data).toEqual({ count: "100", ...Object.fromEntries(writers.map((_, index) => [`own-${index}`, "19"])) });
    expect(conflicts).toBeGreaterThan(0);
  });

  it("do not keep a Deployment from the size that was asked for last", PATIENT, async () => {
    const { cluster, client } = await start();
    const key = { namespace: "default", name: "web" };
    await client.create(DEPLOYMENTS, deployment("web", 1, { name: "main", image: "nginx:1.27" }));
    const rival = cluster.client(undefined, "rival");
    for (let turn = 0; turn < 20; turn++) {
      const scale = client.patch(DEPLOYMENTS, key, { type: "merge", body: { spec: { replicas: turn % 5 } } });
      const annotations = { turn: String(turn) };
      await Promise.all([scale, rival.patch(DEPLOYMENTS, key, { type: "merge", body: { metadata: { annotations } } })]);
    }
    await cluster.settle(40_000);
    const { metadata, spec, status } = await client.get(DEPLOYMENTS, key);
    expect(metadata.annotations?.["turn"]).toBe("19");
    expect(spec?.replicas).toBe(4);
    expect(status).toMatchObject({ replicas: 4, readyReplicas: 4, observedGeneration: metadata.generation });
    expect((await client.list(PODS, "default")).items).toHaveLength(4);
  });
});

async function start(options: Partial<ClusterOptions> = {}) {
  const clock = new FakeClock();
  const failures: unknown[] = [];
  const onError = (...failure: unknown[]) => void failures.push(failure);
  const cluster: Cluster = await createCluster({ clock, seed: 7, certificate: "CA", onError, ...options });
  const watchman = new Watchman(cluster);
  onTestFinished(async () => {
    watchman.stop();
    await cluster.stop();
    watchman.report();
    expect(failures).toEqual([]);
  });
  await cluster.settle(1000);
  watchman.takeWrites();
  return { clock, cluster, client: cluster.client(), watchman };
}

function pod(name: string, spec: PodSpec): Pod {
  return { metadata: { name, namespace: "default" }, spec };
}

function deployment(name: string, replicas: number, container: Container) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  return { metadata: { name, namespace: "default" }, spec: { replicas, selector: { matchLabels: labels }, template } };
}

/** Why it does not run, as `kubectl get pods` or its conditions tell. */
function waitsFor({ status }: Stored<Pod>): string | undefined {
  const waiting = status?.containerStatuses?.[0]?.state?.waiting?.reason;
  return waiting ?? status?.conditions?.find(({ type }) => type === "PodScheduled")?.reason;
}
