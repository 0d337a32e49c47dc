import type { Job, Pod } from "../../api/generated/kubernetes";
import { finishTime, hasSucceeded } from "./job-view";
import { judgeFailure } from "./failure-policy";

/** Failures in a row, and when the last one was (epoch milliseconds). */
export interface FailureRecord {
  readonly failures: number;
  readonly last: number;
}

export const NO_FAILURES: FailureRecord = { failures: 0, last: 0 };

const FIRST_MS = 10_000;
const LONGEST_MS = 600_000;

/** The record after these pods ended too: a success clears it. */
export function recordAfter(before: FailureRecord, finished: readonly Pod[]): FailureRecord {
  const inOrder = finished.map((pod) => ({ pod, at: finishTime(pod) })).sort((a, b) => a.at - b.at);
  let record = before;
  for (const { pod, at } of inOrder) {
    record = hasSucceeded(pod) ? NO_FAILURES : { failures: record.failures + 1, last: at };
  }
  return record;
}

/** Milliseconds until the next pod may be made: 10 s, doubled with each failure in a row, ten minutes at most. */
export function waitAfter({ failures, last }: FailureRecord, now: number): number {
  if (failures === 0) return 0;
  return Math.max(0, last + Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS) - now);
}

const FAILURES = "batch.kubernetes.io/job-index-failure-count";
const IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count";

/** How often the pod's index had failed before it, failures that the policy ignores left out. */
export function earlierFailures(pod: Pod): number {
  return Number(pod.metadata?.annotations?.[FAILURES] ?? 0);
}

/** All failures of the pod's index before it. */
export function allEarlierFailures(pod: Pod): number {
  return earlierFailures(pod) + Number(pod.metadata?.annotations?.[IGNORED] ?? 0);
}

/** The annotations that carry an index's failures on to the pod that replaces `failed`. */
export function failureAnnotations(job: Job, failed: Pod | undefined): Record<string, string> {
  if (!failed) return { [FAILURES]: "0" };
  const isIgnored = !judgeFailure(job.spec?.podFailurePolicy, failed).counts;
  const ignored = allEarlierFailures(failed) - earlierFailures(failed) + (isIgnored ? 1 : 0);
  return {
    [FAILURES]: String(earlierFailures(failed) + (isIgnored ? 0 : 1)),
    ...(ignored > 0 && { [IGNORED]: String(ignored) }),
  };
}
