import type { PolicyRule, RbacSubject } from "../api/generated/kubernetes";
import type { UserInfo } from "../api/request";
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from "../registry/references";
import type { StrategyContext } from "../registry/strategy";
import type { Attributes, Authorizer } from "./authorization";

/** Members may do everything, whatever the roles say. */
export const SUPERUSERS = ["system:masters", "kubeadm:cluster-admins"];

/**
 * Allows what some role, bound to the user or one of the groups, allows.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export function rbacAuthorizer(objects: Pick<StrategyContext, "lookup" | "list">): Authorizer {
  return {
    authorize(attributes) {
      if (attributes.user.groups.some((group) => SUPERUSERS.includes(group))) return { allowed: true, reason: "" };
      for (const rules of rulesFor(attributes.user, attributes.namespace, objects)) {
        if (rules.some((rule) => allows(rule, attributes))) return { allowed: true, reason: "" };
      }
      return { allowed: false, reason: "" };
    },
  };
}

/** The rules of every role that reaches the user in `namespace`. */
export function* rulesFor(
  user: UserInfo,
  namespace: string,
  objects: Pick<StrategyContext, "lookup" | "list">,
): Generator<readonly PolicyRule[]> {
  for (const binding of objects.list(CLUSTER_ROLE_BINDINGS, "")) {
    if (!binding.subjects?.some((subject) => isSubject(subject, user, ""))) continue;
    const role = objects.lookup(CLUSTER_ROLES, "", binding.roleRef.name);
    if (role?.rules) yield role.rules;
  }
  if (namespace === "") return;
  for (const binding of objects.list(ROLE_BINDINGS, namespace)) {
    if (!binding.subjects?.some((subject) => isSubject(subject, user, namespace))) continue;
    const { kind, name } = binding.roleRef;
    const role =
      kind === "ClusterRole" ? objects.lookup(CLUSTER_ROLES, "", name) : objects.lookup(ROLES, namespace, name);
    if (role?.rules) yield role.rules;
  }
}

function isSubject(subject: RbacSubject, user: UserInfo, namespace: string): boolean {
  switch (subject.kind) {
    case "User":
      return user.username === subject.name;
    case "Group":
      return user.groups.includes(subject.name);
    case "ServiceAccount":
      return user.username === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`;
    default:
      return false;
  }
}

export function allows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!holds(rule.verbs, attributes.verb)) return false;
  if (attributes.path !== undefined) {
    const { path } = attributes;
    return (rule.nonResourceURLs ?? []).some(
      (url) => url === "*" || url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1))),
    );
  }
  if (!holds(rule.apiGroups ?? [], attributes.group)) return false;
  const wanted =
    attributes.subresource === "" ? attributes.resource : `${attributes.resource}/${attributes.subresource}`;
  const isResource = (rule.resources ?? []).some(
    (each) =>
      each === "*" || each === wanted || (attributes.subresource !== "" && each === `*/${attributes.subresource}`),
  );
  if (!isResource) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(attributes.name);
}

function holds(list: readonly string[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}
