import type { Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from "./generated/kubernetes";
import { matchesLabels, type Requirement } from "./labels";
import type { Stored } from "./object";

/**
 * Whether the node has the labels of `nodeSelector` and matches a term of the required node affinity.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
export function matchesNode(spec: PodSpec | undefined, node: Stored<Node>): boolean {
  const labels = node.metadata.labels ?? {};
  const isSelected = Object.entries(spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return isSelected && (!terms || terms.some((term) => matchesTerm(term, node)));
}

/** All expressions of a term must hold; a term without any matches no node. */
export function matchesTerm(term: NodeSelectorTerm, node: Stored<Node>): boolean {
  const expressions = (term.matchExpressions ?? []).map(asRequirement);
  const fields = (term.matchFields ?? []).map(asRequirement);
  if (expressions.length + fields.length === 0) return false;
  return (
    matchesLabels(expressions, node.metadata.labels) && matchesLabels(fields, { "metadata.name": node.metadata.name })
  );
}

function asRequirement({ key, operator, values }: NodeSelectorRequirement): Requirement {
  return { key, operator: OPERATORS[operator] ?? "in", values: values ?? [] };
}

const OPERATORS: Readonly<Record<string, Requirement["operator"]>> = {
  In: "in",
  NotIn: "notIn",
  Exists: "exists",
  DoesNotExist: "notExists",
  Gt: "gt",
  Lt: "lt",
};
