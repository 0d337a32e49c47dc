import type { CheckMessage } from "../protocol/check-messages";
import type { ObjectRef, WorkloadRef } from "../protocol/checks";
import { isTerminating, nameOf } from "./facts";
import type { ClusterObject } from "./object-source";
import type { Snapshot } from "./snapshot";
import { CLUSTER_SCOPED } from "./watched-kinds";

/** Either the object, or why it is not to be found: no namespace, in another one, under a similar name, not at all. */
export function findOrExplain(
  snapshot: Snapshot,
  ref: ObjectRef | WorkloadRef,
): { object: ClusterObject } | { message: CheckMessage } {
  const object = snapshot.find(ref);
  const { kind, name, namespace } = ref;
  if (object && isTerminating(object)) return { message: { code: "object-terminating", params: { kind, name } } };
  if (object) return { object };
  if (CLUSTER_SCOPED.has(kind)) return { message: { code: "object-missing-cluster", params: { kind, name } } };
  if (!snapshot.hasNamespace(namespace)) return { message: { code: "namespace-missing", params: { namespace } } };
  const params = { kind, name, namespace };
  const elsewhere = snapshot.list(kind).find((other) => nameOf(other) === name)?.metadata?.namespace;
  if (elsewhere !== undefined) return { message: { code: "object-elsewhere", params: { ...params, elsewhere } } };
  const similar = snapshot
    .list(kind, namespace)
    .map(nameOf)
    .find((other) => isSimilar(other, name));
  if (similar !== undefined) return { message: { code: "object-similar", params: { ...params, similar } } };
  return { message: { code: "object-missing", params } };
}

/** One letter wrong, missing, too much, or two swapped: what fingers do. */
export function isSimilar(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1 || Math.min(a.length, b.length) < 2) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const restA = a.slice(start);
  const restB = b.slice(start);
  if (restA.length === restB.length) {
    const swapped = restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
    return restA.slice(1) === restB.slice(1) || (restA.length > 1 && swapped);
  }
  return restA.length > restB.length ? restA.slice(1) === restB : restB.slice(1) === restA;
}
