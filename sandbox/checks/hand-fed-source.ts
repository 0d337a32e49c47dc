import type { CheckKind } from "../protocol/checks";
import type { ClusterObject, ObjectSink, ObjectSource } from "./object-source";

/** A source for tests: the test says what the API would have said. */
export class HandFedSource implements ObjectSource {
  readonly #sinks = new Map<CheckKind, Set<ObjectSink>>();
  readonly #objects = new Map<CheckKind, Map<string, ClusterObject>>();

  subscribe(kind: CheckKind, sink: ObjectSink): () => void {
    const sinks = this.#sinksOf(kind);
    sinks.add(sink);
    sink.replace([...this.#objectsOf(kind).values()]);
    return () => void sinks.delete(sink);
  }

  set(kind: CheckKind, object: ClusterObject): void {
    this.#objectsOf(kind).set(keyOf(object), object);
    for (const sink of this.#sinksOf(kind)) sink.set(object);
  }

  remove(kind: CheckKind, object: ClusterObject): void {
    this.#objectsOf(kind).delete(keyOf(object));
    for (const sink of this.#sinksOf(kind)) sink.remove(object);
  }

  /** As after a broken watch: this is all there is. */
  relist(kind: CheckKind, objects: readonly ClusterObject[]): void {
    this.#objects.set(kind, new Map(objects.map((object) => [keyOf(object), object])));
    for (const sink of this.#sinksOf(kind)) sink.replace(objects);
  }

  subscriptions(): number {
    return [...this.#sinks.values()].reduce((sum, sinks) => sum + sinks.size, 0);
  }

  #sinksOf(kind: CheckKind): Set<ObjectSink> {
    const sinks = this.#sinks.get(kind) ?? new Set();
    this.#sinks.set(kind, sinks);
    return sinks;
  }

  #objectsOf(kind: CheckKind): Map<string, ClusterObject> {
    const objects = this.#objects.get(kind) ?? new Map<string, ClusterObject>();
    this.#objects.set(kind, objects);
    return objects;
  }
}

function keyOf(object: ClusterObject): string {
  return `${object.metadata?.namespace ?? ""}/${object.metadata?.name ?? ""}`;
}
