import type { AggregatedApi } from "../api/aggregated-api";
import type { KubeObject, Resource } from "../api/object";
import type { ControllerContext, Runnable } from "../controllers/context";
import type { ContainerUsage } from "../kubelet/container-runtime";

/** Something that a cluster may have beyond the default: what `kubectl apply` of it would create, and what it does. */
export interface Addon {
  /** Created in this order when the cluster is made; what is there already stays as it is. */
  readonly objects: readonly AddonObject[];
  /** The part that acts. Called before the informers start; started after, stopped with the cluster. */
  readonly make?: (context: AddonContext) => Runnable;
  /** An API that it serves through the API server while an APIService says so. */
  readonly api?: (context: AddonContext) => AggregatedApi;
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
  /** What containers of a pod use now, by name; `undefined` while its node does not answer. */
  usageOf(node: string, podUid: string): ReadonlyMap<string, ContainerUsage> | undefined;
}

/** Ties the type of an object to its collection. */
export function addonObject<T extends KubeObject>(resource: Resource<T>, object: T): AddonObject {
  return { resource, object };
}
