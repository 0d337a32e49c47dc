import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from "../../api/generated/kubernetes";
import { cloneJson } from "../../api/json";
import type { Stored } from "../../api/object";
import { toTime } from "../../clock";
import { allOf, availableOf, desiredOf, limitsOf, sizeOf, sum, type ReplicaSets } from "./replica-sets";

/** The counts and the Available condition that fit the ReplicaSets; other conditions stay as they were. */
export function deploymentStatus(
  deployment: Stored<Deployment>,
  replicaSets: ReplicaSets,
  now: number,
): DeploymentStatus {
  const all = allOf(replicaSets);
  const available = sum(all, availableOf);
  const enough = available >= desiredOf(deployment) - limitsOf(deployment).maxUnavailable;
  const status: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation,
    replicas: sum(all, (each) => each.status?.replicas ?? 0) || undefined,
    updatedReplicas: (replicaSets.current?.status?.replicas ?? 0) || undefined,
    readyReplicas: sum(all, (each) => each.status?.readyReplicas ?? 0) || undefined,
    availableReplicas: available || undefined,
    unavailableReplicas: Math.max(0, sum(all, sizeOf) - available) || undefined,
    terminatingReplicas: sum(all, (each) => each.status?.terminatingReplicas ?? 0),
    collisionCount: deployment.status?.collisionCount,
    conditions: deployment.status?.conditions,
  };
  const condition = enough
    ? newCondition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
    : newCondition(
        "Available",
        "False",
        "MinimumReplicasUnavailable",
        "Deployment does not have minimum availability.",
        now,
      );
  return cloneJson(withCondition(status, condition));
}

export function conditionOf(status: DeploymentStatus | undefined, type: string): DeploymentCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export function newCondition(
  type: string,
  status: "True" | "False" | "Unknown",
  reason: string,
  message: string,
  now: number,
): DeploymentCondition {
  const time = toTime(now);
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
}

/** Sets a condition. The same status for the same reason changes nothing; the same status keeps its transition time. */
export function withCondition(status: DeploymentStatus, condition: DeploymentCondition): DeploymentStatus {
  const before = conditionOf(status, condition.type);
  if (before && before.status === condition.status && before.reason === condition.reason) return status;
  const lastTransitionTime =
    before?.status === condition.status ? before.lastTransitionTime : condition.lastTransitionTime;
  const { conditions = [] } = withoutCondition(status, condition.type);
  return { ...status, conditions: [...conditions, { ...condition, lastTransitionTime }] };
}

export function withoutCondition(status: DeploymentStatus, type: string): DeploymentStatus {
  return { ...status, conditions: (status.conditions ?? []).filter((condition) => condition.type !== type) };
}

export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const desired = desiredOf(deployment);
  return (
    (status?.updatedReplicas ?? 0) === desired &&
    (status?.replicas ?? 0) === desired &&
    (status?.availableReplicas ?? 0) === desired &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata?.generation ?? 0)
  );
}

/** Whether `after` is nearer to the goal than `before`. */
export function hasProgressed(before: DeploymentStatus | undefined, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus | undefined) => (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before?.availableReplicas ?? 0)
  );
}

const NO_DEADLINE = 2_147_483_647;

/** Milliseconds a rollout may stand still; `undefined` when it may forever. */
export function progressDeadlineMs(deployment: Deployment): number | undefined {
  const seconds = deployment.spec?.progressDeadlineSeconds;
  return seconds === undefined || seconds === NO_DEADLINE ? undefined : seconds * 1000;
}

/** The failure of the current ReplicaSet, else of any other, as a condition of the Deployment. */
export function replicaFailure({ current, old }: ReplicaSets): DeploymentCondition | undefined {
  const failureOf = (replicaSet: ReplicaSet | undefined) =>
    replicaSet?.status?.conditions?.find((condition) => condition.type === "ReplicaFailure");
  const failure = failureOf(current) ?? old.map(failureOf).find((condition) => condition !== undefined);
  if (!failure) return undefined;
  const { type, status, reason, message, lastTransitionTime } = failure;
  return { type, status, reason, message, lastTransitionTime, lastUpdateTime: lastTransitionTime };
}
