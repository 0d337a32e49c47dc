import { matchesLabels, type Selector } from "../api/labels";
import { keyOf, type KubeObject, type Resource, type Stored } from "../api/object";
import { controllerOf, controllerReference } from "../api/owner-references";
import { isInvalid, isNotFound } from "../api/status";
import type { Client } from "../client/client";
import type { Informer } from "../client/informer";

const CONTROLLER_INDEX = "controller";

/** Indexes objects by the UID of their controller, and those without one by namespace. */
export function indexByController<T extends KubeObject>(informer: Informer<T>): void {
  informer.addIndex(CONTROLLER_INDEX, (object) => [
    controllerOf(object)?.uid ?? orphansOf(object.metadata.namespace ?? ""),
  ]);
}

export function ownedBy<T extends KubeObject>(informer: Informer<T>, owner: Stored): readonly Stored<T>[] {
  return informer.byIndex(CONTROLLER_INDEX, owner.metadata.uid);
}

function orphansOf(namespace: string): string {
  return `orphans of ${namespace}`;
}

/**
 * The objects that are `owner`'s: adopts matching orphans and lets go of what no longer matches its selector, or is none
 * of its kind as `fits` judges it.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#non-template-pod-acquisitions
 */
export async function claim<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  informer: Informer<T>,
  owner: Stored,
  selector: Selector,
  fits: (object: Stored<T>) => boolean = () => true,
): Promise<Stored<T>[]> {
  const matches = (object: Stored<T>) => matchesLabels(selector, object.metadata.labels) && fits(object);
  const claimed: Stored<T>[] = [];
  for (const object of ownedBy(informer, owner)) {
    if (matches(object)) claimed.push(object);
    else if (!owner.metadata.deletionTimestamp) await release(client, resource, owner, object);
  }
  if (owner.metadata.deletionTimestamp) return claimed;
  for (const object of informer.byIndex(CONTROLLER_INDEX, orphansOf(owner.metadata.namespace ?? ""))) {
    if (object.metadata.deletionTimestamp || !matches(object)) continue;
    const adopted = await adopt(client, resource, owner, object);
    if (adopted) claimed.push(adopted);
  }
  return claimed;
}

async function adopt<T extends KubeObject>(client: Client, resource: Resource<T>, owner: Stored, object: Stored<T>) {
  const { uid, namespace = "", name } = object.metadata;
  const body = { metadata: { ownerReferences: [controllerReference(owner)], uid } };
  try {
    return await client.patch(resource, { namespace, name }, { type: "strategic", body });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function release<T extends KubeObject>(client: Client, resource: Resource<T>, owner: Stored, object: Stored<T>) {
  const { uid, namespace = "", name } = object.metadata;
  const body = { metadata: { ownerReferences: [{ $patch: "delete", uid: owner.metadata.uid }], uid } };
  try {
    await client.patch(resource, { namespace, name }, { type: "strategic", body });
  } catch (error) {
    // Gone, or already another object of that name: nothing left to let go of.
    if (!isNotFound(error) && !isInvalid(error)) throw error;
  }
}

/** The key of the object's controller, when that is of `kind`. */
export function controllerKey(object: KubeObject, kind: string): string | undefined {
  const owner = controllerOf(object);
  if (owner?.kind !== kind) return undefined;
  return keyOf({ metadata: { namespace: object.metadata?.namespace, name: owner.name } });
}
