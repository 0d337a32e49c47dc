import { CLUSTER_SCOPED } from "../../checks/watched-kinds";
import type { ClusterObject, ObjectSink, ObjectSource } from "../../checks/object-source";
import type { CheckKind } from "../../protocol/checks";

/** What a lesson calls the namespace that is there from the start. */
const DEFAULT = "default";

/**
 * Shows one namespace of a cluster as the `default` one of a cluster with no other: lessons and their checks need not
 * know where they are.
 */
export function asDefaultNamespace(source: ObjectSource, namespace: string): ObjectSource {
  return {
    subscribe(kind: CheckKind, sink: ObjectSink): () => void {
      const isSeen = ({ metadata }: ClusterObject): boolean => {
        if (kind === "Namespace") return metadata?.name === namespace;
        return CLUSTER_SCOPED.has(kind) || metadata?.namespace === namespace;
      };
      const show = (object: ClusterObject): ClusterObject => {
        if (kind === "Namespace") return { ...object, metadata: { ...object.metadata, name: DEFAULT } };
        if (CLUSTER_SCOPED.has(kind)) return object;
        return { ...object, metadata: { ...object.metadata, namespace: DEFAULT } };
      };
      return source.subscribe(kind, {
        replace: (objects) => sink.replace(objects.filter(isSeen).map(show)),
        set: (object) => (isSeen(object) ? sink.set(show(object)) : undefined),
        remove: (object) => (isSeen(object) ? sink.remove(show(object)) : undefined),
      });
    },
  };
}
