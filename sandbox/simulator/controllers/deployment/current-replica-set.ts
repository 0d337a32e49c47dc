import type { DeploymentStatus, PodTemplateSpec, ReplicaSet } from "../../api/generated/kubernetes";
import { cloneJson, equalJson } from "../../api/json";
import type { Stored } from "../../api/object";
import { controllerReference, isControlledBy } from "../../api/owner-references";
import { isAlreadyExists, isNamespaceTerminating } from "../../api/status";
import { REPLICA_SETS } from "../../client/resources";
import { messageOf } from "../pod-control";
import { findCurrent, sizeOfCurrent, type ReplicaSets } from "./replica-sets";
import { annotationsOfCurrent, nextRevision, REVISION } from "./revisions";
import type { Rollout } from "./rollout";
import { conditionOf, newCondition, progressDeadlineMs, withCondition } from "./status";
import { sameTemplate, TEMPLATE_HASH_LABEL, templateHash } from "./template-hash";

/**
 * The Deployment's ReplicaSets, the current one brought up to date with its revision and annotations, and with
 * `create` made when it is missing. The Deployment's own revision follows.
 */
export async function syncCurrent(rollout: Rollout, create: boolean): Promise<ReplicaSets> {
  const found = findCurrent(rollout.deployment, rollout.replicaSets);
  const old = rollout.replicaSets.filter((each) => each !== found);
  if (found) return { current: await refresh(rollout, found, nextRevision(old)), old };
  return { current: create ? await make(rollout, old) : undefined, old };
}

async function refresh(rollout: Rollout, found: Stored<ReplicaSet>, revision: number): Promise<Stored<ReplicaSet>> {
  const { deployment, client, clock } = rollout;
  const annotations = annotationsOfCurrent(deployment, found, revision, true);
  const minReadySeconds = deployment.spec?.minReadySeconds;
  const isCurrent = equalJson(annotations, found.metadata.annotations ?? {});
  if (!isCurrent || (found.spec?.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
    const after = cloneJson(found);
    after.metadata.annotations = annotations;
    if (after.spec) after.spec.minReadySeconds = minReadySeconds;
    return client.update(REPLICA_SETS, after);
  }
  let status: DeploymentStatus = deployment.status ?? {};
  if (progressDeadlineMs(deployment) !== undefined && !conditionOf(status, "Progressing")) {
    const message = `Found new replica set "${found.metadata.name}"`;
    status = withCondition(status, newCondition("Progressing", "True", "FoundNewReplicaSet", message, clock.now()));
  }
  await rollout.writeStatus(status, { ...deployment.metadata.annotations, [REVISION]: annotations[REVISION] ?? "1" });
  return found;
}

async function make(rollout: Rollout, old: readonly Stored<ReplicaSet>[]): Promise<Stored<ReplicaSet> | undefined> {
  const { deployment, client, recorder, clock } = rollout;
  const template = deployment.spec?.template;
  if (!template) return undefined;
  const revision = nextRevision(old);
  const wanted = blueprint(rollout, template, old, revision);
  const name = wanted.metadata?.name ?? "";
  let status: DeploymentStatus = deployment.status ?? {};
  let made: Stored<ReplicaSet>;
  try {
    made = await client.create(REPLICA_SETS, wanted);
    const size = made.spec?.replicas ?? 0;
    if (size > 0) {
      const message = `Scaled up replica set ${name} from 0 to ${size}`;
      recorder.event(deployment, "Normal", "ScalingReplicaSet", message);
    }
    if (progressDeadlineMs(deployment) !== undefined) {
      const message = `Created new replica set "${name}"`;
      status = withCondition(status, newCondition("Progressing", "True", "NewReplicaSetCreated", message, clock.now()));
    }
  } catch (error) {
    if (isAlreadyExists(error)) {
      const existing = await takeExisting(rollout, name, template);
      if (!existing) throw error;
      made = existing;
    } else {
      if (!isNamespaceTerminating(error)) await reportFailure(rollout, name, error);
      throw error;
    }
  }
  await rollout.writeStatus(status, { ...deployment.metadata.annotations, [REVISION]: String(revision) });
  return made;
}

function blueprint(
  rollout: Rollout,
  template: PodTemplateSpec,
  old: readonly Stored<ReplicaSet>[],
  revision: number,
): ReplicaSet {
  const { deployment } = rollout;
  const hash = templateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [TEMPLATE_HASH_LABEL]: hash };
  const selector = deployment.spec?.selector ?? {};
  const replicaSet: ReplicaSet = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: sizeOfCurrent(deployment, old, 0),
      minReadySeconds: deployment.spec?.minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  const annotations = annotationsOfCurrent(deployment, replicaSet, revision, false);
  return cloneJson({ ...replicaSet, metadata: { ...replicaSet.metadata, annotations } });
}

/**
 * The name is taken: by what an earlier sync made, which the cache does not show yet, or by somebody else's. Then the
 * Deployment counts the collision, which makes another name the next time.
 */
async function takeExisting(
  rollout: Rollout,
  name: string,
  template: PodTemplateSpec,
): Promise<Stored<ReplicaSet> | undefined> {
  const { deployment, client } = rollout;
  const existing = await client.get(REPLICA_SETS, { namespace: deployment.metadata.namespace ?? "", name });
  if (isControlledBy(existing, deployment) && sameTemplate(existing.spec?.template, template)) return existing;
  const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
  await rollout.writeStatus({ ...deployment.status, collisionCount });
  return undefined;
}

async function reportFailure(rollout: Rollout, name: string, error: unknown): Promise<void> {
  const { deployment, recorder, clock } = rollout;
  const message = `Failed to create new replica set "${name}": ${messageOf(error)}`;
  recorder.event(deployment, "Warning", "ReplicaSetCreateError", message);
  if (progressDeadlineMs(deployment) === undefined) return;
  const condition = newCondition("Progressing", "False", "ReplicaSetCreateError", message, clock.now());
  await rollout.writeStatus(withCondition(deployment.status ?? {}, condition));
}
