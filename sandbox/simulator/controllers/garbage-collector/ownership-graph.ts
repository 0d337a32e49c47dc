import type { Resource, Stored } from "../../api/object";

/** One object the graph knows, and where it lives. */
export interface GraphNode {
  readonly resource: Resource;
  readonly object: Stored;
}

/** Who owns whom in the whole cluster, by UID. */
export class OwnershipGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  /** Objects that name `uid` as an owner, known owner or not. */
  dependentsOf(uid: string): GraphNode[] {
    const dependents: GraphNode[] = [];
    for (const each of this.#dependents.get(uid) ?? []) {
      const node = this.#nodes.get(each);
      if (node) dependents.push(node);
    }
    return dependents;
  }

  /** Inserts or replaces; returns what was there. */
  put(node: GraphNode): GraphNode | undefined {
    const before = this.#forgetOwners(node.object.metadata.uid);
    this.#nodes.set(node.object.metadata.uid, node);
    for (const owner of ownerUids(node)) {
      const dependents = this.#dependents.get(owner) ?? new Set<string>();
      this.#dependents.set(owner, dependents.add(node.object.metadata.uid));
    }
    return before;
  }

  delete(uid: string): void {
    this.#forgetOwners(uid);
    this.#nodes.delete(uid);
  }

  #forgetOwners(uid: string): GraphNode | undefined {
    const before = this.#nodes.get(uid);
    if (!before) return undefined;
    for (const owner of ownerUids(before)) {
      const dependents = this.#dependents.get(owner);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner);
    }
    return before;
  }
}

export function ownerUids({ object }: GraphNode): string[] {
  return (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);
}

/** Whether the owner's foreground deletion waits for this object. */
export function blocks({ object }: GraphNode, owner: string): boolean {
  const owners = object.metadata.ownerReferences ?? [];
  return owners.some(({ uid, blockOwnerDeletion }) => uid === owner && blockOwnerDeletion === true);
}

export function hasFinalizer({ object }: GraphNode, finalizer: "orphan" | "foregroundDeletion"): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

/** Marked for deletion, and waiting for its dependents to go first. */
export function awaitsDependents(node: GraphNode): boolean {
  return node.object.metadata.deletionTimestamp !== undefined && hasFinalizer(node, "foregroundDeletion");
}
