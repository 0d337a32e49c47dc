import type { Pod, TopologySpreadConstraint } from "../../api/generated/kubernetes";
import { matchesLabels, selectorFrom, type Selector } from "../../api/labels";
import { matchesNode } from "../../api/node-affinity";
import { tolerates } from "../../api/taints";
import { domainOf } from "../affinity-term";
import type { Candidate, Filter, NodeState } from "./filter";

const REASON = "node(s) didn't match pod topology spread constraints";

/**
 * Refuses nodes on which the pod would make its domains more uneven than it allows.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
export function podTopologySpread({ pod }: Candidate, nodes: readonly NodeState[]): Filter {
  const hard = (pod.spec?.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule",
  );
  const keys = hard.map(({ topologyKey }) => topologyKey);
  const counted = hard.map((constraint) => ({ constraint, counts: countPods(constraint, pod, nodes, keys) }));
  return (_, { node }) => {
    for (const { constraint, counts } of counted) {
      const domain = domainOf(node, constraint.topologyKey);
      if (domain === undefined) return { reasons: [`${REASON} (missing required label)`], resolvable: false };
      const isEnough = counts.size >= (constraint.minDomains ?? 1);
      const least = isEnough ? Math.min(...counts.values()) : 0;
      const own = matchesLabels(selectorOf(constraint, pod), pod.metadata.labels) ? 1 : 0;
      const skew = (counts.get(domain) ?? 0) + own - (Number.isFinite(least) ? least : 0);
      if (skew > constraint.maxSkew) return { reasons: [REASON], resolvable: true };
    }
    return undefined;
  };
}

/** How many pods the constraint counts in each domain of the nodes that count. */
export function countPods(
  constraint: TopologySpreadConstraint,
  pod: Pod,
  nodes: readonly NodeState[],
  keys: readonly string[],
): ReadonlyMap<string, number> {
  const selector = selectorOf(constraint, pod);
  const counts = new Map<string, number>();
  for (const { node, pods } of nodes) {
    const domain = domainOf(node, constraint.topologyKey);
    if (domain === undefined || keys.some((key) => domainOf(node, key) === undefined)) continue;
    if (constraint.nodeAffinityPolicy !== "Ignore" && !matchesNode(pod.spec, node)) continue;
    if (constraint.nodeTaintsPolicy === "Honor") {
      const keepsOut = (node.spec?.taints ?? []).some(
        (taint) => taint.effect !== "PreferNoSchedule" && !tolerates(pod.spec?.tolerations, taint),
      );
      if (keepsOut) continue;
    }
    const here = pods.filter(
      (other) =>
        other.metadata.namespace === pod.metadata?.namespace &&
        !other.metadata.deletionTimestamp &&
        matchesLabels(selector, other.metadata.labels),
    );
    counts.set(domain, (counts.get(domain) ?? 0) + here.length);
  }
  return counts;
}

function selectorOf({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, pod: Pod): Selector {
  const own = matchLabelKeys.flatMap((key) => {
    const value = pod.metadata?.labels?.[key];
    return value === undefined ? [] : [{ key, operator: "equals" as const, values: [value] }];
  });
  // Without a selector nothing is counted.
  return [...(selectorFrom(labelSelector) ?? [{ key: "", operator: "exists" as const, values: [] }]), ...own];
}
