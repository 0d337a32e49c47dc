import type { Node, Pod } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { controllerOf } from "../api/owner-references";
import type { NodeState } from "./filters/filter";
import { amountsOf, podRequests, type ResourceList } from "./resource-requests";

/** A node's pods with all that filters and scores ask of them, kept up to date pod by pod. */
export class NodeInfo implements NodeState {
  readonly node: Stored<Node>;
  readonly allocatable: ResourceList;
  readonly #load: NodeLoad;

  constructor(node: Stored<Node>, load: NodeLoad) {
    this.node = node;
    this.#load = load;
    this.allocatable = amountsOf(node.status?.allocatable);
  }

  static of(node: Stored<Node>, pods: readonly Stored<Pod>[]): NodeInfo {
    const load = new NodeLoad();
    for (const pod of pods) load.add(pod);
    return new NodeInfo(node, load);
  }

  get pods(): readonly Stored<Pod>[] {
    return this.#load.pods;
  }

  get requested(): ResourceList {
    return this.#load.requested;
  }

  get keepingApart(): Iterable<Stored<Pod>> {
    return this.#load.keepingApart.values();
  }

  podsOf(owner: string): number {
    return this.#load.owners.get(owner) ?? 0;
  }
}

/** The pods of one node. */
export class NodeLoad {
  readonly #pods = new Map<string, { pod: Stored<Pod>; requests: ResourceList }>();
  #list: readonly Stored<Pod>[] | undefined;
  /** Pods whose rules keep others away. */
  readonly keepingApart = new Map<string, Stored<Pod>>();
  readonly requested = new Map<string, number>();
  /** How many pods of each controller, by its UID, that are not on their way out. */
  readonly owners = new Map<string, number>();

  get pods(): readonly Stored<Pod>[] {
    return (this.#list ??= Array.from(this.#pods.values(), ({ pod }) => pod));
  }

  /** In place of what was there under the same UID. */
  add(pod: Stored<Pod>): void {
    const { uid } = pod.metadata;
    const before = this.#pods.get(uid);
    const requests = before && before.pod.spec === pod.spec ? before.requests : podRequests(pod);
    if (before) this.#count(before.pod, before.requests, -1);
    this.#pods.set(uid, { pod, requests });
    this.#list = undefined;
    this.#count(pod, requests, 1);
    if (pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length)
      this.keepingApart.set(uid, pod);
    else this.keepingApart.delete(uid);
  }

  remove(uid: string): void {
    const known = this.#pods.get(uid);
    if (!known) return;
    this.#count(known.pod, known.requests, -1);
    this.#pods.delete(uid);
    this.#list = undefined;
    this.keepingApart.delete(uid);
  }

  #count(pod: Stored<Pod>, requests: ResourceList, sign: 1 | -1): void {
    for (const [resource, amount] of requests)
      this.requested.set(resource, (this.requested.get(resource) ?? 0) + sign * amount);
    const owner = pod.metadata.deletionTimestamp ? undefined : controllerOf(pod)?.uid;
    if (owner === undefined) return;
    const count = (this.owners.get(owner) ?? 0) + sign;
    if (count === 0) this.owners.delete(owner);
    else this.owners.set(owner, count);
  }
}
