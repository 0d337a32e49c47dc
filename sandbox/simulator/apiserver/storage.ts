import { deepFreeze, jsonSize } from "../api/json";
import type { KubeObject, Stored } from "../api/object";
import { failure, type StatusError } from "../api/status";
import { OrderedKeys } from "./ordered-keys";

/** One write, as the watch window keeps it. `previous` is what stood there before. */
export interface Change {
  readonly revision: number;
  /** `group/resource` of the collection. */
  readonly collection: string;
  readonly key: string;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** For DELETED the last state, carrying the revision of its deletion. */
  readonly object: Stored;
  readonly previous?: Stored;
  /** Size of the object as JSON. */
  readonly bytes: number;
}

export interface StorageSnapshot {
  readonly revision: number;
  readonly collections: readonly (readonly [
    name: string,
    objects: readonly (readonly [key: string, object: Stored])[],
  ])[];
}

interface ListPage {
  readonly revision: number;
  readonly items: Stored[];
}

export interface StorageLimits {
  /** All objects together, as JSON. At the limit nothing may grow; deleting makes room. */
  readonly bytes: number;
  /** One object. */
  readonly objectBytes: number;
}

/** What etcd takes in one request. https://etcd.io/docs/v3.6/dev-guide/limit/ */
export const MAX_OBJECT_BYTES = 1.5 * 1024 * 1024;

const UNLIMITED: StorageLimits = { bytes: Infinity, objectBytes: MAX_OBJECT_BYTES };

/** How many changes the watch window holds, and how many bytes; whoever is further behind must list again (410). */
const WINDOW = 2_000;
const WINDOW_BYTES = 16 * 1024 * 1024;

/**
 * What etcd and the watch cache are to Kubernetes: all objects of a cluster under one revision counter. Objects are
 * frozen and handed out by reference. Every write is synchronous and compares before it swaps; watchers hear of it in
 * a microtask, in order, never from inside the call that caused it.
 */
export class Storage {
  readonly #limits: StorageLimits;
  readonly #sizes = new WeakMap<KubeObject, number>();
  #bytes = 0;
  #windowBytes = 0;
  #revision = 1;
  #oldest = 1;
  #window: Change[] = [];
  readonly #collections = new Map<string, Collection>();
  readonly #subscriptions = new Map<string, Set<Subscription>>();
  readonly #followers = new Set<(change: Change) => void>();
  #awake = new Set<Subscription>();

  constructor(limits: StorageLimits = UNLIMITED) {
    this.#limits = limits;
  }

  /** Of all objects, as JSON. */
  get bytes(): number {
    return this.#bytes;
  }

  get revision(): number {
    return this.#revision;
  }

  get(collection: string, key: string): Stored | undefined {
    return this.#collections.get(collection)?.get(key);
  }

  /** In key order. `namespace` "" means all of them. */
  list(collection: string, namespace: string): ListPage {
    return { revision: this.#revision, items: this.#collections.get(collection)?.list(namespace) ?? [] };
  }

  count(collection: string): number {
    return this.#collections.get(collection)?.size ?? 0;
  }

  /** The collection as it was at `revision`. Throws a 410 when that has left the window. */
  listAt(collection: string, namespace: string, revision: number): ListPage {
    if (revision >= this.#revision) return this.list(collection, namespace);
    if (revision < this.#oldest) throw tooOld(revision, this.#oldest);
    const past = new Map(this.list(collection, namespace).items.map((object) => [keyIn(object), object]));
    const prefix = namespace === "" ? "" : `${namespace}/`;
    for (let i = this.#window.length - 1; i >= 0; i--) {
      const change = this.#window[i];
      if (!change || change.revision <= revision) break;
      if (change.collection !== collection || !change.key.startsWith(prefix)) continue;
      if (change.previous) past.set(change.key, change.previous);
      else past.delete(change.key);
    }
    const items = [...past].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    return { revision, items };
  }

  /** `undefined` when the key is taken. */
  create(collection: string, key: string, object: KubeObject): Stored | undefined {
    const target = this.#collection(collection);
    if (target.get(key)) return undefined;
    const stored = this.#stamp(object);
    const bytes = this.#grow(stored, 0);
    target.set(key, stored);
    this.#record({ revision: this.#revision + 1, collection, key, type: "ADDED", object: stored, bytes });
    return stored;
  }

  /** Swaps `current` for `next`; `undefined` when something else stands there by now. */
  update(collection: string, key: string, current: Stored, next: KubeObject): Stored | undefined {
    const target = this.#collection(collection);
    if (target.get(key) !== current) return undefined;
    const stored = this.#stamp(next);
    const bytes = this.#grow(stored, this.#sizeOf(current));
    target.set(key, stored);
    this.#record({
      revision: this.#revision + 1,
      collection,
      key,
      type: "MODIFIED",
      object: stored,
      previous: current,
      bytes,
    });
    return stored;
  }

  /** Removes `current`; `last` is the state that watchers see go (by default `current`). */
  delete(collection: string, key: string, current: Stored, last: KubeObject = current): Stored | undefined {
    const target = this.#collection(collection);
    if (target.get(key) !== current) return undefined;
    const stored = this.#stamp(last);
    target.delete(key);
    const bytes = this.#sizeOf(current);
    this.#bytes -= bytes;
    this.#record({
      revision: this.#revision + 1,
      collection,
      key,
      type: "DELETED",
      object: stored,
      previous: current,
      bytes,
    });
    return stored;
  }

  /**
   * Changes of a collection after `from`. Throws a 410 when `from` has left the window. `listener` gets them in order,
   * in batches; after the returned function was called it hears nothing more.
   */
  subscribe(collection: string, from: number, listener: (changes: readonly Change[]) => void): () => void {
    if (from < this.#oldest) throw tooOld(from, this.#oldest);
    const subscription: Subscription = { listener, queue: [] };
    const set = this.#subscriptions.get(collection) ?? new Set();
    this.#subscriptions.set(collection, set);
    set.add(subscription);
    for (let i = this.#indexAfter(from); i < this.#window.length; i++) {
      const change = this.#window[i];
      if (change?.collection === collection) this.#enqueue(subscription, change);
    }
    return () => {
      set.delete(subscription);
      subscription.queue = [];
    };
  }

  /** `write` gets every change of any collection from now on, in order, before the call that makes it returns. */
  follow(write: (change: Change) => void): () => void {
    this.#followers.add(write);
    return () => void this.#followers.delete(write);
  }

  snapshot(): StorageSnapshot {
    return {
      revision: this.#revision,
      collections: [...this.#collections].map(([name, objects]) => [name, objects.entries()]),
    };
  }

  /** Replaces everything. The window begins anew: watches from before are too old. */
  restore(snapshot: StorageSnapshot): void {
    this.#revision = snapshot.revision;
    this.#oldest = snapshot.revision;
    this.#window = [];
    this.#windowBytes = 0;
    this.#collections.clear();
    this.#bytes = 0;
    for (const [name, objects] of snapshot.collections) {
      const collection = this.#collection(name);
      for (const [key, object] of objects) {
        collection.set(key, deepFreeze(object));
        this.#bytes += jsonSize(object);
      }
    }
  }

  #collection(name: string): Collection {
    let collection = this.#collections.get(name);
    if (!collection) this.#collections.set(name, (collection = new Collection()));
    return collection;
  }

  /** The object as of the next revision, which begins when it is recorded. */
  #stamp(object: KubeObject): Stored {
    const metadata = { ...object.metadata, resourceVersion: String(this.#revision + 1) };
    // The pipeline has named, dated and validated the object before it comes here.
    return deepFreeze({ ...object, metadata }) as Stored;
  }

  #record(change: Change): void {
    this.#revision = change.revision;
    for (const write of this.#followers) write(change);
    this.#window.push(change);
    this.#windowBytes += change.bytes;
    // Now and then a good part of it, so that a write does not pay for it each time.
    if (this.#window.length > WINDOW * 1.25) this.#forget(this.#window.length - WINDOW, 0);
    if (this.#windowBytes > WINDOW_BYTES * 1.25) this.#forget(0, this.#windowBytes - WINDOW_BYTES);
    for (const subscription of this.#subscriptions.get(change.collection) ?? []) this.#enqueue(subscription, change);
  }

  /** Drops the oldest changes from the window: at least so many, and so many bytes. */
  #forget(count: number, bytes: number): void {
    let dropped = 0;
    let droppedBytes = 0;
    for (const change of this.#window) {
      if (dropped >= count && droppedBytes >= bytes) break;
      dropped++;
      droppedBytes += change.bytes;
      this.#oldest = change.revision;
    }
    this.#window.splice(0, dropped);
    this.#windowBytes -= droppedBytes;
  }

  /** Makes room for an object in place of one of `before` bytes. Throws, as etcd does, where there is none. */
  #grow(object: KubeObject, before: number): number {
    const bytes = jsonSize(object);
    if (bytes > this.#limits.objectBytes) throw failure(500, "", "etcdserver: request is too large");
    // What goes may say so: a full store could not be emptied otherwise.
    const isLeaving = object.metadata?.deletionTimestamp !== undefined;
    if (bytes > before && this.#bytes + bytes - before > this.#limits.bytes && !isLeaving)
      throw failure(500, "", "etcdserver: mvcc: database space exceeded");
    this.#bytes += bytes - before;
    this.#sizes.set(object, bytes);
    return bytes;
  }

  #sizeOf(object: Stored): number {
    return this.#sizes.get(object) ?? jsonSize(object);
  }

  #enqueue(subscription: Subscription, change: Change): void {
    subscription.queue.push(change);
    if (this.#awake.size === 0) queueMicrotask(() => this.#deliver());
    this.#awake.add(subscription);
  }

  #deliver(): void {
    const awake = this.#awake;
    this.#awake = new Set();
    for (const subscription of awake) {
      const changes = subscription.queue;
      subscription.queue = [];
      if (changes.length > 0) subscription.listener(changes);
    }
  }

  #indexAfter(revision: number): number {
    let low = 0;
    let high = this.#window.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#window[middle]?.revision ?? Infinity) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface Subscription {
  readonly listener: (changes: readonly Change[]) => void;
  queue: Change[];
}

/** Objects by key, and their keys in order, so that lists need no sorting. */
class Collection {
  readonly #objects = new Map<string, Stored>();
  readonly #keys = new OrderedKeys();

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): Stored | undefined {
    return this.#objects.get(key);
  }

  set(key: string, object: Stored): void {
    if (!this.#objects.has(key)) this.#keys.add(key);
    this.#objects.set(key, object);
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#keys.delete(key);
  }

  list(namespace: string): Stored[] {
    const prefix = namespace === "" ? "" : `${namespace}/`;
    const items: Stored[] = [];
    for (const key of this.#keys.from(prefix)) {
      if (!key.startsWith(prefix)) break;
      const object = this.#objects.get(key);
      if (object) items.push(object);
    }
    return items;
  }

  entries(): (readonly [string, Stored])[] {
    return [...this.#objects];
  }
}

function keyIn(object: Stored): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}

function tooOld(asked: number, oldest: number): StatusError {
  return failure(410, "Expired", `too old resource version: ${asked} (${oldest})`);
}
