import type { Job, Pod } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { allEarlierFailures, earlierFailures, waitAfter } from "./back-off";
import { judgeFailure } from "./failure-policy";
import { parseIndexes } from "./indexes";
import type { JobSync } from "./job-sync";
import { completionIndex, finishTime, hasFailed } from "./job-view";

/** Back-off for each index alone. https://kubernetes.io/docs/concepts/workloads/controllers/job/#backoff-limit-per-index */

/** The indexes that are given up, with those that these finished pods exhaust. */
export function failedIndexesAfter(job: Job, finished: readonly Pod[]): ReadonlySet<number> {
  const failed = parseIndexes(job.status?.failedIndexes, job.spec?.completions ?? 0);
  for (const pod of finished) {
    const index = completionIndex(pod);
    if (index !== undefined && hasFailed(pod, job) && exhaustsIndex(job, pod)) failed.add(index);
  }
  return failed;
}

function exhaustsIndex(job: Job, pod: Pod): boolean {
  const { action, counts } = judgeFailure(job.spec?.podFailurePolicy, pod);
  if (action === "FailIndex") return true;
  return counts && earlierFailures(pod) >= (job.spec?.backoffLimitPerIndex ?? 0);
}

/** The last failed pod of each index that is to have another: it carries the index's count until then. */
export function heldPods(sync: JobSync): ReadonlyMap<number, Stored<Pod>> {
  const running = new Set(sync.active.map(completionIndex));
  const held = new Map<number, Stored<Pod>>();
  for (const pod of sync.finished) {
    const index = completionIndex(pod);
    if (index === undefined || !hasFailed(pod, sync.job) || running.has(index)) continue;
    if (sync.succeededIndexes?.has(index) || sync.failedIndexes?.has(index)) continue;
    const other = held.get(index);
    if (!other || isLater(pod, other)) held.set(index, pod);
  }
  return held;
}

function isLater(pod: Pod, other: Pod): boolean {
  const difference = allEarlierFailures(pod) - allEarlierFailures(other);
  return difference > 0 || (difference === 0 && finishTime(pod) >= finishTime(other));
}

/** Milliseconds until the index may have its next pod. */
export function waitOfIndex(failed: Pod | undefined, now: number): number {
  if (!failed) return 0;
  return waitAfter({ failures: allEarlierFailures(failed) + 1, last: finishTime(failed) }, now);
}
