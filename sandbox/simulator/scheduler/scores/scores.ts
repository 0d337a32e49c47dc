import type { Namespace, Service } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { matchesTerm } from "../../api/node-affinity";
import { tolerates } from "../../api/taints";
import type { Candidate, NodeState } from "../filters/filter";
import { imageLocality } from "./image-locality";
import { balancedAllocation, leastAllocated } from "./node-resources";
import { podAffinity } from "./pod-affinity";
import { topologySpread } from "./topology-spread";

/** What there is to choose from for one pod. */
export interface Choice {
  readonly candidate: Candidate;
  /** The nodes that passed all filters. */
  readonly fitting: readonly NodeState[];
  /** All nodes of the cluster. */
  readonly nodes: readonly NodeState[];
  readonly surroundings: Surroundings;
}

/** What scores ask of the cluster beyond nodes and pods. */
export interface Surroundings {
  readonly services: (namespace: string) => readonly Stored<Service>[];
  readonly namespace: (name: string) => Stored<Namespace> | undefined;
}

/** A score plugin: whole numbers from 0 to 100, one for each fitting node; `undefined` where it has no say. */
export type Score = (choice: Choice) => readonly number[] | undefined;

/** The weighted sums of all score plugins, one for each fitting node: the node with the most wins. */
export function totalScores(choice: Choice): number[] {
  const totals = choice.fitting.map(() => 0);
  for (const [weight, score] of SCORES) {
    score(choice)?.forEach((value, index) => (totals[index] = (totals[index] ?? 0) + weight * value));
  }
  return totals;
}

// Weights of the default profile: https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins
const SCORES: readonly (readonly [number, Score])[] = [
  [3, preferredTaints],
  [2, preferredNodes],
  [2, topologySpread],
  [2, podAffinity],
  [1, leastAllocated],
  [1, balancedAllocation],
  [1, imageLocality],
];

/** The fewer taints a pod would rather avoid, the better. */
function preferredTaints({ candidate: { pod }, fitting }: Choice): number[] {
  const counts = fitting.map(
    ({ node }) =>
      (node.spec?.taints ?? []).filter(
        (taint) => taint.effect === "PreferNoSchedule" && !tolerates(pod.spec?.tolerations, taint),
      ).length,
  );
  return shares(counts).map((share) => 100 - share);
}

/** Nodes a pod would rather have. */
function preferredNodes({ candidate: { pod }, fitting }: Choice): number[] | undefined {
  const terms = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  if (terms.length === 0) return undefined;
  return shares(
    fitting.map(({ node }) =>
      terms.reduce((sum, { weight, preference }) => sum + (matchesTerm(preference, node) ? weight : 0), 0),
    ),
  );
}

/** 100 for the most, 0 for none. */
function shares(values: readonly number[]): number[] {
  const most = Math.max(0, ...values);
  return values.map((value) => (most === 0 ? 0 : Math.floor((100 * value) / most)));
}
