import type { Pod } from "../api/generated/kubernetes";
import { matchesLabels, selectorFrom } from "../api/labels";
import type { Stored } from "../api/object";
import { controllerOf } from "../api/owner-references";
import type { Candidate, NodeState } from "./filters/filter";
import { matchesTerm } from "../api/node-affinity";
import { tolerates } from "../api/taints";
import { amountsOf, type ResourceList } from "./resource-requests";

/** A score plugin: 0 to 100 per node, before its weight. */
interface Score {
  readonly weight: number;
  readonly score: (candidate: Candidate, state: NodeState, all: readonly NodeState[]) => number;
}

/** The weighted sum of all score plugins; the node with the most wins. Weights are those of the default profile. */
export function scoreOf(candidate: Candidate, state: NodeState, all: readonly NodeState[]): number {
  return SCORES.reduce((total, { weight, score }) => total + weight * score(candidate, state, all), 0);
}

// https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins
const SCORES: readonly Score[] = [
  { weight: 3, score: preferredTaints },
  { weight: 2, score: preferredNodes },
  { weight: 2, score: apartFromSiblings },
  { weight: 2, score: apartByAffinity },
  { weight: 1, score: leastAllocated },
];

/** Pods that ask for nothing count as asking a little, or they would all go to one node. */
const LEAST: ResourceList = new Map([
  ["cpu", 100],
  ["memory", 200 * 1024 * 1024],
]);

function leastAllocated({ requests }: Candidate, { node, pods, requested }: NodeState): number {
  const allocatable = amountsOf(node.status?.allocatable);
  let total = 0;
  for (const [resource, least] of LEAST) {
    const capacity = allocatable.get(resource) ?? 0;
    if (capacity === 0) continue;
    const used =
      Math.max(requested.get(resource) ?? 0, least * pods.length) + Math.max(requests.get(resource) ?? 0, least);
    total += (100 * Math.max(0, capacity - used)) / capacity;
  }
  return total / LEAST.size;
}

/** Pods of one workload spread over the nodes. */
function apartFromSiblings({ pod }: Candidate, state: NodeState, all: readonly NodeState[]): number {
  const owner = controllerOf(pod)?.uid;
  if (owner === undefined) return 0;
  const siblings = ({ pods }: NodeState) =>
    pods.filter((each) => controllerOf(each)?.uid === owner && !each.metadata.deletionTimestamp).length;
  return shareOfRoom(siblings(state), Math.max(...all.map(siblings)));
}

function apartByAffinity({ pod }: Candidate, state: NodeState, all: readonly NodeState[]): number {
  const terms = pod.spec?.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  if (terms.length === 0) return 0;
  const weigh = ({ pods }: NodeState) =>
    terms.reduce((total, { weight, podAffinityTerm }) => {
      const selector = selectorFrom(podAffinityTerm.labelSelector);
      const near = selector ? pods.filter((each) => isNear(each, pod, selector)).length : 0;
      return total + weight * near;
    }, 0);
  return shareOfRoom(weigh(state), Math.max(...all.map(weigh)));
}

function isNear(other: Stored<Pod>, pod: Stored<Pod>, selector: Parameters<typeof matchesLabels>[0]): boolean {
  return other.metadata.namespace === pod.metadata.namespace && matchesLabels(selector, other.metadata.labels);
}

function preferredNodes({ pod }: Candidate, { node }: NodeState): number {
  const terms = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const total = terms.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return 0;
  const met = terms.reduce((sum, { weight, preference }) => sum + (matchesTerm(preference, node) ? weight : 0), 0);
  return (100 * met) / total;
}

function preferredTaints({ pod }: Candidate, { node }: NodeState, all: readonly NodeState[]): number {
  const intolerable = (state: NodeState) =>
    (state.node.spec?.taints ?? []).filter(
      (taint) => taint.effect === "PreferNoSchedule" && !tolerates(pod.spec?.tolerations, taint),
    ).length;
  const most = Math.max(...all.map(intolerable));
  const mine = (node.spec?.taints ?? []).filter(
    (taint) => taint.effect === "PreferNoSchedule" && !tolerates(pod.spec?.tolerations, taint),
  );
  return shareOfRoom(mine.length, most);
}

/** 100 for none, 0 for the most. */
function shareOfRoom(count: number, most: number): number {
  return most === 0 ? 100 : (100 * (most - count)) / most;
}
