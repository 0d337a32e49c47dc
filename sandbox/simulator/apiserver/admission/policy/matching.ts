import type {
  LabelSelector,
  MatchResources,
  NamedRuleWithOperations,
  RuleWithOperations,
} from "../../../api/generated/kubernetes";
import { matchesLabels, selectorFrom } from "../../../api/labels";
import type { KubeObject } from "../../../api/object";
import { notFound } from "../../../api/status";
import { NAMESPACES } from "../../../registry/references";
import type { ResourceInfo } from "../../../schema/resources";
import type { AdmissionAttributes } from "../admission";

/** A form in which a request may be matched: as it came, or as another version of the same collection. */
export interface Form {
  readonly info: ResourceInfo;
  convert(object: KubeObject): KubeObject;
}

/** The forms of a collection beside its own. */
export type Equivalents = (info: ResourceInfo) => readonly Form[];

/**
 * The form in which a policy's or binding's `matchResources` take the request, if they do.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export function matchForm(
  match: MatchResources | undefined,
  attributes: AdmissionAttributes,
  equivalents: Equivalents,
): Form | undefined {
  const own = ownForm(attributes);
  if (!match) return own;
  if (!matchesSelectors(match, attributes)) return undefined;
  const { excludeResourceRules = [], resourceRules = [], matchPolicy } = match;
  if (formByRules(excludeResourceRules, matchPolicy, attributes, equivalents)) return undefined;
  return resourceRules.length === 0 ? own : formByRules(resourceRules, matchPolicy, attributes, equivalents);
}

function ownForm({ resource }: AdmissionAttributes): Form {
  return { info: resource, convert: (object) => object };
}

/** The first form that some rule takes; other versions only where the policy allows them. */
export function formByRules(
  rules: readonly NamedRuleWithOperations[],
  matchPolicy: string | undefined,
  attributes: AdmissionAttributes,
  equivalents: Equivalents,
): Form | undefined {
  const takes = ({ info }: Form): boolean => rules.some((rule) => ruleTakes(rule, info, attributes));
  const own = ownForm(attributes);
  if (takes(own)) return own;
  return matchPolicy === "Exact" ? undefined : equivalents(attributes.resource).find(takes);
}

function ruleTakes(
  { resourceNames = [], ...rule }: NamedRuleWithOperations,
  info: ResourceInfo,
  attributes: AdmissionAttributes,
): boolean {
  const has = (list: readonly string[] | undefined, value: string): boolean =>
    (list ?? []).some((each) => each === "*" || each === value);
  return (
    has(rule.operations, attributes.operation.toUpperCase()) &&
    has(rule.apiGroups, info.group) &&
    has(rule.apiVersions, info.version) &&
    scopeTakes(rule, attributes) &&
    (rule.resources ?? []).some((each) => resourceTakes(each, info.name, attributes.subresource)) &&
    (resourceNames.length === 0 || resourceNames.includes(nameOf(attributes)))
  );
}

function resourceTakes(rule: string, resource: string, subresource: string): boolean {
  const [wanted = "", part = ""] = rule.split("/");
  return (wanted === "*" || wanted === resource) && (part === "*" || part === subresource);
}

function scopeTakes({ scope }: RuleWithOperations, { resource }: AdmissionAttributes): boolean {
  return !scope || scope === "*" || (scope === "Namespaced") === resource.namespaced;
}

/** The object's name as far as it is known yet. */
export function nameOf({ name, object }: AdmissionAttributes): string {
  return name || (object?.metadata?.name ?? "");
}

/** Throws a 404 for a namespace that is not there. */
export function matchesSelectors(
  { namespaceSelector, objectSelector }: { namespaceSelector?: LabelSelector; objectSelector?: LabelSelector },
  attributes: AdmissionAttributes,
): boolean {
  const { object, old } = attributes;
  const isChosen = (each: KubeObject | undefined): boolean =>
    each !== undefined && matchesLabels(selectorFrom(objectSelector) ?? [], each.metadata?.labels);
  if (!isEmpty(objectSelector) && !isChosen(object) && !isChosen(old)) return false;
  return isEmpty(namespaceSelector) || matchesNamespace(namespaceSelector, attributes);
}

function isEmpty(selector: LabelSelector | undefined): boolean {
  return (selectorFrom(selector) ?? []).length === 0;
}

/** Objects outside of namespaces always match; a namespace is judged by its own labels. */
function matchesNamespace(selector: LabelSelector | undefined, attributes: AdmissionAttributes): boolean {
  const { resource, namespace, object, old, context } = attributes;
  const terms = selectorFrom(selector) ?? [];
  if (resource.group === "" && resource.name === "namespaces") {
    return matchesLabels(terms, (object ?? old)?.metadata?.labels);
  }
  if (namespace === "") return true;
  const found = context.lookup(NAMESPACES, "", namespace);
  if (!found) throw notFound(NAMESPACES, namespace);
  return matchesLabels(terms, found.metadata.labels);
}

/** Policies and webhooks have no say about themselves and each other: one that is wrong could not be undone. */
export function isExempt({ resource }: AdmissionAttributes): boolean {
  return resource.group === "admissionregistration.k8s.io";
}
