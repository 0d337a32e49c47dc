import { keyOf, type KubeObject, type Resource, type Stored } from "../api/object";
import type { Clock } from "../clock";
import type { Client, ListOptions } from "./client";
import { Reflector } from "./reflector";
import { Store, type IndexFunction } from "./store";

/** Told of each change after the store has it. Handlers must be quick: enqueue a key and return. */
export interface InformerHandler<T extends KubeObject> {
  added?(object: Stored<T>): void;
  updated?(before: Stored<T>, after: Stored<T>): void;
  deleted?(object: Stored<T>): void;
}

/** The reading half of an informer: what a `sync` may use. */
export interface Lister<T extends KubeObject> {
  get(namespace: string, name: string): Stored<T> | undefined;
  /** All of a namespace; "" for all namespaces, or for cluster-scoped kinds. */
  list(namespace?: string): readonly Stored<T>[];
  byIndex(index: string, value: string): readonly Stored<T>[];
}

const NAMESPACE_INDEX = "namespace";

/** A local copy of a collection, kept by list and watch, shared by everyone who reads it. */
export class Informer<T extends KubeObject> implements Lister<T> {
  readonly resource: Resource<T>;
  readonly #store = new Store<T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #reflector: Reflector<T>;
  readonly #synced: Promise<void>;
  #markSynced: () => void = () => undefined;
  #hasSynced = false;

  constructor(
    client: Client,
    clock: Clock,
    resource: Resource<T>,
    selector: Pick<ListOptions, "labelSelector" | "fieldSelector"> = {},
  ) {
    this.resource = resource;
    this.#synced = new Promise((resolve) => {
      this.#markSynced = resolve;
    });
    if (resource.namespaced) this.#store.addIndex(NAMESPACE_INDEX, (object) => [object.metadata.namespace ?? ""]);
    this.#reflector = new Reflector({
      client,
      clock,
      resource,
      selector,
      target: {
        replace: (objects) => this.#replace(objects),
        changed: (type, object) => (type === "DELETED" ? this.#delete(keyOf(object), object) : this.#put(object)),
      },
    });
  }

  get(namespace: string, name: string): Stored<T> | undefined {
    return this.#store.get(namespace === "" ? name : `${namespace}/${name}`);
  }

  list(namespace = ""): readonly Stored<T>[] {
    return namespace === "" ? this.#store.values() : this.#store.byIndex(NAMESPACE_INDEX, namespace);
  }

  byIndex(index: string, value: string): readonly Stored<T>[] {
    return this.#store.byIndex(index, value);
  }

  /** Adds an index under a name of the whole process' choosing; the same name twice keeps the first. */
  addIndex(name: string, keys: IndexFunction<T>): void {
    this.#store.addIndex(name, keys);
  }

  /** Tells `handler` of what is there at once (as `added`), then of each change. Returns the unsubscribe. */
  addHandler(handler: InformerHandler<T>): () => void {
    for (const object of this.#store.values()) handler.added?.(object);
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }

  /** Idempotent. */
  start(): void {
    void this.#reflector.start();
  }

  stop(): void {
    this.#reflector.stop();
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves once the first list is in the store. */
  synced(): Promise<void> {
    return this.#synced;
  }

  #replace(objects: readonly Stored<T>[]): void {
    const kept = new Set(objects.map(keyOf));
    for (const key of [...this.#store.keys()]) if (!kept.has(key)) this.#delete(key);
    for (const object of objects) this.#put(object);
    this.#hasSynced = true;
    this.#markSynced();
  }

  #put(object: Stored<T>): void {
    const before = this.#store.put(object);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    for (const handler of this.#handlers) {
      if (before && before.metadata.uid !== object.metadata.uid) {
        handler.deleted?.(before);
        handler.added?.(object);
      } else if (before) {
        handler.updated?.(before, object);
      } else {
        handler.added?.(object);
      }
    }
  }

  /** `last` is the object's final state, newer than the stored one. */
  #delete(key: string, last?: Stored<T>): void {
    const before = this.#store.delete(key);
    if (!before) return;
    for (const handler of this.#handlers) handler.deleted?.(last ?? before);
  }
}
