import type { Pod, PodTemplateSpec, StatefulSet } from "../../api/generated/kubernetes";
import { resolveIntOrPercent } from "../../api/int-or-string";
import type { Stored } from "../../api/object";
import type { EventRecorder } from "../../client/event-recorder";
import { inSlowStartBatches } from "../pod-control";
import { isPodAvailable, isPodTerminal } from "../pod-state";
import type { Claims } from "./claims";
import { isItself, newPod, ordinalOf, revisionOf, startOrdinal } from "./identity";
import type { StatefulPods } from "./pods";
import { isHealthy, isRunningAndReady, type Revisions } from "./status";

export interface StatefulSetSyncParts {
  readonly set: Stored<StatefulSet>;
  readonly pods: readonly Stored<Pod>[];
  readonly revisions: Revisions;
  /** The template of the revision that pods had before the update. */
  readonly currentTemplate: PodTemplateSpec;
  readonly podControl: StatefulPods;
  readonly claims: Claims;
  readonly recorder: EventRecorder;
  readonly now: number;
}

/** A place in the set: the pod that is there, if any. */
interface Place {
  readonly ordinal: number;
  readonly pod: Stored<Pod> | undefined;
}

/**
 * One step towards the pods that a StatefulSet is to have: missing ones first, then those beyond the last, then those
 * of an old revision. An ordered set takes one step at a time and waits for every pod before.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees
 */
export async function stepStatefulSet(parts: StatefulSetSyncParts): Promise<void> {
  const { set, claims } = parts;
  if (set.metadata.deletionTimestamp) return;
  const { wanted, leaving } = places(parts);
  const isOrdered = set.spec?.podManagementPolicy !== "Parallel";
  for (const { ordinal, pod } of leaving) if (pod) await claims.retain(set, ordinal, pod, true);
  if (!(await fill(parts, wanted, isOrdered))) return;
  if (!(await shrink(parts, wanted, leaving, isOrdered))) return;
  if (set.spec?.updateStrategy?.type !== "OnDelete") await update(parts, wanted);
}

function places({ set, pods }: StatefulSetSyncParts): { wanted: Place[]; leaving: Place[] } {
  const start = startOrdinal(set);
  const replicas = set.spec?.replicas ?? 1;
  const wanted = new Map<number, Place>();
  for (let ordinal = start; ordinal < start + replicas; ordinal++) wanted.set(ordinal, { ordinal, pod: undefined });
  const leaving: Place[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    if (wanted.has(ordinal)) wanted.set(ordinal, { ordinal, pod });
    else leaving.push({ ordinal, pod });
  }
  return { wanted: [...wanted.values()], leaving: leaving.sort((a, b) => b.ordinal - a.ordinal) };
}

/** Sees to the places that are to have a pod. Returns whether all of them are as they should be. */
async function fill(parts: StatefulSetSyncParts, wanted: readonly Place[], isOrdered: boolean): Promise<boolean> {
  if (isOrdered) {
    for (const place of wanted) if (!(await tend(parts, place, true))) return false;
    return true;
  }
  const result = await inSlowStartBatches(wanted.length, async (index) => {
    const place = wanted[index];
    if (place) await tend(parts, place, false);
  });
  if ("error" in result) throw result.error;
  return true;
}

async function tend(parts: StatefulSetSyncParts, { ordinal, pod }: Place, isOrdered: boolean): Promise<boolean> {
  const { set, podControl, claims, now } = parts;
  if (!pod) {
    // The claims are about to go with the pod before; the new pod must not take them.
    if (claims.isStale(set, ordinal)) return false;
    await podControl.create(set, versionedPod(parts, ordinal), ordinal);
    return !isOrdered;
  }
  if (isPodTerminal(pod)) {
    if (!pod.metadata.deletionTimestamp) await replace(parts, pod);
    return false;
  }
  if (pod.status?.phase === "Pending") await podControl.createClaims(set, pod.metadata.name, ordinal);
  if (isOrdered && !isHealthy(pod)) return false;
  if (isOrdered && !isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, now)) return false;
  if (!isItself(set, pod, ordinal)) await podControl.mend(set, pod, ordinal);
  await claims.retain(set, ordinal, pod, false);
  return true;
}

/** A pod that has ended gets a successor once it is gone. */
async function replace({ set, podControl, recorder }: StatefulSetSyncParts, pod: Stored<Pod>): Promise<void> {
  const { namespace = "", name } = set.metadata;
  const isFailed = pod.status?.phase === "Failed";
  const reason = isFailed ? "RecreatingFailedPod" : "RecreatingTerminatedPod";
  const message = `StatefulSet ${namespace}/${name} is recreating ${isFailed ? "failed" : "terminated"} Pod ${pod.metadata.name}`;
  recorder.event(set, isFailed ? "Warning" : "Normal", reason, message);
  await podControl.delete(set, pod);
}

/** A new pod below the partition, or not reached by the update yet, is of the revision before. */
function versionedPod({ set, revisions, currentTemplate }: StatefulSetSyncParts, ordinal: number): Pod {
  const { updateStrategy, template } = set.spec ?? {};
  const rolling = updateStrategy?.rollingUpdate;
  const isRolling = updateStrategy?.type === "RollingUpdate";
  const partition = rolling ? (rolling.partition ?? 0) : (set.status?.currentReplicas ?? 0);
  if (isRolling && ordinal < startOrdinal(set) + partition) {
    return newPod(set, currentTemplate, ordinal, revisions.current);
  }
  return newPod(set, template ?? {}, ordinal, revisions.update);
}

/** Removes pods beyond the last, from the top. Returns whether the update may go on. */
async function shrink(
  { set, podControl, now }: StatefulSetSyncParts,
  wanted: readonly Place[],
  leaving: readonly Place[],
  isOrdered: boolean,
): Promise<boolean> {
  const firstUnhealthy = [...wanted, ...[...leaving].reverse()].find(({ pod }) => !pod || !isHealthy(pod));
  for (const place of leaving) {
    const { pod } = place;
    if (!pod) continue;
    if (pod.metadata.deletionTimestamp) {
      if (isOrdered) return false;
      continue;
    }
    const isSteady = isRunningAndReady(pod) && isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, now);
    if (isOrdered && !isSteady && place !== firstUnhealthy) return false;
    await podControl.delete(set, pod);
    if (isOrdered) return false;
  }
  return true;
}

/** Removes pods of an old revision from the top down to the partition; each that is not well takes a turn of its own. */
async function update({ set, revisions, podControl }: StatefulSetSyncParts, wanted: readonly Place[]): Promise<void> {
  const { partition = 0, maxUnavailable = 1 } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const limit = Math.max(1, resolveIntOrPercent(maxUnavailable, wanted.length, "down"));
  const targets = wanted.filter(({ ordinal }) => ordinal >= startOrdinal(set) + partition).reverse();
  let waiting = 0;
  for (const { pod } of targets) {
    const isOld = pod && revisionOf(pod) !== revisions.update && !pod.metadata.deletionTimestamp;
    if (isOld) await podControl.delete(set, pod);
    if (isOld || !pod || !isHealthy(pod)) waiting++;
    if (waiting >= limit) return;
  }
}
