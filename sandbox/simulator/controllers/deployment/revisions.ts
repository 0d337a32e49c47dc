import type { Deployment, ReplicaSet } from "../../api/generated/kubernetes";
import { desiredOf, limitsOf } from "./replica-sets";

export const REVISION = "deployment.kubernetes.io/revision";
const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
export const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

/** Annotations of a Deployment that its ReplicaSets do not take over. */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  "deprecated.deployment.rollback.to",
]);

type Annotations = Record<string, string>;

export function revisionOf(object: Deployment | ReplicaSet): number {
  const revision = Number(object.metadata?.annotations?.[REVISION] ?? "0");
  return Number.isInteger(revision) ? revision : 0;
}

export function nextRevision(old: readonly ReplicaSet[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}

/** The annotations of a Deployment's current ReplicaSet: the Deployment's own, and which revision it is and was. */
export function annotationsOfCurrent(
  deployment: Deployment,
  replicaSet: ReplicaSet,
  revision: number,
  exists: boolean,
): Annotations {
  const annotations: Annotations = { ...replicaSet.metadata?.annotations };
  for (const [key, value] of Object.entries(deployment.metadata?.annotations ?? {})) {
    if (!OWN_ANNOTATIONS.has(key)) annotations[key] = value;
  }
  const before = revisionOf(replicaSet);
  if (before < revision) {
    annotations[REVISION] = String(revision);
    if (exists && before > 0) {
      const history = annotations[REVISION_HISTORY];
      annotations[REVISION_HISTORY] = history ? `${history},${before}` : String(before);
    }
  }
  return exists ? annotations : { ...annotations, ...sizeAnnotations(deployment) };
}

/** What a ReplicaSet notes of its Deployment's size, so that a change of it can be told from a rollout. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const desired = desiredOf(deployment);
  return { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(desired + limitsOf(deployment).maxSurge) };
}
