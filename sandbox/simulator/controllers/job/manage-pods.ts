import type { Pod } from "../../api/generated/kubernetes";
import { keyOf, type Stored } from "../../api/object";
import { inSlowStartBatches, type Failed } from "../pod-control";
import { isPodReady, isPodTerminating } from "../pod-state";
import { inDeletionOrder } from "../replica-set/ranking";
import { waitAfter } from "./back-off";
import { firstFree } from "./indexes";
import type { JobSync } from "./job-sync";
import { completionIndex, isIndexed, isSuspended, isTracked, limitsEachIndex, replacesOnlyFailed } from "./job-view";
import { waitOfIndex } from "./per-index";
import { generateName, podTemplate } from "./pod-blueprint";
import { release } from "./tracking";

/** At most so many pods are made or removed in one sync. */
const BURST = 500;

/** Makes what is missing or removes what is too much, never both in one sync. Returns the first error. */
export async function managePods(sync: JobSync): Promise<Failed | undefined> {
  if (isSuspended(sync.job)) return (await discardPods(sync, sync.active)).failed;
  const wanted = wantedActive(sync);
  const surplus = surplusPods(sync, wanted).slice(0, BURST);
  if (surplus.length > 0) return (await discardPods(sync, surplus)).failed;
  const waiting = replacesOnlyFailed(sync.job) ? sync.counts.terminating : 0;
  const missing = Math.min(wanted - waiting - sync.counts.active, BURST);
  return missing > 0 ? createPods(sync, missing) : undefined;
}

/** Removes pods that were not meant to end: their finalizer goes first, so that they do not count as failed. */
async function discardPods(sync: JobSync, pods: readonly Stored<Pod>[]): Promise<Removal> {
  for (const pod of pods) if (isTracked(pod)) await release(sync.parts.client, pod);
  return removePods(sync, pods);
}

interface Removal {
  readonly done: number;
  readonly failed?: Failed;
}

/** Removes pods and counts them as terminating. Returns how many went and the first error. */
export async function removePods(sync: JobSync, pods: readonly Stored<Pod>[]): Promise<Removal> {
  if (pods.length === 0) return { done: 0 };
  const { podControl, expectations, key } = sync.parts;
  expectations.expectDeletions(key, pods.map(keyOf));
  let done = 0;
  let failed: Failed | undefined;
  for (const pod of pods) {
    try {
      await podControl.delete(sync.job, pod);
      done++;
      sync.counts.active--;
      sync.counts.terminating++;
      if (isPodReady(pod)) sync.counts.ready--;
    } catch (error) {
      expectations.deletionObserved(key, keyOf(pod));
      failed ??= { error };
    }
  }
  return { done, ...(failed && { failed }) };
}

function wantedActive({ job, succeeded, counts }: JobSync): number {
  const { parallelism = 1, completions } = job.spec ?? {};
  if (completions === undefined) return succeeded > 0 ? counts.active : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

/** Pods of an index that another has too, or beyond the last; then as many as are too much. */
function surplusPods(sync: JobSync, wanted: number): Stored<Pod>[] {
  const ordered = inDeletionOrder(sync.active, [], sync.now);
  const least = Math.max(0, sync.active.length - wanted);
  if (!isIndexed(sync.job)) return ordered.slice(0, least);
  const completions = sync.job.spec?.completions ?? 0;
  const seen = new Set<number>();
  const [extra, kept]: [Stored<Pod>[], Stored<Pod>[]] = [[], []];
  for (const pod of [...ordered].reverse()) {
    const index = completionIndex(pod) ?? Infinity;
    (index >= completions || seen.has(index) ? extra : kept).push(pod);
    seen.add(index);
  }
  return [...extra, ...kept.reverse().slice(0, Math.max(0, least - extra.length))];
}

async function createPods(sync: JobSync, missing: number): Promise<Failed | undefined> {
  const { job, parts } = sync;
  const { podControl, expectations, key } = parts;
  const wait = limitsEachIndex(job) ? 0 : waitAfter(sync.failures, sync.now);
  if (wait > 0) {
    parts.again(wait);
    return undefined;
  }
  const indexes = isIndexed(job) ? freeIndexes(sync, missing) : undefined;
  const count = indexes?.length ?? missing;
  if (count === 0) return undefined;
  expectations.expectCreations(key, count);
  const result = await inSlowStartBatches(count, (each) => {
    const index = indexes?.[each];
    const failed = index === undefined ? undefined : sync.held.get(index);
    return podControl.create(job, podTemplate(job, index, failed), generateName(job, index));
  });
  for (let lost = count - result.done; lost > 0; lost--) expectations.creationObserved(key);
  sync.counts.active += result.done;
  return "error" in result ? { error: result.error } : undefined;
}

/** The first indexes without a pod or an end; those that still have to wait bring another sync. */
function freeIndexes(sync: JobSync, count: number): number[] {
  const { job, parts, now } = sync;
  const occupied = replacesOnlyFailed(job) ? [...sync.active, ...parts.pods.filter(isPodTerminating)] : sync.active;
  const taken = new Set([...(sync.succeededIndexes ?? []), ...(sync.failedIndexes ?? [])]);
  for (const pod of occupied) {
    const index = completionIndex(pod);
    if (index !== undefined) taken.add(index);
  }
  const free = firstFree(count, job.spec?.completions ?? 0, taken);
  if (!limitsEachIndex(job)) return free;
  const waits = free.map((index) => waitOfIndex(sync.held.get(index), now));
  const next = Math.min(...waits.filter((wait) => wait > 0));
  if (Number.isFinite(next)) parts.again(next);
  return free.filter((_, position) => waits[position] === 0);
}
