import { deepFreeze } from "../api/json";
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

/** How many changes the watch window holds; whoever is further behind must list again (410). */
const WINDOW = 2_000;

/**
 * What etcd and the watch cache are to Kubernetes: all objects of a cluster under one revision counter. Objects are
 * frozen and handed out by reference. Every write is synchronous and compares before it swaps; watchers hear of it in
 * a microtask, in order, never from inside the call that caused it.
 */
export class Storage {
  #revision = 1;
  #oldest = 1;
  #window: Change[] = [];
  readonly #collections = new Map<string, Collection>();
  readonly #subscriptions = new Map<string, Set<Subscription>>();
  #awake = new Set<Subscription>();

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
    target.set(key, stored);
    this.#record({ revision: this.#revision, collection, key, type: "ADDED", object: stored });
    return stored;
  }

  /** Swaps `current` for `next`; `undefined` when something else stands there by now. */
  update(collection: string, key: string, current: Stored, next: KubeObject): Stored | undefined {
    const target = this.#collection(collection);
    if (target.get(key) !== current) return undefined;
    const stored = this.#stamp(next);
    target.set(key, stored);
    this.#record({ revision: this.#revision, collection, key, type: "MODIFIED", object: stored, previous: current });
    return stored;
  }

  /** Removes `current`; `last` is the state that watchers see go (by default `current`). */
  delete(collection: string, key: string, current: Stored, last: KubeObject = current): Stored | undefined {
    const target = this.#collection(collection);
    if (target.get(key) !== current) return undefined;
    const stored = this.#stamp(last);
    target.delete(key);
    this.#record({ revision: this.#revision, collection, key, type: "DELETED", object: stored, previous: current });
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
    this.#collections.clear();
    for (const [name, objects] of snapshot.collections) {
      const collection = this.#collection(name);
      for (const [key, object] of objects) collection.set(key, deepFreeze(object));
    }
  }

  #collection(name: string): Collection {
    let collection = this.#collections.get(name);
    if (!collection) this.#collections.set(name, (collection = new Collection()));
    return collection;
  }

  #stamp(object: KubeObject): Stored {
    this.#revision++;
    const metadata = { ...object.metadata, resourceVersion: String(this.#revision) };
    // The pipeline has named, dated and validated the object before it comes here.
    return deepFreeze({ ...object, metadata }) as Stored;
  }

  #record(change: Change): void {
    this.#window.push(change);
    if (this.#window.length > WINDOW * 1.25) {
      const dropped = this.#window.splice(0, this.#window.length - WINDOW);
      this.#oldest = dropped[dropped.length - 1]?.revision ?? this.#oldest;
    }
    for (const subscription of this.#subscriptions.get(change.collection) ?? []) this.#enqueue(subscription, change);
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
