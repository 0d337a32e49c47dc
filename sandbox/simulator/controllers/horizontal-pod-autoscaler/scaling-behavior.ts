import type { V2HorizontalPodAutoscalerSpec, V2HPAScalingRules } from "../../api/generated/kubernetes";
import type { Verdict } from "./conditions";

/** What an autoscaler wanted and did before, in epoch milliseconds. */
export interface ScalingHistory {
  readonly recommendations: readonly { readonly at: number; readonly replicas: number }[];
  /** Replicas added (above 0) and taken away (below 0). */
  readonly changes: readonly { readonly at: number; readonly by: number }[];
}

export interface Normalised {
  readonly replicas: number;
  readonly stable: Verdict;
  readonly limited: Verdict;
}

const DOWN_WINDOW_SECONDS = 300;

/** Holds a recommendation to windows, rates and bounds: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior */
export function normalise(
  spec: V2HorizontalPodAutoscalerSpec,
  history: ScalingHistory,
  current: number,
  wanted: number,
  now: number,
): Normalised {
  const { behavior, minReplicas = 1, maxReplicas } = spec;
  const up = behavior?.scaleUp;
  const down = behavior?.scaleDown;
  const steady = stabilise(history, current, wanted, now, {
    up: (up?.stabilizationWindowSeconds ?? 0) * 1000,
    down: (down?.stabilizationWindowSeconds ?? DOWN_WINDOW_SECONDS) * 1000,
  });
  const stable = steady === wanted ? READY : steady > wanted ? STABILISED_DOWN : STABILISED_UP;
  if (!behavior) return { stable, ...withinDefaultRate(current, steady, minReplicas, maxReplicas) };
  if (steady > current) return { stable, ...growing(history, current, steady, minReplicas, maxReplicas, now, up) };
  if (steady < current) return { stable, ...shrinking(history, current, steady, minReplicas, maxReplicas, now, down) };
  return { stable, ...within(steady, minReplicas, maxReplicas) };
}

/** The least that was wanted lately when growing, the most when shrinking. */
function stabilise(
  { recommendations }: ScalingHistory,
  current: number,
  wanted: number,
  now: number,
  windows: { up: number; down: number },
): number {
  let [least, most] = [wanted, wanted];
  for (const { at, replicas } of recommendations) {
    if (at > now - windows.up) least = Math.min(least, replicas);
    if (at > now - windows.down) most = Math.max(most, replicas);
  }
  return Math.min(Math.max(current, least), most);
}

/** Without a behavior of its own, an autoscaler at most doubles, or goes to four. */
function withinDefaultRate(current: number, wanted: number, least: number, most: number) {
  const limit = Math.max(2 * current, 4);
  if (wanted > Math.min(limit, most)) {
    return limit < most ? { replicas: limit, limited: UP_LIMIT } : { replicas: most, limited: TOO_MANY };
  }
  return within(wanted, least, most);
}

function within(wanted: number, least: number, most: number): { replicas: number; limited: Verdict } {
  if (wanted < least) return { replicas: least, limited: TOO_FEW };
  if (wanted > most) return { replicas: most, limited: TOO_MANY };
  return { replicas: wanted, limited: IN_RANGE };
}

function growing(
  history: ScalingHistory,
  current: number,
  wanted: number,
  least: number,
  most: number,
  now: number,
  rules: V2HPAScalingRules | undefined,
) {
  const limit = limitOf(rules, (policy) => {
    const added = changedWithin(history, policy.periodSeconds, now, "up");
    const start = current - added + changedWithin(history, policy.periodSeconds, now, "down");
    return policy.type === "Pods" ? start + policy.value : Math.ceil(start * (1 + policy.value / 100));
  });
  const allowed = Math.max(rules?.selectPolicy === "Disabled" ? current : limit("up"), current);
  if (wanted > Math.min(allowed, most)) {
    return allowed < most ? { replicas: allowed, limited: UP_LIMIT } : { replicas: most, limited: TOO_MANY };
  }
  return within(wanted, least, most);
}

function shrinking(
  history: ScalingHistory,
  current: number,
  wanted: number,
  least: number,
  most: number,
  now: number,
  rules: V2HPAScalingRules | undefined,
) {
  const limit = limitOf(rules, (policy) => {
    const taken = changedWithin(history, policy.periodSeconds, now, "down");
    const start = current + taken - changedWithin(history, policy.periodSeconds, now, "up");
    return policy.type === "Pods" ? start - policy.value : Math.floor(start * (1 - policy.value / 100));
  });
  const allowed = Math.min(rules?.selectPolicy === "Disabled" ? current : limit("down"), current);
  if (wanted < Math.max(allowed, least)) {
    return allowed > least ? { replicas: allowed, limited: DOWN_LIMIT } : { replicas: least, limited: TOO_FEW };
  }
  return within(wanted, least, most);
}

type Policy = NonNullable<V2HPAScalingRules["policies"]>[number];

/** The policy that changes most, or least, decides. */
function limitOf(rules: V2HPAScalingRules | undefined, replicas: (policy: Policy) => number) {
  return (direction: "up" | "down"): number => {
    const limits = (rules?.policies ?? []).map(replicas);
    const farthest = (direction === "up") === ((rules?.selectPolicy ?? "Max") === "Max");
    return farthest ? Math.max(...limits) : Math.min(...limits);
  };
}

function changedWithin({ changes }: ScalingHistory, seconds: number, now: number, direction: "up" | "down"): number {
  const recent = changes.filter(({ at, by }) => at > now - seconds * 1000 && (direction === "up") === by > 0);
  return recent.reduce((total, { by }) => total + Math.abs(by), 0);
}

const READY: Verdict = [true, "ReadyForNewScale", "recommended size matches current size"];
const STABILISED_DOWN: Verdict = [
  true,
  "ScaleDownStabilized",
  "recent recommendations were higher than current one, applying the highest recent recommendation",
];
const STABILISED_UP: Verdict = [
  true,
  "ScaleUpStabilized",
  "recent recommendations were lower than current one, applying the lowest recent recommendation",
];
const IN_RANGE: Verdict = [false, "DesiredWithinRange", "the desired count is within the acceptable range"];
const TOO_FEW: Verdict = [true, "TooFewReplicas", "the desired replica count is less than the minimum replica count"];
const TOO_MANY: Verdict = [true, "TooManyReplicas", "the desired replica count is more than the maximum replica count"];
const UP_LIMIT: Verdict = [
  true,
  "ScaleUpLimit",
  "the desired replica count is increasing faster than the maximum scale rate",
];
const DOWN_LIMIT: Verdict = [
  true,
  "ScaleDownLimit",
  "the desired replica count is decreasing faster than the maximum scale rate",
];
