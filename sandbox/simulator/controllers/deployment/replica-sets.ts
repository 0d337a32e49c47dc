import { resolveIntOrPercent } from "../../api/int-or-string";
import type { Deployment, ReplicaSet } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { sameTemplate } from "./template-hash";

/** A Deployment's ReplicaSets: the one of the present template, if it is there, and all others. */
export interface ReplicaSets {
  readonly current: Stored<ReplicaSet> | undefined;
  readonly old: readonly Stored<ReplicaSet>[];
}

export function allOf({ current, old }: ReplicaSets): readonly Stored<ReplicaSet>[] {
  return current ? [...old, current] : old;
}

/** The oldest ReplicaSet with the Deployment's template. */
export function findCurrent(
  deployment: Deployment,
  replicaSets: readonly Stored<ReplicaSet>[],
): Stored<ReplicaSet> | undefined {
  return byAge(replicaSets).find((each) => sameTemplate(each.spec?.template, deployment.spec?.template));
}

/** Oldest first. */
export function byAge(replicaSets: readonly Stored<ReplicaSet>[]): Stored<ReplicaSet>[] {
  return [...replicaSets].sort(
    (a, b) =>
      Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  );
}

export function active(replicaSets: readonly Stored<ReplicaSet>[]): Stored<ReplicaSet>[] {
  return replicaSets.filter((each) => sizeOf(each) > 0);
}

export function sizeOf(replicaSet: ReplicaSet | undefined): number {
  return replicaSet?.spec?.replicas ?? 0;
}

export function availableOf(replicaSet: ReplicaSet | undefined): number {
  return replicaSet?.status?.availableReplicas ?? 0;
}

export function sum(
  replicaSets: readonly Stored<ReplicaSet>[],
  what: (replicaSet: Stored<ReplicaSet>) => number,
): number {
  return replicaSets.reduce((total, each) => total + what(each), 0);
}

export function desiredOf(deployment: Deployment): number {
  return deployment.spec?.replicas ?? 1;
}

export function isRolling(deployment: Deployment): boolean {
  return deployment.spec?.strategy?.type !== "Recreate";
}

/**
 * How many pods may be there beyond the desired number, and how many may be missing, during a rolling update.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export function limitsOf(deployment: Deployment): { maxSurge: number; maxUnavailable: number } {
  if (!isRolling(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const desired = desiredOf(deployment);
  const { maxSurge, maxUnavailable } = deployment.spec?.strategy?.rollingUpdate ?? {};
  const surge = resolveIntOrPercent(maxSurge, desired, "up");
  const unavailable = resolveIntOrPercent(maxUnavailable, desired, "down");
  // Both zero would never get anywhere.
  const allowed = surge === 0 && unavailable === 0 ? 1 : unavailable;
  return { maxSurge: surge, maxUnavailable: Math.min(allowed, desired) };
}

/** How large the current ReplicaSet should be now: as large as the surge allows, never beyond what is desired. */
export function sizeOfCurrent(deployment: Deployment, all: readonly Stored<ReplicaSet>[], size: number): number {
  const desired = desiredOf(deployment);
  if (!isRolling(deployment)) return desired;
  const room = desired + limitsOf(deployment).maxSurge - sum(all, sizeOf);
  return room <= 0 ? size : size + Math.min(room, desired - size);
}
