import type { KubeObject, Resource } from "../api/object";
import type { ControllerContext, Runnable } from "../controllers/context";

/** Something that a cluster may have beyond the default: what `kubectl apply` of it would create, and what it does. */
export interface Addon {
  /** Created in this order when the cluster is made; what is there already stays as it is. */
  readonly objects: readonly AddonObject[];
  /** The part that acts. Called before the informers start; started after, stopped with the cluster. */
  readonly make?: (context: AddonContext) => Runnable;
}

/** An object and the collection it goes into. */
export interface AddonObject {
  readonly resource: Resource;
  readonly object: KubeObject;
}

export interface AddonContext extends ControllerContext {
  readonly machines: AddonMachines;
}

/** What add-ons may do on nodes, where real ones would run pods with more rights; nothing where no pods run. */
export interface AddonMachines {
  /** Takes a folder off a node's disk. */
  removeFolder(node: string, path: string): void;
}

/** Ties the type of an object to its collection. */
export function addonObject<T extends KubeObject>(resource: Resource<T>, object: T): AddonObject {
  return { resource, object };
}
