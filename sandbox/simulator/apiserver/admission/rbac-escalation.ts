import type { PolicyRule, Role, RoleBinding } from "../../api/generated/kubernetes";
import type { UserInfo } from "../../api/request";
import { forbidden, notFound } from "../../api/status";
import { CLUSTER_ROLES, ROLES } from "../../registry/references";
import type { Authorizer } from "../authorization";
import { rulesFor, SUPERUSERS } from "../rbac";
import type { Admission, AdmissionAttributes } from "./admission";

const GROUP = "rbac.authorization.k8s.io";
const RBAC_KINDS = new Set(["roles", "clusterroles", "rolebindings", "clusterrolebindings"]);

/**
 * Nobody grants what they do not have: roles may only be written with rights that the writer holds (or with the verb
 * `escalate`), and bound only by who holds them (or with the verb `bind`).
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export function rbacEscalation(authorizer: Authorizer): Admission {
  return {
    validate(attributes) {
      const { operation, resource, user, object } = attributes;
      if (resource.group !== GROUP || !RBAC_KINDS.has(resource.name)) return undefined;
      if ((operation !== "create" && operation !== "update") || !object) return undefined;
      if (user.groups.some((group) => SUPERUSERS.includes(group))) return undefined;
      const asked = askedOf(attributes);
      if (!asked) return undefined;
      const { verb, resource: role, name, rules } = asked;
      const may = { user, verb, group: GROUP, version: "v1", subresource: "", namespace: attributes.namespace };
      if (authorizer.authorize({ ...may, resource: role, name }).allowed) return undefined;
      // Who may not simply bind must be shown what the role holds; without the role that cannot be told.
      if (!rules) throw notFound({ group: GROUP, name: role }, name);
      const held = [...rulesFor(user, attributes.namespace, attributes.context)].flat();
      const missing = rules.flatMap(singleRights).filter((right) => !held.some((rule) => covers(rule, right)));
      if (missing.length === 0) return undefined;
      throw forbidden({ group: GROUP, name: resource.name }, nameOf(attributes), refusal(user, missing));
    },
  };
}

/** In a creation the name is known from the object alone. */
function nameOf({ name, object }: AdmissionAttributes): string {
  return name === "" ? (object?.metadata?.name ?? "") : name;
}

interface AskedRole {
  /** What lets one do it without holding the rules. */
  readonly verb: "escalate" | "bind";
  readonly resource: string;
  readonly name: string;
  /** Absent when there is no such role. */
  readonly rules?: readonly PolicyRule[];
}

/** The rules that a write hands out; undefined when it changes none. */
function askedOf(attributes: AdmissionAttributes): AskedRole | undefined {
  const { resource, namespace, object, old, context } = attributes;
  if (!resource.name.endsWith("bindings")) {
    const { rules = [] } = object as Role;
    const same = old && JSON.stringify((old as Role).rules ?? []) === JSON.stringify(rules);
    return same ? undefined : { verb: "escalate", resource: resource.name, name: nameOf(attributes), rules };
  }
  const { roleRef } = object as RoleBinding;
  const isCluster = roleRef.kind === "ClusterRole";
  const role = isCluster
    ? context.lookup(CLUSTER_ROLES, "", roleRef.name)
    : context.lookup(ROLES, namespace, roleRef.name);
  return {
    verb: "bind",
    resource: isCluster ? "clusterroles" : "roles",
    name: roleRef.name,
    ...(role && { rules: role.rules ?? [] }),
  };
}

/** A rule as rules of one verb on one thing each. */
function singleRights(rule: PolicyRule): PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  return verbs.flatMap((verb) => [
    ...nonResourceURLs.map((url) => ({ nonResourceURLs: [url], verbs: [verb] })),
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) => {
        const right = { apiGroups: [group], resources: [resource], verbs: [verb] };
        return resourceNames.length === 0
          ? [right]
          : resourceNames.map((name) => ({ ...right, resourceNames: [name] }));
      }),
    ),
  ]);
}

function covers(held: PolicyRule, right: PolicyRule): boolean {
  const has = (list: readonly string[] = [], wanted: readonly string[] = []): boolean =>
    list.includes("*") || wanted.every((each) => list.includes(each));
  if (!has(held.verbs, right.verbs)) return false;
  if (right.nonResourceURLs)
    return right.nonResourceURLs.every((url) =>
      (held.nonResourceURLs ?? []).some(
        (own) => own === "*" || own === url || (own.endsWith("*") && url.startsWith(own.slice(0, -1))),
      ),
    );
  const [resource = ""] = right.resources ?? [];
  const subresource = /\/(.*)$/.exec(resource)?.[1];
  const coversResource =
    has(held.resources, right.resources) ||
    (subresource !== undefined && (held.resources ?? []).includes(`*/${subresource}`));
  const names = held.resourceNames ?? [];
  const coversNames = names.length === 0 || (right.resourceNames ?? []).some((name) => names.includes(name));
  return has(held.apiGroups, right.apiGroups) && coversResource && coversNames;
}

function refusal(user: UserInfo, missing: readonly PolicyRule[]): string {
  const lines = [...new Set(joinVerbs(missing).map(compact))].sort();
  return `user ${JSON.stringify(user.username)} (groups=${quoted(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${lines.join("\n")}`;
}

/** Rights on the same thing become one rule with all their verbs. */
function joinVerbs(rights: readonly PolicyRule[]): PolicyRule[] {
  const joined = new Map<string, PolicyRule>();
  for (const right of rights) {
    const key = JSON.stringify({ ...right, verbs: [] });
    const known = joined.get(key);
    joined.set(key, { ...right, verbs: [...(known?.verbs ?? []), ...right.verbs] });
  }
  return [...joined.values()];
}

function compact(rule: PolicyRule): string {
  const parts = [
    ["APIGroups", rule.apiGroups],
    ["Resources", rule.resources],
    ["NonResourceURLs", rule.nonResourceURLs],
    ["ResourceNames", rule.resourceNames],
    ["Verbs", rule.verbs],
  ] as const;
  return `{${parts.flatMap(([name, list]) => (list?.length ? [`${name}:${quoted(list)}`] : [])).join(", ")}}`;
}

/** A list as Go's `%q` prints it. */
function quoted(list: readonly string[]): string {
  return `[${list.map((each) => JSON.stringify(each)).join(" ")}]`;
}
