import type { ReplicaSet } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { cleanUp } from "./history";
import { syncCurrent } from "./current-replica-set";
import { writeRolloutStatus } from "./progress";
import {
  active,
  allOf,
  availableOf,
  byAge,
  limitsOf,
  sizeOf,
  sizeOfCurrent,
  sum,
  type ReplicaSets,
} from "./replica-sets";
import type { Rollout } from "./rollout";
import { isComplete } from "./status";

/** One step of a rolling update: grow the current ReplicaSet, else shrink the others, never below what must be up. */
export async function rollForward(rollout: Rollout): Promise<void> {
  const replicaSets = await syncCurrent(rollout, true);
  if (await growCurrent(rollout, replicaSets)) return writeRolloutStatus(rollout, replicaSets);
  if (await shrinkOld(rollout, replicaSets)) return writeRolloutStatus(rollout, replicaSets);
  if (isComplete(rollout.deployment, rollout.deployment.status)) await cleanUp(rollout, replicaSets.old);
  return writeRolloutStatus(rollout, replicaSets);
}

async function growCurrent(rollout: Rollout, replicaSets: ReplicaSets): Promise<boolean> {
  const { current } = replicaSets;
  if (!current) return false;
  const size = sizeOf(current);
  if (size === rollout.desired) return false;
  if (size > rollout.desired) return rollout.resize(current, rollout.desired);
  return rollout.resize(current, sizeOfCurrent(rollout.deployment, allOf(replicaSets), size));
}

async function shrinkOld(rollout: Rollout, replicaSets: ReplicaSets): Promise<boolean> {
  const all = allOf(replicaSets);
  const old = byAge(active(replicaSets.old));
  if (old.length === 0) return false;
  const mustBeUp = rollout.desired - limitsOf(rollout.deployment).maxUnavailable;
  const currentNotUp = sizeOf(replicaSets.current) - availableOf(replicaSets.current);
  const room = sum(all, sizeOf) - mustBeUp - currentNotUp;
  if (room <= 0) return false;

  const sizes = new Map(old.map((each) => [each, sizeOf(each)]));
  const unhealthy = takeUnhealthy(sizes, room);
  const spare = sum(all, availableOf) - mustBeUp;
  const healthy = spare > 0 ? take(sizes, spare) : 0;
  for (const [replicaSet, size] of sizes) {
    if (size !== sizeOf(replicaSet)) await rollout.resize(replicaSet, size);
  }
  return unhealthy + healthy > 0;
}

/** Pods that are not up cost nothing: they go first. Returns how many were taken. */
function takeUnhealthy(sizes: Map<Stored<ReplicaSet>, number>, room: number): number {
  let taken = 0;
  for (const [replicaSet, size] of sizes) {
    const count = Math.min(room - taken, size - availableOf(replicaSet));
    if (count <= 0) continue;
    sizes.set(replicaSet, size - count);
    taken += count;
  }
  return taken;
}

function take(sizes: Map<Stored<ReplicaSet>, number>, spare: number): number {
  let taken = 0;
  for (const [replicaSet, size] of sizes) {
    const count = Math.min(size, spare - taken);
    if (count <= 0) continue;
    sizes.set(replicaSet, size - count);
    taken += count;
  }
  return taken;
}
