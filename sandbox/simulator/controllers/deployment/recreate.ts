import { isPodTerminal } from "../pod-state";
import { syncCurrent } from "./current-replica-set";
import { cleanUp } from "./history";
import { writeRolloutStatus } from "./progress";
import { active } from "./replica-sets";
import type { Rollout } from "./rollout";
import { isComplete } from "./status";

/** One step of a Recreate rollout: all old pods go, and only when they are gone the new ones come. */
export async function recreate(rollout: Rollout): Promise<void> {
  const before = await syncCurrent(rollout, false);
  const leaving = active(before.old);
  for (const replicaSet of leaving) await rollout.resize(replicaSet, 0);
  const stillRunning = before.old.some((each) => rollout.podsOf(each).some((pod) => !isPodTerminal(pod)));
  if (leaving.length > 0 || stillRunning) return writeRolloutStatus(rollout, before);
  const replicaSets = before.current ? before : await syncCurrent(rollout, true);
  if (replicaSets.current) await rollout.resize(replicaSets.current, rollout.desired);
  if (isComplete(rollout.deployment, rollout.deployment.status)) await cleanUp(rollout, replicaSets.old);
  return writeRolloutStatus(rollout, replicaSets);
}
