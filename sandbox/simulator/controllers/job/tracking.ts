import type { JobCondition, Pod } from "../../api/generated/kubernetes";
import { cloneJson, equalJson } from "../../api/json";
import type { Stored } from "../../api/object";
import { isNotFound } from "../../api/status";
import { PODS } from "../../client/resources";
import type { Client } from "../../client/client";
import { toTime } from "../../clock";
import { ensureCondition, newCondition } from "./conditions";
import { judgeFailure } from "./failure-policy";
import { formatIndexes, parseIndexes } from "./indexes";
import type { JobSync } from "./job-sync";
import * as ask from "./job-view";

/** So many pods are listed in a status at most; the rest is counted in the next sync. */
const MOST_UNCOUNTED = 500;

/**
 * Counts finished pods so that none is counted twice, whatever fails on the way: lists them in the status, takes their
 * finalizers off, then moves them to the counters. With `end` the Job finishes once nothing is left to count.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers
 */
export async function trackPods(sync: JobSync, end: JobCondition | undefined): Promise<void> {
  const { status, parts } = sync;
  const before = sync.job.status;
  const finalized = new Set(
    parts.pods
      .filter((pod) => ask.isTracked(pod) && !parts.released.has(pod.metadata.uid))
      .map(({ metadata }) => metadata.uid),
  );
  countReleased(sync, finalized);
  const { releasable, isAll } = listFinished(sync, end, finalized);
  if (end?.type === "FailureTarget" || end?.type === "SuccessCriteriaMet") ensureCondition(status, end);
  if (!equalJson(before, cloneJson(status))) await sync.write();

  for (const pod of releasable) {
    parts.released.add(pod.metadata.uid);
    try {
      await release(parts.client, pod);
    } catch (error) {
      parts.released.delete(pod.metadata.uid);
      throw error;
    }
    finalized.delete(pod.metadata.uid);
  }
  const listed = cloneJson(sync.status);
  countReleased(sync, finalized);
  const isFinished = isAll && end !== undefined && finish(sync, end);
  if (!isFinished && equalJson(listed, cloneJson(sync.status))) return;
  await sync.write();
  if (isFinished) tellEnd(sync, end);
}

/** Takes the tracking finalizer off; a pod that is gone needs it no more. */
export async function release(client: Client, pod: Stored<Pod>): Promise<void> {
  const { namespace = "", name, uid } = pod.metadata;
  const body = { metadata: { uid, "$deleteFromPrimitiveList/finalizers": [ask.TRACKING_FINALIZER] } };
  try {
    await client.patch(PODS, { namespace, name }, { type: "strategic", body });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Moves listed pods whose finalizer is off to the counters. */
function countReleased({ status }: JobSync, finalized: ReadonlySet<string>): void {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const stillHeld = (uids: readonly string[]) => uids.filter((uid) => finalized.has(uid));
  const [nextSucceeded, nextFailed] = [stillHeld(succeeded), stillHeld(failed)];
  status.succeeded = (status.succeeded ?? 0) + succeeded.length - nextSucceeded.length || undefined;
  status.failed = (status.failed ?? 0) + failed.length - nextFailed.length || undefined;
  status.uncountedTerminatedPods = listOf(nextSucceeded, nextFailed);
}

function listOf(succeeded: readonly string[], failed: readonly string[]) {
  return {
    ...(succeeded.length > 0 && { succeeded: [...succeeded] }),
    ...(failed.length > 0 && { failed: [...failed] }),
  };
}

/** Lists what ended in the status and returns the pods that may go. */
function listFinished(sync: JobSync, end: JobCondition | undefined, finalized: ReadonlySet<string>) {
  const { job, status, parts } = sync;
  const isIndexed = ask.isIndexed(job);
  const completions = job.spec?.completions ?? 0;
  const succeeded = [...(status.uncountedTerminatedPods?.succeeded ?? [])];
  const failed = [...(status.uncountedTerminatedPods?.failed ?? [])];
  const indexes = parseIndexes(status.completedIndexes, completions);
  const releasable: Stored<Pod>[] = [];
  let isAll = true;
  for (const pod of isIndexed ? byIndex(parts.pods) : parts.pods) {
    if (!finalized.has(pod.metadata.uid) || !mayRelease(sync, pod, end)) continue;
    if (succeeded.length + failed.length >= MOST_UNCOUNTED) {
      isAll = false;
      break;
    }
    releasable.push(pod);
    const { uid } = pod.metadata;
    const index = ask.completionIndex(pod) ?? Infinity;
    if (ask.hasSucceeded(pod) && !failed.includes(uid)) {
      if (isIndexed && index < completions) indexes.add(index);
      else if (!isIndexed && !succeeded.includes(uid)) succeeded.push(uid);
    } else if (ask.hasFailed(pod, job) || (end && end.type !== "SuccessCriteriaMet")) {
      const isOurs = !isIndexed || index < completions;
      if (isOurs && !failed.includes(uid) && judgeFailure(job.spec?.podFailurePolicy, pod).counts) failed.push(uid);
    }
  }
  status.uncountedTerminatedPods = listOf(succeeded, failed);
  if (isIndexed) {
    status.succeeded = indexes.size || undefined;
    status.completedIndexes = formatIndexes(indexes) || undefined;
    if (sync.failedIndexes) status.failedIndexes = formatIndexes(sync.failedIndexes);
  }
  return { releasable, isAll };
}

function mayRelease({ job, held }: JobSync, pod: Stored<Pod>, end: JobCondition | undefined): boolean {
  if (job.metadata.deletionTimestamp || end || ask.hasSucceeded(pod)) return true;
  if (!ask.hasFailed(pod, job)) return false;
  return held.get(ask.completionIndex(pod) ?? -1)?.metadata.uid !== pod.metadata.uid;
}

function byIndex(pods: readonly Stored<Pod>[]): Stored<Pod>[] {
  return [...pods].sort((a, b) => (ask.completionIndex(a) ?? -1) - (ask.completionIndex(b) ?? -1));
}

/** Sets the last condition; `false` while pods are still to be counted or to end. */
function finish(sync: JobSync, end: JobCondition): boolean {
  const { status, now } = sync;
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length > 0 || (status.terminating ?? 0) > 0) return false;
  const type = end.type === "SuccessCriteriaMet" ? "Complete" : "Failed";
  ensureCondition(status, newCondition(type, "True", end.reason ?? "", end.message ?? "", now));
  if (type === "Complete") status.completionTime = toTime(now);
  return true;
}

function tellEnd({ job, parts }: JobSync, end: JobCondition): void {
  if (end.type !== "SuccessCriteriaMet") {
    parts.recorder.event(job, "Warning", end.reason ?? "", end.message ?? "");
    return;
  }
  const { completions } = job.spec ?? {};
  if (completions !== undefined && (job.status?.succeeded ?? 0) > completions) {
    const message = "Too many succeeded pods running after completion count reached";
    parts.recorder.event(job, "Warning", "TooManySucceededPods", message);
  }
  parts.recorder.event(job, "Normal", "Completed", "Job completed");
}
