import type { DeploymentCondition, DeploymentStatus } from "../../api/generated/kubernetes";
import type { ReplicaSets } from "./replica-sets";
import type { Rollout } from "./rollout";
import {
  conditionOf,
  deploymentStatus,
  hasProgressed,
  isComplete,
  newCondition,
  progressDeadlineMs,
  replicaFailure,
  withCondition,
  withoutCondition,
} from "./status";

/** Writes the status of a rollout under way: how far it is, whether it still moves, and when to look again. */
export async function writeRolloutStatus(rollout: Rollout, replicaSets: ReplicaSets): Promise<void> {
  const { deployment, clock } = rollout;
  let status = deploymentStatus(deployment, replicaSets, clock.now());
  const deadline = progressDeadlineMs(deployment);
  const before = conditionOf(deployment.status, "Progressing");
  const wasComplete = status.replicas === status.updatedReplicas && before?.reason === "NewReplicaSetAvailable";
  if (deadline === undefined) status = withoutCondition(status, "Progressing");
  else if (!wasComplete) status = withProgress(rollout, replicaSets, status, before, deadline);
  const failure = replicaFailure(replicaSets);
  if (failure) status = withCondition(status, failure);
  else if (conditionOf(status, "ReplicaFailure")) status = withoutCondition(status, "ReplicaFailure");
  if (await rollout.writeStatus(status)) return;
  lookAgainAtDeadline(rollout, deadline);
}

function withProgress(
  rollout: Rollout,
  { current }: ReplicaSets,
  status: DeploymentStatus,
  before: DeploymentCondition | undefined,
  deadline: number,
): DeploymentStatus {
  const { deployment, clock } = rollout;
  const now = clock.now();
  const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`;
    return withCondition(status, newCondition("Progressing", "True", "NewReplicaSetAvailable", message, now));
  }
  if (hasProgressed(deployment.status, status)) {
    const message = `${subject} is progressing.`;
    const condition = newCondition("Progressing", "True", "ReplicaSetUpdated", message, now);
    // Taken out first: the same reason again must still move lastUpdateTime, which the deadline counts from.
    const kept =
      before?.status === "True" ? { ...condition, lastTransitionTime: before.lastTransitionTime } : condition;
    return withCondition(withoutCondition(status, "Progressing"), kept);
  }
  if (hasTimedOut(before, deadline, now)) {
    const message = `${subject} has timed out progressing.`;
    return withCondition(status, newCondition("Progressing", "False", "ProgressDeadlineExceeded", message, now));
  }
  return status;
}

function hasTimedOut(condition: DeploymentCondition | undefined, deadline: number, now: number): boolean {
  if (!condition || condition.reason === "NewReplicaSetAvailable") return false;
  if (condition.reason === "ProgressDeadlineExceeded") return true;
  return Date.parse(condition.lastUpdateTime ?? "") + deadline < now;
}

function lookAgainAtDeadline({ deployment, clock, again }: Rollout, deadline: number | undefined): void {
  const condition = conditionOf(deployment.status, "Progressing");
  if (!condition || deadline === undefined) return;
  if (isComplete(deployment, deployment.status) || condition.reason === "ProgressDeadlineExceeded") return;
  const left = Date.parse(condition.lastUpdateTime ?? "") + deadline - clock.now();
  again(Math.max(0, left) + 1000);
}
