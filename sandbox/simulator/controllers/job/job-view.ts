import type { Job, JobCondition, Pod } from "../../api/generated/kubernetes";
import { isPodActive, isPodReady, isPodTerminating } from "../pod-state";

/** Questions about a Job and its pods. https://kubernetes.io/docs/concepts/workloads/controllers/job/ */

/** Holds a pod until the Job has counted how it ended. */
export const TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking";
export const INDEX_ANNOTATION = "batch.kubernetes.io/job-completion-index";

export function isTracked(pod: Pod): boolean {
  return pod.metadata?.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

export function isIndexed(job: Job): boolean {
  return job.spec?.completionMode === "Indexed";
}

export function isSuspended(job: Job): boolean {
  return job.spec?.suspend === true;
}

export function limitsEachIndex(job: Job): boolean {
  return job.spec?.backoffLimitPerIndex !== undefined;
}

/** Whether a pod on its way out is replaced only once it has ended. */
export function replacesOnlyFailed(job: Job): boolean {
  return job.spec?.podReplacementPolicy === "Failed";
}

export function conditionOf(job: Job, type: string): JobCondition | undefined {
  return job.status?.conditions?.find((condition) => condition.type === type && condition.status === "True");
}

export function isFinished(job: Job): boolean {
  return conditionOf(job, "Complete") !== undefined || conditionOf(job, "Failed") !== undefined;
}

/** The index of an Indexed Job's pod; `undefined` when it has none that could be read. */
export function completionIndex(pod: Pod): number | undefined {
  const text = pod.metadata?.annotations?.[INDEX_ANNOTATION];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Whether the pod counts as failed: one that is deleted before it ended does, unless only failed pods are replaced. */
export function hasFailed(pod: Pod, job: Job): boolean {
  const phase = pod.status?.phase;
  if (phase === "Failed") return true;
  if (replacesOnlyFailed(job)) return false;
  return pod.metadata?.deletionTimestamp !== undefined && phase !== "Succeeded";
}

export function hasSucceeded(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded";
}

export interface PodCounts {
  active: number;
  ready: number;
  terminating: number;
}

export function countsOf(pods: readonly Pod[]): PodCounts {
  const active = pods.filter(isPodActive);
  return {
    active: active.length,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isPodTerminating).length,
  };
}

/** When the pod ended, in epoch milliseconds: as its last container tells, or the best guess. */
export function finishTime(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt);
  const known = ends.filter((end) => end !== undefined).map((end) => Date.parse(end));
  if (known.length > 0 && known.length === ends.length) return Math.max(...known);
  const { deletionTimestamp, creationTimestamp } = pod.metadata ?? {};
  return Date.parse(deletionTimestamp ?? creationTimestamp ?? "") || 0;
}
