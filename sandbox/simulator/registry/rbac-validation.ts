import { invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  RbacSubject,
  Role,
  RoleBinding,
  RoleRef,
} from "../api/generated/kubernetes";
import { equalJson } from "../api/json";
import type { Stored } from "../api/object";
import { asSent } from "./as-sent";
import { pathSegmentFaults, subdomainFaults } from "./names";

const GROUP = "rbac.authorization.k8s.io";

export function validateRole({ rules }: Role): FieldError[] {
  return (rules ?? []).flatMap((rule, index) => validateRule(`rules[${index}]`, rule, true));
}

export function validateClusterRole({ rules }: ClusterRole): FieldError[] {
  return (rules ?? []).flatMap((rule, index) => validateRule(`rules[${index}]`, rule, false));
}

function validateRule(path: string, rule: PolicyRule, isNamespaced: boolean): FieldError[] {
  const { nonResourceURLs = [], apiGroups = [], resources = [], resourceNames = [] } = rule;
  const errors: FieldError[] = [];
  if ((asSent(rule.verbs) ?? []).length === 0)
    errors.push(requiredValue(`${path}.verbs`, "verbs must contain at least one value"));
  if (nonResourceURLs.length > 0) {
    const fail = (why: string): void => void errors.push(invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, why));
    if (isNamespaced) fail("namespaced rules cannot apply to non-resource URLs");
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0)
      fail("rules cannot apply to both regular resources and non-resource URLs");
    return errors;
  }
  if (apiGroups.length === 0)
    errors.push(requiredValue(`${path}.apiGroups`, "resource rules must supply at least one api group"));
  if (resources.length === 0)
    errors.push(requiredValue(`${path}.resources`, "resource rules must supply at least one resource"));
  return errors;
}

export function validateRoleBinding(binding: RoleBinding): FieldError[] {
  return validateBinding(binding, true);
}

export function validateClusterRoleBinding(binding: ClusterRoleBinding): FieldError[] {
  return validateBinding(binding, false);
}

function validateBinding({ roleRef, subjects }: RoleBinding | ClusterRoleBinding, isNamespaced: boolean): FieldError[] {
  const { apiGroup = "", kind, name } = roleRef;
  const kinds = isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
  const errors: FieldError[] = [];
  if (apiGroup !== GROUP) errors.push(notSupported("roleRef.apiGroup", apiGroup, [GROUP]));
  if (!kinds.includes(kind)) errors.push(notSupported("roleRef.kind", kind, kinds));
  if (!name) errors.push(requiredValue("roleRef.name"));
  else errors.push(...pathSegmentFaults(name).map((fault) => invalidValue("roleRef.name", name, fault)));
  subjects?.forEach((subject, index) => errors.push(...validateSubject(`subjects[${index}]`, subject, isNamespaced)));
  return errors;
}

function validateSubject(path: string, subject: RbacSubject, isNamespaced: boolean): FieldError[] {
  const { kind, name, apiGroup = "", namespace = "" } = subject;
  const errors = name ? [] : [requiredValue(`${path}.name`)];
  switch (kind) {
    case "ServiceAccount":
      if (name) errors.push(...subdomainFaults(name).map((fault) => invalidValue(`${path}.name`, name, fault)));
      if (apiGroup !== "") errors.push(notSupported(`${path}.apiGroup`, apiGroup, [""]));
      if (!isNamespaced && namespace === "") errors.push(requiredValue(`${path}.namespace`));
      return errors;
    case "User":
    case "Group":
      if (!name) errors.push(invalidValue(`${path}.name`, "", `${kind.toLowerCase()} name cannot be empty`));
      if (apiGroup !== GROUP) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [GROUP]));
      return errors;
    default:
      return [...errors, notSupported(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"])];
  }
}

/** A binding stays with its role: another role is another binding. */
export function validateRoleRefUpdate(
  { roleRef }: RoleBinding | ClusterRoleBinding,
  old: Stored<RoleBinding | ClusterRoleBinding>,
): FieldError[] {
  if (equalJson(roleRef, old.roleRef)) return [];
  return [invalidValue("roleRef", asInternal(roleRef), "cannot change roleRef")];
}

/** The server shows the struct that it works with, whose fields have no JSON names. */
function asInternal({ apiGroup = "", kind, name }: RoleRef): object {
  return { APIGroup: apiGroup, Kind: kind, Name: name };
}
