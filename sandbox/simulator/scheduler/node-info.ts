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

  get requestedOrLeast(): ResourceList {
    return this.#load.requestedOrLeast;
  }

  get withAffinity(): Iterable<Stored<Pod>> {
    return this.#load.withAffinity.values();
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
  readonly #pods = new Map<string, Counted>();
  #list: readonly Stored<Pod>[] | undefined;
  /** Pods whose rules keep others away. */
  readonly keepingApart = new Map<string, Stored<Pod>>();
  /** Pods that wish to be near to others, or away from them, or need to be near. */
  readonly withAffinity = new Map<string, Stored<Pod>>();
  readonly requested = new Map<string, number>();
  /** The same where each container counts for something. */
  readonly requestedOrLeast = new Map<string, number>();
  /** How many pods of each controller, by its UID, that are not on their way out. */
  readonly owners = new Map<string, number>();

  get pods(): readonly Stored<Pod>[] {
    return (this.#list ??= Array.from(this.#pods.values(), ({ pod }) => pod));
  }

  /** In place of what was there under the same UID. */
  add(pod: Stored<Pod>): void {
    const { uid } = pod.metadata;
    const before = this.#pods.get(uid);
    const isSame = before && before.pod.spec === pod.spec;
    const { requests, orLeast } = isSame
      ? before
      : { requests: podRequests(pod), orLeast: podRequests(pod, "at least a little") };
    if (before) this.#count(before, -1);
    const counted = { pod, requests, orLeast };
    this.#pods.set(uid, counted);
    this.#list = undefined;
    this.#count(counted, 1);
    if (hasWishes(pod)) this.withAffinity.set(uid, pod);
    else this.withAffinity.delete(uid);
    if (pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length)
      this.keepingApart.set(uid, pod);
    else this.keepingApart.delete(uid);
  }

  remove(uid: string): void {
    const known = this.#pods.get(uid);
    if (!known) return;
    this.#count(known, -1);
    this.#pods.delete(uid);
    this.#list = undefined;
    this.keepingApart.delete(uid);
    this.withAffinity.delete(uid);
  }

  #count({ pod, requests, orLeast }: Counted, sign: 1 | -1): void {
    add(this.requested, requests, sign);
    add(this.requestedOrLeast, orLeast, sign);
    const owner = pod.metadata.deletionTimestamp ? undefined : controllerOf(pod)?.uid;
    if (owner === undefined) return;
    const count = (this.owners.get(owner) ?? 0) + sign;
    if (count === 0) this.owners.delete(owner);
    else this.owners.set(owner, count);
  }
}

interface Counted {
  readonly pod: Stored<Pod>;
  readonly requests: ResourceList;
  readonly orLeast: ResourceList;
}

function add(total: Map<string, number>, more: ResourceList, sign: 1 | -1): void {
  for (const [resource, amount] of more) total.set(resource, (total.get(resource) ?? 0) + sign * amount);
}

function hasWishes({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  return Boolean(
    podAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length ||
    podAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.length ||
    podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.length,
  );
}
