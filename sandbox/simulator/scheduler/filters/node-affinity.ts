import { matchesLabels, type Requirement } from "../../api/labels";
import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import type { Filter } from "./filter";

/** Refuses nodes that lack the labels of `nodeSelector` or match no term of the required node affinity. */
export const nodeAffinity: Filter = ({ pod }, { node }) => {
  const labels = node.metadata.labels ?? {};
  const wanted = Object.entries(pod.spec?.nodeSelector ?? {});
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const isSelected = wanted.every(([key, value]) => labels[key] === value);
  if (isSelected && (!terms || terms.some((term) => matchesTerm(term, node)))) return undefined;
  return { reasons: ["node(s) didn't match Pod's node affinity/selector"], resolvable: false };
};

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
