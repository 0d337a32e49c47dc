import type { ReplicaSet } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { syncCurrent } from "./current-replica-set";
import { cleanUp } from "./history";
import { active, allOf, availableOf, byAge, isRolling, limitsOf, sizeOf, sum, type ReplicaSets } from "./replica-sets";
import { DESIRED_REPLICAS } from "./revisions";
import type { Rollout } from "./rollout";
import { deploymentStatus } from "./status";

/** Whether the Deployment's size changed since its ReplicaSets were last sized: scaling goes before any rollout. */
export function isScaling(rollout: Rollout): boolean {
  return active(rollout.replicaSets).some((replicaSet) => {
    const noted = replicaSet.metadata.annotations?.[DESIRED_REPLICAS];
    return noted !== undefined && Number(noted) !== rollout.desired;
  });
}

/** Brings the ReplicaSets to the Deployment's size without moving the rollout on: for scaling, and while paused. */
export async function scaleOnly(rollout: Rollout): Promise<void> {
  const replicaSets = await syncCurrent(rollout, false);
  await scale(rollout, replicaSets);
  if (rollout.deployment.spec?.paused) await cleanUp(rollout, replicaSets.old);
  await rollout.writeStatus(deploymentStatus(rollout.deployment, replicaSets, rollout.clock.now()));
}

async function scale(rollout: Rollout, replicaSets: ReplicaSets): Promise<void> {
  const only = onlyActiveOrLatest(replicaSets);
  if (only) {
    if (sizeOf(only) !== rollout.desired) await rollout.resize(only, rollout.desired);
    return;
  }
  if (isSaturated(rollout, replicaSets.current)) {
    for (const replicaSet of active(replicaSets.old)) await rollout.resize(replicaSet, 0);
    return;
  }
  if (isRolling(rollout.deployment)) await scaleInProportion(rollout, active(allOf(replicaSets)));
}

/** The one ReplicaSet that has pods, or when none has the current or the newest one. */
function onlyActiveOrLatest(replicaSets: ReplicaSets): Stored<ReplicaSet> | undefined {
  const running = active(allOf(replicaSets));
  if (running.length > 1) return undefined;
  return running[0] ?? replicaSets.current ?? byAge(replicaSets.old).at(-1);
}

function isSaturated(rollout: Rollout, current: Stored<ReplicaSet> | undefined): boolean {
  const noted = Number(current?.metadata.annotations?.[DESIRED_REPLICAS] ?? NaN);
  return [noted, sizeOf(current), availableOf(current)].every((count) => count === rollout.desired);
}

/**
 * In the middle of a rollout every ReplicaSet takes its share of the change, so that the mix stays as it was.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
 */
async function scaleInProportion(rollout: Rollout, running: readonly Stored<ReplicaSet>[]): Promise<void> {
  const { maxSurge } = limitsOf(rollout.deployment);
  const total = sum(running, sizeOf);
  const allowed = rollout.desired > 0 ? rollout.desired + maxSurge : 0;
  const change = allowed - total;
  const newestFirst = [...byAge(running)].reverse();
  const ordered = change > 0 ? newestFirst : [...newestFirst].reverse();
  ordered.sort((a, b) => sizeOf(b) - sizeOf(a));
  let left = change;
  const sizes = new Map<Stored<ReplicaSet>, number>();
  for (const replicaSet of ordered) {
    const share = clampToward(shareOf(rollout, replicaSet, allowed), left);
    sizes.set(replicaSet, sizeOf(replicaSet) + share);
    left -= share;
  }
  for (const [index, [replicaSet, size]] of [...sizes].entries()) {
    await rollout.resize(replicaSet, Math.max(0, index === 0 ? size + left : size));
  }
}

function shareOf(rollout: Rollout, replicaSet: Stored<ReplicaSet>, allowed: number): number {
  const size = sizeOf(replicaSet);
  if (rollout.desired === 0) return -size;
  const noted = Number(replicaSet.metadata.annotations?.["deployment.kubernetes.io/max-replicas"] ?? 0);
  const before = noted > 0 ? noted : (rollout.deployment.status?.replicas ?? 0);
  return before === 0 ? 0 : Math.round((size * allowed) / before) - size;
}

/** A share never goes beyond what is left to hand out, nor the other way. */
function clampToward(share: number, left: number): number {
  return left > 0 ? Math.min(Math.max(share, 0), left) : Math.max(Math.min(share, 0), left);
}
