import { keyOf, type KubeObject, type Stored } from "../api/object";

/** The values an object is found under in one index. */
export type IndexFunction<T extends KubeObject> = (object: Stored<T>) => readonly string[];

/** Objects by key, with named indexes. Objects are frozen and shared with whoever else holds them. */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, Stored<T>>();
  readonly #indexes = new Map<string, Index<T>>();

  /** Adds an index over what is there and what comes. The same name twice keeps the first. */
  addIndex(name: string, keys: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { keys, buckets: new Map() };
    this.#indexes.set(name, index);
    for (const object of this.#objects.values()) insert(index, object);
  }

  get(key: string): Stored<T> | undefined {
    return this.#objects.get(key);
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  values(): Stored<T>[] {
    return [...this.#objects.values()];
  }

  get size(): number {
    return this.#objects.size;
  }

  /** What index `name` holds under `value`; throws when there is no such index. */
  byIndex(name: string, value: string): Stored<T>[] {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`no index ${name}`);
    return [...(index.buckets.get(value)?.values() ?? [])];
  }

  /** Inserts or replaces; returns what was there. */
  put(object: Stored<T>): Stored<T> | undefined {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      if (before) remove(index, before);
      insert(index, object);
    }
    return before;
  }

  delete(key: string): Stored<T> | undefined {
    const before = this.#objects.get(key);
    if (!before) return undefined;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) remove(index, before);
    return before;
  }
}

interface Index<T extends KubeObject> {
  readonly keys: IndexFunction<T>;
  readonly buckets: Map<string, Map<string, Stored<T>>>;
}

function insert<T extends KubeObject>(index: Index<T>, object: Stored<T>): void {
  for (const value of index.keys(object)) {
    const bucket = index.buckets.get(value);
    if (bucket) bucket.set(keyOf(object), object);
    else index.buckets.set(value, new Map([[keyOf(object), object]]));
  }
}

function remove<T extends KubeObject>(index: Index<T>, object: Stored<T>): void {
  for (const value of index.keys(object)) {
    const bucket = index.buckets.get(value);
    bucket?.delete(keyOf(object));
    if (bucket?.size === 0) index.buckets.delete(value);
  }
}
