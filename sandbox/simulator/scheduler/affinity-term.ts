import type { Namespace, Node, Pod, PodAffinityTerm } from "../api/generated/kubernetes";
import { matchesLabels, selectorFrom } from "../api/labels";
import type { Stored } from "../api/object";

/** The namespaces of the cluster, by name. */
export type Namespaces = (name: string) => Stored<Namespace> | undefined;

/**
 * Whether `other` is among the pods that a term of `pod`'s affinity speaks of.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
 */
export function termMatches(term: PodAffinityTerm, pod: Pod, other: Pod, namespaces: Namespaces): boolean {
  const selector = selectorFrom(term.labelSelector);
  if (!selector || !isInNamespaces(term, pod, other, namespaces)) return false;
  const labels = other.metadata?.labels ?? {};
  const own = pod.metadata?.labels ?? {};
  const same = (term.matchLabelKeys ?? []).every((key) => own[key] === undefined || own[key] === labels[key]);
  const differs = (term.mismatchLabelKeys ?? []).every((key) => own[key] === undefined || own[key] !== labels[key]);
  return same && differs && matchesLabels(selector, labels);
}

/** The domain a node is in; `undefined` when it lacks the label. */
export function domainOf(node: Stored<Node>, topologyKey: string): string | undefined {
  const value = node.metadata.labels?.[topologyKey];
  return value === undefined ? undefined : `${topologyKey}=${value}`;
}

function isInNamespaces(term: PodAffinityTerm, pod: Pod, other: Pod, namespaces: Namespaces): boolean {
  const name = other.metadata?.namespace ?? "";
  if (!term.namespaceSelector && !term.namespaces?.length) return name === pod.metadata?.namespace;
  if (term.namespaces?.includes(name)) return true;
  const selector = selectorFrom(term.namespaceSelector);
  return selector !== undefined && matchesLabels(selector, namespaces(name)?.metadata.labels);
}
