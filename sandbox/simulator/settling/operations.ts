import fc from "fast-check";
import type { PodTemplateSpec } from "../api/generated/kubernetes";
import type { Resource } from "../api/object";
import { StatusError } from "../api/status";
import type { Client } from "../client/client";
import {
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  JOBS,
  NODES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SERVICES,
  STATEFUL_SETS,
} from "../client/resources";
import { isPodReady } from "../controllers/pod-state";

/** What somebody may do to a cluster at any moment, as data: what fast-check shrinks and prints. */
export type Operation =
  | { readonly do: "create" | "delete"; readonly kind: Kind; readonly name: string; readonly replicas: number }
  | { readonly do: "scale" | "update"; readonly kind: Kind; readonly name: string; readonly replicas: number }
  | { readonly do: "kill" | "evict"; readonly pick: number }
  | { readonly do: "cordon" | "uncordon" | "taint" | "untaint"; readonly node: string }
  | { readonly do: "wait"; readonly ms: number };

const KINDS = ["deployment", "statefulset", "daemonset", "job", "cronjob"] as const;
type Kind = (typeof KINDS)[number];

const names = fc.constantFrom("a", "b");
const replicas = fc.integer({ min: 0, max: 4 });

export const operations = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("create" as const),
      kind: fc.constantFrom(...KINDS),
      name: names,
      replicas,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("delete" as const),
      kind: fc.constantFrom(...KINDS),
      name: names,
      replicas,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("scale" as const, "update" as const),
      kind: fc.constantFrom(...KINDS),
      name: names,
      replicas,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("kill" as const, "evict" as const), pick: fc.nat(99) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("cordon" as const, "uncordon" as const, "taint" as const, "untaint" as const),
      node: fc.constantFrom("kind-worker", "kind-worker2"),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 5000 }) }) },
);

/** A Service for each workload's pods, and a budget that lets one of them go at a time. */
export async function prepare(client: Client): Promise<void> {
  for (const kind of KINDS) {
    for (const name of ["a", "b"]) {
      const metadata = { name: `${kind}-${name}`, namespace: "default" };
      const selector = { app: metadata.name };
      await client.create(SERVICES, { metadata, spec: { selector, ports: [{ port: 80 }] } });
      if (kind !== "deployment" && kind !== "statefulset") continue;
      await client.create(POD_DISRUPTION_BUDGETS, {
        metadata,
        spec: { minAvailable: MIN_AVAILABLE, selector: { matchLabels: selector } },
      });
    }
  }
}

export const MIN_AVAILABLE = 1;

/** Does it; what the server refuses is part of the game. */
export async function perform(client: Client, operation: Operation): Promise<void> {
  try {
    await attempt(client, operation);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
}

async function attempt(client: Client, operation: Operation): Promise<void> {
  switch (operation.do) {
    case "create":
      return create(client, operation.kind, operation.name, operation.replicas);
    case "delete":
      return client.delete(RESOURCES[operation.kind], keyOf(operation), { propagationPolicy: "Background" });
    case "scale":
      await client.patch(RESOURCES[operation.kind], keyOf(operation), {
        type: "merge",
        body: sized(operation.kind, operation.replicas),
      });
      return;
    case "update": {
      const annotations = { revision: String(operation.replicas) };
      const body = { spec: { template: { metadata: { annotations } } } };
      await client.patch(RESOURCES[operation.kind], keyOf(operation), { type: "merge", body });
      return;
    }
    case "kill":
    case "evict":
      return removePod(client, operation.do, operation.pick);
    case "cordon":
    case "uncordon": {
      const body = { spec: { unschedulable: operation.do === "cordon" } };
      await client.patch(NODES, { namespace: "", name: operation.node }, { type: "merge", body });
      return;
    }
    case "taint":
    case "untaint": {
      const taints = operation.do === "taint" ? [{ key: "fire", effect: "NoExecute" }] : [];
      await client.patch(NODES, { namespace: "", name: operation.node }, { type: "merge", body: { spec: { taints } } });
      return;
    }
    case "wait":
      return;
  }
}

const RESOURCES: Readonly<Record<Kind, Resource>> = {
  deployment: DEPLOYMENTS,
  statefulset: STATEFUL_SETS,
  daemonset: DAEMON_SETS,
  job: JOBS,
  cronjob: CRON_JOBS,
};

function keyOf({ kind, name }: { kind: Kind; name: string }) {
  return { namespace: "default", name: `${kind}-${name}` };
}

function sized(kind: Kind, count: number): object {
  return {
    spec: kind === "job" ? { parallelism: count } : kind === "cronjob" ? { suspend: count === 0 } : { replicas: count },
  };
}

async function create(client: Client, kind: Kind, name: string, count: number): Promise<void> {
  const metadata = keyOf({ kind, name });
  const labels = { app: metadata.name };
  const selector = { matchLabels: labels };
  const template: PodTemplateSpec = {
    metadata: { labels },
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "main", image: "nginx:1.27" }] },
  };
  const once: PodTemplateSpec = {
    metadata: { labels },
    spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox:1.36", command: ["sleep", "2"] }] },
  };
  switch (kind) {
    case "deployment":
      await client.create(DEPLOYMENTS, { metadata, spec: { replicas: count, selector, template } });
      return;
    case "statefulset":
      await client.create(STATEFUL_SETS, {
        metadata,
        spec: { replicas: count, serviceName: metadata.name, selector, template },
      });
      return;
    case "daemonset":
      await client.create(DAEMON_SETS, { metadata, spec: { selector, template } });
      return;
    case "job":
      await client.create(JOBS, { metadata, spec: { completions: count, parallelism: 2, template: once } });
      return;
    case "cronjob":
      await client.create(CRON_JOBS, {
        metadata,
        spec: { schedule: "* * * * *", jobTemplate: { spec: { template: once } } },
      });
  }
}

/** An eviction that is granted must leave enough pods; a deletion asks nobody. */
async function removePod(client: Client, how: "kill" | "evict", pick: number): Promise<void> {
  const { items } = await client.list(PODS, "default");
  const pod = items[pick % Math.max(1, items.length)];
  if (!pod) return;
  const key = { namespace: "default", name: pod.metadata.name };
  if (how === "kill") return client.delete(PODS, key);
  const app = pod.metadata.labels?.["app"] ?? "";
  const healthy = items.filter(
    (each) => each.metadata.labels?.["app"] === app && isPodReady(each) && !each.metadata.deletionTimestamp,
  );
  await client.createSubresource(PODS, key, "eviction", {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name: key.name },
  });
  const isGuarded = /^(deployment|statefulset)-/.test(app);
  if (isGuarded && healthy.includes(pod) && healthy.length - 1 < MIN_AVAILABLE) {
    throw new Error(`the eviction of ${key.name} was granted, and leaves ${healthy.length - 1} healthy pods`);
  }
}
