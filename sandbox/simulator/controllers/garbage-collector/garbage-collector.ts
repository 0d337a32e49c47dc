import type { CustomResourceDefinition, OwnerReference } from "../../api/generated/kubernetes";
import { apiVersionOf, type KubeObject, type Resource, type Stored } from "../../api/object";
import type { PropagationPolicy } from "../../api/request";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { Reflector } from "../../client/reflector";
import type { ControllerContext, Runnable } from "../context";
import { collectionOf } from "../custom-resource-definition/collections";
import { awaitsDependents, blocks, hasFinalizer, ownerUids, OwnershipGraph, type GraphNode } from "./ownership-graph";

/**
 * Deletes what has lost all its owners, and carries out foreground and orphan deletions.
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export class GarbageCollector implements Runnable {
  readonly #context: ControllerContext;
  readonly #resources: readonly Resource[];
  readonly #graph = new OwnershipGraph();
  readonly #controller: Controller;
  readonly #reflectors: Reflector<KubeObject>[];
  /** Of custom resources, by the names of their definitions. */
  readonly #custom = new Map<string, Collected>();

  /** `resources`: every collection that can be watched and deleted, but events. */
  constructor(context: ControllerContext, resources: readonly Resource[]) {
    this.#context = context;
    this.#resources = resources;
    const { clock, informers, onError } = context;
    const collected = resources.map((resource) => this.#collect(resource));
    const listed = collected.map((each) => each.listed);
    this.#reflectors = collected.map(({ reflector }) => reflector);
    this.#controller = new Controller({
      name: "garbage-collector",
      clock,
      sync: (uid) => this.#sync(uid),
      informers: [{ synced: () => Promise.all(listed).then(() => undefined) }],
      workers: 5,
      onError,
    });
    const follow = (definition: Stored<CustomResourceDefinition>) => this.#follow(definition);
    informers.customResourceDefinitions.addHandler({
      added: follow,
      updated: (_, definition) => follow(definition),
      deleted: (definition) => this.#forget(definition),
    });
  }

  /** Keeps the graph up with a collection, once its reflector is started. */
  #collect(resource: Resource): Collected {
    const { client, clock } = this.#context;
    let markListed: () => void = () => undefined;
    const listed = new Promise<void>((resolve) => (markListed = resolve));
    const known = new Set<string>();
    const changed = (type: "ADDED" | "MODIFIED" | "DELETED", object: Stored) => {
      if (type === "DELETED") known.delete(object.metadata.uid);
      else known.add(object.metadata.uid);
      this.#changed(type, { resource, object });
    };
    const replace = (objects: readonly Stored[]) => {
      const kept = new Set(objects.map((object) => object.metadata.uid));
      for (const uid of [...known]) {
        const node = kept.has(uid) ? undefined : this.#graph.get(uid);
        if (node) changed("DELETED", node.object);
      }
      for (const object of objects) changed("ADDED", object);
      markListed();
    };
    const reflector = new Reflector({ client, clock, resource, target: { replace, changed } });
    return { resource, reflector, listed, empty: () => replace([]) };
  }

  #follow(definition: Stored<CustomResourceDefinition>): void {
    const resource = collectionOf(definition);
    if (!resource || this.#custom.has(definition.metadata.name)) return;
    const collected = this.#collect(resource);
    this.#custom.set(definition.metadata.name, collected);
    void collected.reflector.start();
  }

  #forget({ metadata }: Stored<CustomResourceDefinition>): void {
    const collected = this.#custom.get(metadata.name);
    this.#custom.delete(metadata.name);
    collected?.reflector.stop();
    collected?.empty();
  }

  start(): void {
    for (const reflector of this.#reflectors) void reflector.start();
    this.#controller.start();
  }

  async stop(): Promise<void> {
    for (const reflector of this.#reflectors) reflector.stop();
    for (const { reflector } of this.#custom.values()) reflector.stop();
    await this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  #changed(type: "ADDED" | "MODIFIED" | "DELETED", node: GraphNode): void {
    const { queue } = this.#controller;
    const { uid } = node.object.metadata;
    if (type === "DELETED") {
      this.#graph.delete(uid);
      for (const dependent of this.#graph.dependentsOf(uid)) queue.add(dependent.object.metadata.uid);
      this.#enqueueWaiting(ownerUids(node));
      return;
    }
    const before = this.#graph.put(node);
    if (before) this.#enqueueWaiting(ownerUids(before).filter((owner) => !blocks(node, owner)));
    const isHeld = awaitsDependents(node) || hasFinalizer(node, "orphan");
    const mayBeOrphan = ownerUids(node).some((owner) => {
      const found = this.#graph.get(owner);
      return !found || awaitsDependents(found);
    });
    if (isHeld || mayBeOrphan) queue.add(uid);
  }

  /** Owners in foreground deletion are looked at again when a dependent goes, or holds them up no more. */
  #enqueueWaiting(owners: readonly string[]): void {
    for (const owner of owners) {
      const node = this.#graph.get(owner);
      if (node && awaitsDependents(node)) this.#controller.queue.add(owner);
    }
  }

  async #sync(uid: string): Promise<void> {
    const node = this.#graph.get(uid);
    if (!node) return;
    try {
      if (node.object.metadata.deletionTimestamp) await this.#finishDeletion(node);
      else await this.#judge(node);
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(uid);
    }
  }

  async #finishDeletion(node: GraphNode): Promise<void> {
    const { uid } = node.object.metadata;
    const dependents = this.#graph.dependentsOf(uid);
    if (hasFinalizer(node, "orphan")) {
      for (const dependent of dependents) await this.#dropOwners(dependent, new Set([uid]));
      await this.#removeFinalizer(node, "orphan");
    } else if (hasFinalizer(node, "foregroundDeletion")) {
      // Those that wait themselves are looked at when something of theirs goes.
      for (const dependent of dependents) {
        if (!awaitsDependents(dependent)) this.#controller.queue.add(dependent.object.metadata.uid);
      }
      if (!dependents.some((dependent) => blocks(dependent, uid)))
        await this.#removeFinalizer(node, "foregroundDeletion");
    }
  }

  /** Deletes the object when no owner keeps it; lets go of owners that are gone when another does. */
  async #judge(node: GraphNode): Promise<void> {
    const gone = new Set<string>();
    const waiting = new Set<string>();
    let kept = false;
    for (const owner of node.object.metadata.ownerReferences ?? []) {
      const state = await this.#stateOf(owner, node.object.metadata.namespace ?? "");
      if (state === "gone") gone.add(owner.uid);
      else if (state === "waiting") waiting.add(owner.uid);
      else kept = true;
    }
    if (gone.size + waiting.size === 0) return;
    if (kept) return this.#dropOwners(node, new Set([...gone, ...waiting]));
    const dependents = this.#graph.dependentsOf(node.object.metadata.uid);
    if (waiting.size === 0 || dependents.length === 0) return this.#delete(node, policyOf(node));
    // Who waits for this one while this one would wait for it is in a circle, which opens here.
    if (dependents.some(awaitsDependents)) await this.#unblock(node);
    return this.#delete(node, "Foreground");
  }

  async #stateOf(owner: OwnerReference, namespace: string): Promise<"there" | "waiting" | "gone"> {
    const known = this.#graph.get(owner.uid);
    if (known) return awaitsDependents(known) ? "waiting" : "there";
    const custom = [...this.#custom.values()].map(({ resource }) => resource);
    const resource = [...this.#resources, ...custom].find(
      (each) => each.kind === owner.kind && apiVersionOf(each) === owner.apiVersion,
    );
    // Nothing can be said about owners of kinds that are not served.
    if (!resource) return "there";
    try {
      const key = { namespace: resource.namespaced ? namespace : "", name: owner.name };
      const found = await this.#context.client.get(resource, key);
      return found.metadata.uid === owner.uid ? "there" : "gone";
    } catch (error) {
      if (isNotFound(error)) return "gone";
      throw error;
    }
  }

  async #delete({ resource, object }: GraphNode, propagationPolicy: PropagationPolicy): Promise<void> {
    const { namespace = "", name, uid } = object.metadata;
    await this.#context.client.delete(resource, { namespace, name }, { propagationPolicy, preconditions: { uid } });
  }

  async #dropOwners({ resource, object }: GraphNode, uids: ReadonlySet<string>): Promise<void> {
    const ownerReferences = (object.metadata.ownerReferences ?? []).filter((owner) => !uids.has(owner.uid));
    await this.#patchMetadata(resource, object, {
      ownerReferences: ownerReferences.length > 0 ? ownerReferences : null,
    });
  }

  /** Its owners need not wait for it any more. */
  async #unblock({ resource, object }: GraphNode): Promise<void> {
    const owners = object.metadata.ownerReferences ?? [];
    const ownerReferences = owners.map((owner) => ({ ...owner, blockOwnerDeletion: false }));
    await this.#patchMetadata(resource, object, { ownerReferences });
  }

  async #removeFinalizer({ resource, object }: GraphNode, finalizer: string): Promise<void> {
    const finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
    await this.#patchMetadata(resource, object, { finalizers: finalizers.length > 0 ? finalizers : null });
  }

  async #patchMetadata(resource: Resource, object: Stored, change: Record<string, unknown>): Promise<void> {
    const { namespace = "", name, uid, resourceVersion } = object.metadata;
    const body = { metadata: { ...change, uid, resourceVersion } };
    try {
      await this.#context.client.patch(resource, { namespace, name }, { type: "merge", body });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

interface Collected {
  readonly resource: Resource;
  readonly reflector: Reflector<KubeObject>;
  /** Resolves when the graph holds the whole collection. */
  readonly listed: Promise<void>;
  /** Takes all of it out of the graph. */
  empty(): void;
}

function policyOf(node: GraphNode): PropagationPolicy {
  if (hasFinalizer(node, "orphan")) return "Orphan";
  return hasFinalizer(node, "foregroundDeletion") ? "Foreground" : "Background";
}
