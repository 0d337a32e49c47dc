import type { Pod } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { controllerOf } from "../../api/owner-references";
import type { SharedInformers } from "../../client/shared-informers";

type Owners = Pick<SharedInformers, "replicaSets" | "deployments" | "statefulSets" | "replicationControllers">;

export interface OwnerScale {
  /** The sum of the sizes of all workloads that own these pods. */
  readonly size: number;
  /** Pods without a workload, which no size counts. */
  readonly unmanaged: readonly string[];
}

/** Throws for a pod whose owner has no size. */
export function ownerScale(pods: readonly Stored<Pod>[], owners: Owners): OwnerScale {
  const sizes = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (!owner) {
      unmanaged.push(pod.metadata.name);
      continue;
    }
    if (!sizes.has(owner.uid)) addSize(sizes, pod.metadata.namespace ?? "", owner, owners);
  }
  return { size: [...sizes.values()].reduce((sum, size) => sum + size, 0), unmanaged };
}

interface OwnerName {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly apiVersion: string;
}

function addSize(sizes: Map<string, number>, namespace: string, owner: OwnerName, owners: Owners): void {
  const { kind, name, uid } = owner;
  if (kind === "ReplicaSet") {
    const replicaSet = owners.replicaSets.get(namespace, name);
    const parent = replicaSet && controllerOf(replicaSet);
    // All ReplicaSets of a Deployment are of one size: the Deployment's.
    if (parent?.kind === "Deployment") {
      sizes.set(parent.uid, owners.deployments.get(namespace, parent.name)?.spec?.replicas ?? 1);
      sizes.set(uid, 0);
    } else {
      sizes.set(uid, replicaSet?.spec?.replicas ?? 1);
    }
  } else if (kind === "StatefulSet") {
    sizes.set(uid, owners.statefulSets.get(namespace, name)?.spec?.replicas ?? 1);
  } else if (kind === "ReplicationController") {
    sizes.set(uid, owners.replicationControllers.get(namespace, name)?.spec?.replicas ?? 1);
  } else {
    const resource = `${kind.toLowerCase()}s.${owner.apiVersion.split("/")[0] ?? ""}`;
    throw new Error(`${resource} does not implement the scale subresource`);
  }
}
