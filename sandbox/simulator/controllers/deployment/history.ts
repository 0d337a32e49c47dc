import type { ReplicaSet } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { isNotFound } from "../../api/status";
import { REPLICA_SETS } from "../../client/resources";
import { sizeOf } from "./replica-sets";
import { revisionOf } from "./revisions";
import type { Rollout } from "./rollout";

/** Deletes the oldest revisions beyond `revisionHistoryLimit`, as far as they are empty. */
export async function cleanUp(rollout: Rollout, old: readonly Stored<ReplicaSet>[]): Promise<void> {
  const limit = rollout.deployment.spec?.revisionHistoryLimit;
  if (limit === undefined || limit === 2_147_483_647) return;
  const kept = old.filter((each) => !each.metadata.deletionTimestamp);
  const surplus = [...kept].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, kept.length - limit));
  for (const replicaSet of surplus.filter(isEmpty)) {
    const { namespace = "", name } = replicaSet.metadata;
    try {
      await rollout.client.delete(REPLICA_SETS, { namespace, name }, { propagationPolicy: "Background" });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function isEmpty(replicaSet: Stored<ReplicaSet>): boolean {
  const { status, metadata } = replicaSet;
  const isObserved = (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);
  return sizeOf(replicaSet) === 0 && (status?.replicas ?? 0) === 0 && isObserved;
}
