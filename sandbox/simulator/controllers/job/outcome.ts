import type { Job, JobCondition, Pod } from "../../api/generated/kubernetes";
import { judgeFailure } from "./failure-policy";
import { conditionOf, hasFailed, isSuspended } from "./job-view";
import { newCondition } from "./conditions";
import { parseIndexes } from "./indexes";

export interface Tally {
  readonly failed: number;
  /** Only for Indexed Jobs. */
  readonly succeededIndexes?: ReadonlySet<number>;
  /** Only where each index has its own limit. */
  readonly failedIndexes?: ReadonlySet<number>;
}

/**
 * How the Job ends, if it does now: `SuccessCriteriaMet` or `FailureTarget` while its pods are still to be cleared up,
 * `Failed` when that was said before. `undefined` while it goes on.
 */
export function outcomeOf(job: Job, pods: readonly Pod[], tally: Tally, now: number): JobCondition | undefined {
  const met = conditionOf(job, "SuccessCriteriaMet");
  if (met) return met;
  const target = conditionOf(job, "FailureTarget");
  if (target) return newCondition("Failed", "True", target.reason ?? "", target.message ?? "", now);
  const failure = failureOf(job, pods, tally, now);
  if (failure) return newCondition("FailureTarget", "True", failure.reason, failure.message, now);
  const rule = successRule(job, tally);
  if (rule === undefined) return undefined;
  return newCondition("SuccessCriteriaMet", "True", "SuccessPolicy", `Matched rules at index ${rule}`, now);
}

/** Milliseconds until the Job's deadline; `undefined` when it has none that runs. */
export function untilDeadline(job: Job, now: number): number | undefined {
  const seconds = job.spec?.activeDeadlineSeconds;
  const start = job.status?.startTime;
  if (seconds === undefined || start === undefined || isSuspended(job)) return undefined;
  return Date.parse(start) + seconds * 1000 - now;
}

function failureOf(job: Job, pods: readonly Pod[], tally: Tally, now: number) {
  for (const pod of pods) {
    if (!job.spec?.podFailurePolicy || !hasFailed(pod, job)) continue;
    const { message } = judgeFailure(job.spec.podFailurePolicy, pod);
    if (message !== undefined) return { reason: "PodFailurePolicy", message };
  }
  if (tally.failed > (job.spec?.backoffLimit ?? 6) || restartsExceedLimit(job, pods)) {
    return { reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" };
  }
  if ((untilDeadline(job, now) ?? 1) <= 0) {
    return { reason: "DeadlineExceeded", message: "Job was active longer than specified deadline" };
  }
  return indexFailure(job, tally);
}

/** Containers that are restarted in place count by their restarts. */
function restartsExceedLimit(job: Job, pods: readonly Pod[]): boolean {
  if (job.spec?.template.spec?.restartPolicy !== "OnFailure") return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== "Running" && status?.phase !== "Pending") continue;
    for (const each of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
      restarts += each.restartCount;
    }
  }
  const limit = job.spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function indexFailure(job: Job, { failedIndexes, succeededIndexes }: Tally) {
  if (!failedIndexes) return undefined;
  const { maxFailedIndexes, completions = 0 } = job.spec ?? {};
  if (maxFailedIndexes !== undefined && failedIndexes.size > maxFailedIndexes) {
    const message = "Job has exceeded the specified maximal number of failed indexes";
    return { reason: "MaxFailedIndexesExceeded", message };
  }
  if (failedIndexes.size > 0 && failedIndexes.size + (succeededIndexes?.size ?? 0) >= completions) {
    return { reason: "FailedIndexes", message: "Job has failed indexes" };
  }
  return undefined;
}

/** The first rule of the success policy that holds. */
function successRule(job: Job, { succeededIndexes }: Tally): number | undefined {
  if (!succeededIndexes || succeededIndexes.size === 0) return undefined;
  const completions = job.spec?.completions ?? 0;
  const rules = job.spec?.successPolicy?.rules ?? [];
  const index = rules.findIndex((rule) => {
    if (rule.succeededIndexes === undefined) return succeededIndexes.size >= (rule.succeededCount ?? Infinity);
    const wanted = [...parseIndexes(rule.succeededIndexes, completions)];
    return wanted.filter((each) => succeededIndexes.has(each)).length >= (rule.succeededCount ?? wanted.length);
  });
  return index < 0 ? undefined : index;
}
