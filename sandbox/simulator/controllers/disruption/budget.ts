import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from "../../api/generated/kubernetes";
import { cloneJson } from "../../api/json";
import { resolveIntOrPercent } from "../../api/int-or-string";
import type { Stored } from "../../api/object";
import { toTime } from "../../clock";
import { isPodReady } from "../pod-state";

/** How long an eviction that was allowed counts before the pod must be gone. */
export const DISRUPTION_MS = 120_000;

export interface Expected {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/**
 * How many pods there should be and how many must stay healthy; `scale` is the size of the workloads that own them.
 * https://kubernetes.io/docs/tasks/run-application/configure-pdb/
 */
export function expectedOf(budget: PodDisruptionBudget, pods: number, scale: () => number): Expected {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  if (maxUnavailable !== undefined) {
    const expectedPods = scale();
    const unavailable = resolveIntOrPercent(maxUnavailable, expectedPods, "up");
    return { expectedPods, desiredHealthy: Math.max(0, expectedPods - unavailable) };
  }
  if (typeof minAvailable === "number") return { expectedPods: pods, desiredHealthy: minAvailable };
  if (minAvailable === undefined) return { expectedPods: pods, desiredHealthy: 1 };
  const expectedPods = scale();
  return { expectedPods, desiredHealthy: resolveIntOrPercent(minAvailable, expectedPods, "up") };
}

/** Evictions that were allowed and are still to show; those whose time is up are dropped. */
export function pendingDisruptions(
  budget: PodDisruptionBudget,
  pods: readonly Stored<Pod>[],
  now: number,
): { readonly pending: Record<string, string>; readonly overdue: Stored<Pod>[] } {
  const pending: Record<string, string> = {};
  const overdue: Stored<Pod>[] = [];
  for (const pod of pods) {
    const since = budget.status?.disruptedPods?.[pod.metadata.name];
    if (since === undefined || pod.metadata.deletionTimestamp) continue;
    if (Date.parse(since) + DISRUPTION_MS < now) overdue.push(pod);
    else pending[pod.metadata.name] = since;
  }
  return { pending, overdue };
}

export function budgetStatus(
  budget: Stored<PodDisruptionBudget>,
  pods: readonly Stored<Pod>[],
  { expectedPods, desiredHealthy }: Expected,
  pending: Record<string, string>,
  now: number,
): PodDisruptionBudgetStatus {
  const currentHealthy = pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && pending[pod.metadata.name] === undefined && isPodReady(pod),
  ).length;
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const isAllowed = disruptionsAllowed > 0;
  const status: PodDisruptionBudgetStatus = {
    currentHealthy,
    desiredHealthy,
    disruptionsAllowed,
    expectedPods,
    observedGeneration: budget.metadata.generation,
    ...(Object.keys(pending).length > 0 && { disruptedPods: pending }),
    conditions: budget.status?.conditions,
  };
  return withCondition(budget, status, isAllowed, isAllowed ? "SufficientPods" : "InsufficientPods", "", now);
}

/** The status of a budget that cannot be worked out: nothing may be evicted. */
export function failedStatus(budget: Stored<PodDisruptionBudget>, message: string, now: number) {
  return withCondition(budget, { ...budget.status, disruptionsAllowed: 0 }, false, "SyncFailed", message, now);
}

function withCondition(
  budget: Stored<PodDisruptionBudget>,
  status: PodDisruptionBudgetStatus,
  isAllowed: boolean,
  reason: string,
  message: string,
  now: number,
): PodDisruptionBudgetStatus {
  const before = status.conditions?.find(({ type }) => type === "DisruptionAllowed");
  const value = isAllowed ? "True" : "False";
  const condition = {
    type: "DisruptionAllowed",
    status: value,
    observedGeneration: budget.metadata.generation,
    lastTransitionTime: before?.status === value ? before.lastTransitionTime : toTime(now),
    reason,
    message,
  };
  const others = (status.conditions ?? []).filter((each) => each !== before);
  return cloneJson({ ...status, conditions: [...others, condition] });
}
