import { CLUSTER_SCOPED } from "./watched-kinds";
import type { CheckKind, ObjectRef, WorkloadRef } from "../protocol/checks";
import { nameOf } from "./facts";
import type { ClusterObject, ObjectSink } from "./object-source";
import { controllerUid, PodHistory } from "./pod-history";

/** What the checks have been told of a cluster, kept up to date by the sinks it hands out. */
export class Snapshot {
  readonly history = new PodHistory();
  readonly #byKind = new Map<CheckKind, Map<string, ClusterObject>>();
  readonly #synced = new Set<CheckKind>();

  /** True once every kind asked for has been listed. */
  isComplete(kinds: readonly CheckKind[]): boolean {
    return kinds.every((kind) => this.#synced.has(kind));
  }

  sink(kind: CheckKind, changed: () => void): ObjectSink {
    return {
      replace: (objects) => {
        this.#byKind.set(kind, new Map(objects.map((object) => [keyOf(object), object])));
        this.#synced.add(kind);
        if (kind === "Pod") {
          this.history.keepOnly(new Set(objects.map((object) => object.metadata?.uid ?? "")));
          for (const object of objects) this.history.note(object);
        }
        changed();
      },
      set: (object) => {
        const objects = this.#objects(kind);
        const before = objects.get(keyOf(object));
        // A name taken again before its first holder was seen to go.
        if (kind === "Pod" && before?.metadata?.uid !== object.metadata?.uid) this.#forgetPod(before);
        objects.set(keyOf(object), object);
        if (kind === "Pod") this.history.note(object);
        changed();
      },
      remove: (object) => {
        this.#objects(kind).delete(keyOf(object));
        if (kind === "Pod") this.#forgetPod(object);
        changed();
      },
    };
  }

  find(ref: ObjectRef | WorkloadRef): ClusterObject | undefined {
    const namespace = CLUSTER_SCOPED.has(ref.kind) ? "" : ref.namespace;
    return this.#byKind.get(ref.kind)?.get(`${namespace}/${ref.name}`);
  }

  /** Sorted by namespace and name, so that what is explained first does not depend on arrival. */
  list(kind: CheckKind, namespace?: string): ClusterObject[] {
    return [...(this.#byKind.get(kind) ?? [])]
      .filter(([, object]) => namespace === undefined || object.metadata?.namespace === namespace)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  hasNamespace(name: string): boolean {
    return this.#byKind.get("Namespace")?.has(`/${name}`) ?? false;
  }

  /** The controllers of a workload's pods: itself, or the ReplicaSets of a Deployment. */
  podControllers(kind: CheckKind, workload: ClusterObject): Set<string> {
    const uid = workload.metadata?.uid ?? "";
    if (kind !== "Deployment") return new Set([uid]);
    const sets = this.list("ReplicaSet", workload.metadata?.namespace).filter((set) => controllerUid(set) === uid);
    return new Set(sets.map((set) => set.metadata?.uid ?? ""));
  }

  podsOf(kind: CheckKind, workload: ClusterObject): ClusterObject[] {
    const controllers = this.podControllers(kind, workload);
    return this.list("Pod", workload.metadata?.namespace).filter((pod) => controllers.has(controllerUid(pod) ?? ""));
  }

  #objects(kind: CheckKind): Map<string, ClusterObject> {
    let objects = this.#byKind.get(kind);
    if (!objects) {
      objects = new Map<string, ClusterObject>();
      this.#byKind.set(kind, objects);
    }
    return objects;
  }

  #forgetPod(pod: ClusterObject | undefined): void {
    if (pod?.metadata?.uid !== undefined) this.history.forget(pod.metadata.uid);
  }
}

function keyOf(object: ClusterObject): string {
  return `${object.metadata?.namespace ?? ""}/${nameOf(object)}`;
}
