import type { AggregatedApi } from "../../api/aggregated-api";
import type { Node, Pod } from "../../api/generated/kubernetes";
import type { Labels } from "../../api/labels";
import type { NodeMetrics, PodMetrics } from "../../api/metrics";
import { keyOf, type KubeObject, type Stored } from "../../api/object";
import { failure } from "../../api/status";
import { toTime } from "../../clock";
import type { ContainerUsage } from "../../kubelet/container-runtime";
import type { AddonContext } from "../addon";
import { readyPod } from "../ready-pod";

type Load = Pick<ContainerUsage, "cores" | "memoryBytes">;

/** How long a container must have run before there is a rate of its processor time: one scrape to the next. */
const RESOLUTION_MS = 15_000;
/** What a node uses by itself: its kubelet and runtime, and on the control plane the API server and its companions. */
const NODE_BASE: Load = { cores: 0.045, memoryBytes: 310 * 1024 * 1024 };
const CONTROL_PLANE_BASE: Load = { cores: 0.14, memoryBytes: 820 * 1024 * 1024 };
const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

/** metrics.k8s.io/v1beta1, worked out at each request from what containers do now. */
export function metricsApi(context: AddonContext, namespace: string, labels: Labels): AggregatedApi {
  const answering = <T>(list: () => T): T => {
    if (readyPod(context.informers, namespace, labels)) return list();
    throw failure(503, "ServiceUnavailable", "the server is currently unable to handle the request");
  };
  return {
    group: "metrics.k8s.io",
    version: "v1beta1",
    resources: [
      {
        name: "nodes",
        singular: "",
        kind: "NodeMetrics",
        namespaced: false,
        list: () =>
          answering(() => byName(context.informers.nodes.list()).flatMap((node) => nodeMetrics(context, node))),
        columns: ["CPU", "Memory", "Window"],
        cells: (object) => nodeCells(object),
      },
      {
        name: "pods",
        singular: "",
        kind: "PodMetrics",
        namespaced: true,
        list: (wanted) =>
          answering(() => byName(context.informers.pods.list(wanted)).flatMap((pod) => podMetrics(context, pod))),
        columns: ["CPU", "Memory", "Window"],
        cells: (object) => podCells(object),
      },
    ],
  };
}

function byName<T extends Stored>(objects: readonly T[]): T[] {
  return [...objects].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Of a pod all of whose containers have run long enough. */
function podMetrics({ machines, clock }: AddonContext, pod: Stored<Pod>): Stored<PodMetrics>[] {
  const usage = machines.usageOf(pod.spec?.nodeName ?? "", pod.metadata.uid);
  const now = clock.now();
  const running = (pod.status?.containerStatuses ?? []).flatMap(({ name, state }) =>
    state?.running?.startedAt ? [{ name, startedAt: Date.parse(state.running.startedAt) }] : [],
  );
  if (!usage || running.length === 0 || pod.status?.phase !== "Running") return [];
  if (running.some(({ startedAt }) => now - startedAt < RESOLUTION_MS)) return [];
  const containers = running.flatMap(({ name }) => {
    const used = usage.get(name);
    return used ? [{ name, usage: amounts(used) }] : [];
  });
  return [{ ...headOf("PodMetrics", pod, now), containers }];
}

function nodeMetrics({ machines, informers, clock }: AddonContext, node: Stored<Node>): Stored<NodeMetrics>[] {
  if (!node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True")) return [];
  const base = node.metadata.labels?.[CONTROL_PLANE] === undefined ? NODE_BASE : CONTROL_PLANE_BASE;
  let { cores, memoryBytes } = base;
  for (const pod of informers.pods.list()) {
    if (pod.spec?.nodeName !== node.metadata.name) continue;
    for (const used of machines.usageOf(node.metadata.name, pod.metadata.uid)?.values() ?? []) {
      cores += used.cores;
      memoryBytes += used.memoryBytes;
    }
  }
  return [{ ...headOf("NodeMetrics", node, clock.now()), usage: amounts({ cores, memoryBytes }) }];
}

function headOf(kind: string, { metadata }: Stored, now: number) {
  const { name, namespace, labels, uid } = metadata;
  const time = toTime(now);
  return {
    kind,
    apiVersion: "metrics.k8s.io/v1beta1",
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      creationTimestamp: time,
      ...(labels && { labels }),
      uid,
      resourceVersion: "",
    },
    timestamp: time,
    window: "15s",
  };
}

function amounts({ cores, memoryBytes }: Load): Record<string, string> {
  return { cpu: `${Math.round(cores * 1e9)}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` };
}

function nodeCells(object: KubeObject): string[] {
  return "usage" in object && "window" in object ? cellsOf([object.usage], object.window) : [];
}

function podCells(object: KubeObject): string[] {
  if (!("containers" in object) || !Array.isArray(object.containers) || !("window" in object)) return [];
  return cellsOf(
    object.containers.map((each: { usage?: unknown }) => each.usage),
    object.window,
  );
}

function cellsOf(usages: readonly unknown[], window: unknown): string[] {
  const sum = (name: "cpu" | "memory"): number =>
    usages.reduce<number>((total, usage) => total + Number.parseInt(amountOf(usage, name), 10), 0);
  return [`${sum("cpu")}n`, `${sum("memory")}Ki`, String(window)];
}

function amountOf(usage: unknown, name: "cpu" | "memory"): string {
  if (typeof usage !== "object" || usage === null) return "0";
  const amounts: Record<string, unknown> = { ...usage };
  const amount = amounts[name];
  return typeof amount === "string" ? amount : "0";
}
