import type {
  Pod,
  PodAffinityTerm,
  ResourceQuota,
  ScopedResourceSelectorRequirement,
} from "../api/generated/kubernetes";
import type { KubeObject } from "../api/object";
import { podAmounts } from "../api/pod-amounts";
import { compareQuantities } from "../api/quantity";
import type { GroupResource } from "../api/status";

/** Whether a quota is about this object. Scopes know pods only: a quota with any is about nothing else. */
export function matchesScopes({ spec }: ResourceQuota, resource: GroupResource, object: KubeObject): boolean {
  const terms: ScopedResourceSelectorRequirement[] = [
    ...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: "Exists" })),
    ...(spec?.scopeSelector?.matchExpressions ?? []),
  ];
  if (terms.length === 0) return true;
  if (resource.group !== "" || resource.name !== "pods") return false;
  return terms.every((term) => matchesTerm(object as Pod, term));
}

function matchesTerm(pod: Pod, { scopeName, operator, values }: ScopedResourceSelectorRequirement): boolean {
  switch (scopeName) {
    case "Terminating":
      return isTerminating(pod);
    case "NotTerminating":
      return !isTerminating(pod);
    case "BestEffort":
      return isBestEffort(pod);
    case "NotBestEffort":
      return !isBestEffort(pod);
    case "CrossNamespacePodAffinity":
      return reachesOtherNamespaces(pod);
    case "PriorityClass":
      return matchesValue(pod.spec?.priorityClassName ?? "", operator, values ?? []);
    default:
      return false;
  }
}

function matchesValue(value: string, operator: string, values: readonly string[]): boolean {
  if (operator === "In") return values.includes(value);
  if (operator === "NotIn") return !values.includes(value);
  return (operator === "Exists") === (value !== "");
}

function isTerminating({ spec }: Pod): boolean {
  return spec?.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0;
}

function isBestEffort(pod: Pod): boolean {
  const amounts = [podAmounts(pod, "requests"), podAmounts(pod, "limits")];
  return amounts.every((each) => ["cpu", "memory"].every((name) => compareQuantities(each[name] ?? "0", "0") === 0));
}

function reachesOtherNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  const reaches = (term: PodAffinityTerm): boolean =>
    (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined;
  return [podAffinity, podAntiAffinity].some(
    (each) =>
      (each?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(reaches) ||
      (each?.preferredDuringSchedulingIgnoredDuringExecution ?? []).some((weighted) =>
        reaches(weighted.podAffinityTerm),
      ),
  );
}
