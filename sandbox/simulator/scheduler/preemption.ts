import type { Pod, PodDisruptionBudget } from "../api/generated/kubernetes";
import { matchesLabels, selectorFrom } from "../api/labels";
import type { Stored } from "../api/object";
import type { Candidate, NodeState } from "./filters/filter";

/** A node that would do without `victims`. */
export interface Preemption {
  readonly node: string;
  readonly victims: readonly Stored<Pod>[];
}

/** Whether the pod fits on a node as described. */
export type Fits = (candidate: Candidate, state: NodeState) => boolean;

/**
 * The node that a pod gets by displacing the least important pods, if there is one.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
 */
export function preempt(
  candidate: Candidate,
  nodes: readonly NodeState[],
  fits: Fits,
  without: (state: NodeState, pods: readonly Stored<Pod>[]) => NodeState,
  budgets: readonly Stored<PodDisruptionBudget>[],
): Preemption | undefined {
  const options: (Preemption & { rank: readonly number[] })[] = [];
  for (const state of nodes) {
    const weaker = state.pods.filter((pod) => priorityOf(pod) < priorityOf(candidate.pod));
    if (weaker.length === 0 || !fits(candidate, without(state, weaker))) continue;
    const { victims, violations } = fewest(candidate, state, weaker, fits, without, budgets);
    if (victims.length > 0)
      options.push({ node: state.node.metadata.name, victims, rank: rankOf(victims, violations) });
  }
  options.sort((a, b) => compare(a.rank, b.rank));
  return options[0];
}

export function priorityOf({ spec }: Pod): number {
  return spec?.priority ?? 0;
}

/** Puts back as many as there is room for: those that budgets protect first, then the most important. */
function fewest(
  candidate: Candidate,
  state: NodeState,
  weaker: readonly Stored<Pod>[],
  fits: Fits,
  without: (state: NodeState, pods: readonly Stored<Pod>[]) => NodeState,
  budgets: readonly Stored<PodDisruptionBudget>[],
): { victims: Stored<Pod>[]; violations: number } {
  const ordered = [...weaker].sort((a, b) => priorityOf(b) - priorityOf(a) || startOf(a) - startOf(b));
  const guarded = new Set(violating(ordered, budgets));
  let removed = new Set(weaker);
  let violations = 0;
  for (const pod of [...ordered.filter((each) => guarded.has(each)), ...ordered.filter((each) => !guarded.has(each))]) {
    const fewer = new Set([...removed].filter((each) => each !== pod));
    if (fits(candidate, without(state, [...fewer]))) removed = fewer;
    else if (guarded.has(pod)) violations++;
  }
  return { victims: ordered.filter((pod) => removed.has(pod)), violations };
}

/** The pods whose loss a budget does not allow. */
function violating(pods: readonly Stored<Pod>[], budgets: readonly Stored<PodDisruptionBudget>[]): Stored<Pod>[] {
  const left = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]));
  return pods.filter((pod) => {
    let isViolating = false;
    for (const [budget, allowed] of left) {
      const selector = selectorFrom(budget.spec?.selector);
      if (budget.metadata.namespace !== pod.metadata.namespace || !selector || selector.length === 0) continue;
      if (!matchesLabels(selector, pod.metadata.labels)) continue;
      left.set(budget, allowed - 1);
      if (allowed <= 0) isViolating = true;
    }
    return isViolating;
  });
}

/** Better options come first: fewer broken budgets, less important victims, fewer of them, those that began last. */
function rankOf(victims: readonly Stored<Pod>[], violations: number): number[] {
  const priorities = victims.map(priorityOf);
  const highest = Math.max(...priorities);
  const earliest = Math.min(...victims.filter((pod) => priorityOf(pod) === highest).map(startOf));
  const sum = priorities.reduce((total, priority) => total + priority + 2 ** 31, 0);
  return [violations, highest, sum, victims.length, -earliest];
}

function startOf(pod: Stored<Pod>): number {
  return Date.parse(pod.status?.startTime ?? pod.metadata.creationTimestamp);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
