import type { Pod, StatefulSet, StatefulSetStatus } from "../../api/generated/kubernetes";
import { cloneJson } from "../../api/json";
import type { Stored } from "../../api/object";
import { isPodAvailable, isPodReady } from "../pod-state";
import { revisionOf } from "./identity";

export interface Revisions {
  /** Names of ControllerRevisions: the one pods had before the update, and the one they are to have. */
  readonly current: string;
  readonly update: string;
  readonly collisionCount: number;
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === "Running" && isPodReady(pod);
}

/** Ready, and staying. */
export function isHealthy(pod: Pod): boolean {
  return isRunningAndReady(pod) && !pod.metadata?.deletionTimestamp;
}

/** The status that fits the pods. When all of them are up to date the update is over. */
export function statefulSetStatus(
  set: Stored<StatefulSet>,
  pods: readonly Stored<Pod>[],
  revisions: Revisions,
  now: number,
): StatefulSetStatus {
  const minReadySeconds = set.spec?.minReadySeconds ?? 0;
  const count = (predicate: (pod: Stored<Pod>) => boolean) => pods.filter(predicate).length || undefined;
  const hasRevision = (name: string) => (pod: Stored<Pod>) =>
    !pod.metadata.deletionTimestamp && revisionOf(pod) === name;
  const status: StatefulSetStatus = {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: count(isRunningAndReady),
    currentReplicas: count(hasRevision(revisions.current)),
    updatedReplicas: count(hasRevision(revisions.update)),
    currentRevision: revisions.current,
    updateRevision: revisions.update,
    collisionCount: revisions.collisionCount,
    availableReplicas: pods.filter((pod) => isRunningAndReady(pod) && isPodAvailable(pod, minReadySeconds, now)).length,
    conditions: set.status?.conditions,
  };
  const wanted = set.spec?.replicas ?? 1;
  const isRolling = set.spec?.updateStrategy?.type !== "OnDelete";
  const counts = [status.updatedReplicas ?? 0, status.readyReplicas ?? 0, status.replicas];
  if (isRolling && counts.every((each) => each === wanted)) {
    status.currentReplicas = status.updatedReplicas;
    status.currentRevision = status.updateRevision;
  }
  return cloneJson(status);
}
