import type { WeightedPodAffinityTerm } from "../api/generated/kubernetes";
import { matchesTerm } from "../api/node-affinity";
import { controllerOf } from "../api/owner-references";
import { tolerates } from "../api/taints";
import { domainOf, termMatches } from "./affinity-term";
import type { Candidate, NodeState } from "./filters/filter";
import { countPods } from "./filters/pod-topology-spread";
import type { ResourceList } from "./resource-requests";

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
  { weight: 2, score: evenlySpread },
  { weight: 2, score: byPodAffinity },
  { weight: 1, score: leastAllocated },
];

/** Pods that ask for nothing count as asking a little, or they would all go to one node. */
const LEAST: ResourceList = new Map([
  ["cpu", 100],
  ["memory", 200 * 1024 * 1024],
]);

function leastAllocated({ requests }: Candidate, { allocatable, pods, requested }: NodeState): number {
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
  return shareOfRoom(state.podsOf(owner), Math.max(...all.map((each) => each.podsOf(owner))));
}

/** Near to the pods it would like to be near to, away from the others. */
function byPodAffinity({ pod }: Candidate, state: NodeState, all: readonly NodeState[]): number {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const near = podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const apart = podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  if (near.length + apart.length === 0) return 0;
  const weigh = ({ node }: NodeState) => {
    const count = ({ weight, podAffinityTerm: term }: WeightedPodAffinityTerm) => {
      const domain = domainOf(node, term.topologyKey);
      if (domain === undefined) return 0;
      const neighbours = all.filter((other) => domainOf(other.node, term.topologyKey) === domain);
      const matching = neighbours.flatMap(({ pods }) => pods).filter((other) => termMatches(term, pod, other, NOWHERE));
      return weight * matching.length;
    };
    const sum = (terms: readonly WeightedPodAffinityTerm[]) => terms.reduce((total, term) => total + count(term), 0);
    return sum(near) - sum(apart);
  };
  const weights = all.map(weigh);
  const [least, most] = [Math.min(...weights), Math.max(...weights)];
  return most === least ? 0 : (100 * (weigh(state) - least)) / (most - least);
}

/** Namespaces by label are not looked at for what is only a wish. */
const NOWHERE = () => undefined;

/** Evenly over the domains of the constraints that only ask for it. */
function evenlySpread({ pod }: Candidate, { node }: NodeState, all: readonly NodeState[]): number {
  const soft = (pod.spec?.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === "ScheduleAnyway",
  );
  let total = 0;
  for (const constraint of soft) {
    const counts = countPods(constraint, pod, all, []);
    const mine = counts.get(domainOf(node, constraint.topologyKey) ?? "");
    if (mine !== undefined) total += shareOfRoom(mine, Math.max(...counts.values()));
  }
  return soft.length === 0 ? 0 : total / soft.length;
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
