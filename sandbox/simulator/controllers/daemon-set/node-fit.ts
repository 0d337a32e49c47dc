import type { DaemonSet, Node, PodSpec, Toleration } from "../../api/generated/kubernetes";
import { matchesNode } from "../../api/node-affinity";
import type { Stored } from "../../api/object";
import { tolerates } from "../../api/taints";

/** Whether a node is to have a pod of the set; and when not, whether one that is there may stay. */
export interface NodeFit {
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
}

const NONE: NodeFit = { shouldRun: false, mayStay: false };

/** https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#how-daemon-pods-are-scheduled */
export function fitOf(daemonSet: DaemonSet, node: Stored<Node>): NodeFit {
  const spec = daemonSet.spec?.template.spec;
  if (spec?.nodeName && spec.nodeName !== node.metadata.name) return NONE;
  if (!matchesNode(spec, node)) return NONE;
  const tolerations = spec ? daemonTolerations(spec) : [];
  const untolerated = (node.spec?.taints ?? []).filter((taint) => !tolerates(tolerations, taint));
  const keepsOut = untolerated.some(({ effect }) => effect === "NoSchedule" || effect === "NoExecute");
  if (!keepsOut) return { shouldRun: true, mayStay: true };
  return { shouldRun: false, mayStay: !untolerated.some(({ effect }) => effect === "NoExecute") };
}

/** The template's tolerations and those that every daemon pod gets: it stays where others must leave. */
export function daemonTolerations(spec: PodSpec): Toleration[] {
  const added = spec.hostNetwork ? [...ADDED, NETWORK_UNAVAILABLE] : ADDED;
  const own = (spec.tolerations ?? []).filter(
    (toleration) => !added.some(({ key, effect }) => key === toleration.key && effect === toleration.effect),
  );
  return [...own, ...added];
}

const ADDED: readonly Toleration[] = [
  { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/pid-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" },
];

const NETWORK_UNAVAILABLE: Toleration = {
  key: "node.kubernetes.io/network-unavailable",
  operator: "Exists",
  effect: "NoSchedule",
};
