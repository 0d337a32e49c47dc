import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  RbacSubject,
  Role,
  RoleBinding,
} from "../api/generated/kubernetes";
import { applied } from "./applied";
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from "./rbac-table";

const GROUP = "rbac.authorization.k8s.io";
const AGGREGATE = `${GROUP}/aggregate-to-`;
/** Made by kubeadm and add-ons, so without the marks of the API server's own defaults. */
const NOT_DEFAULTS: ReadonlySet<string> = new Set(["system:coredns", "kubeadm:cluster-admins"]);

export function clusterRoles(): ClusterRole[] {
  return parseBlocks(CLUSTER_ROLES).map(({ heading: [name = "", ...marks], rules }) => {
    const labels: Record<string, string> = {};
    const sums: string[] = [];
    for (const mark of marks) {
      if (mark.startsWith("sum-of-")) sums.push(mark.slice("sum-of-".length));
      else labels[`${GROUP}/${mark}`] = "true";
    }
    return asApplied({
      ...kind("ClusterRole"),
      metadata: metadataOf(name, labels),
      rules,
      ...(sums.length > 0 && {
        aggregationRule: { clusterRoleSelectors: sums.map((sum) => ({ matchLabels: { [AGGREGATE + sum]: "true" } })) },
      }),
    });
  });
}

export function clusterRoleBindings(): ClusterRoleBinding[] {
  return lines(CLUSTER_ROLE_BINDINGS).map(([name = "", role = "", ...subjects]) =>
    asApplied({
      ...kind("ClusterRoleBinding"),
      metadata: metadataOf(name),
      roleRef: { apiGroup: GROUP, kind: "ClusterRole", name: role },
      ...(subjects.length > 0 && { subjects: subjects.map(subject) }),
    }),
  );
}

export function roles(): Role[] {
  return parseBlocks(ROLES).map(({ heading: [path = ""], rules }) => {
    const { namespace, name } = split(path);
    return { ...kind("Role"), metadata: { ...metadataOf(name), namespace }, rules };
  });
}

export function roleBindings(): RoleBinding[] {
  return lines(ROLE_BINDINGS).map(([path = "", role = "", ...subjects]) => {
    const { namespace, name } = split(path);
    return {
      ...kind("RoleBinding"),
      metadata: { ...metadataOf(name), namespace },
      roleRef: { apiGroup: GROUP, kind: "Role", name: role },
      subjects: subjects.map(subject),
    };
  });
}

/** CoreDNS comes from a file. */
function asApplied<T extends ClusterRole | ClusterRoleBinding>(object: T): T {
  return object.metadata?.name === "system:coredns" ? applied(object) : object;
}

function kind<K extends string>(name: K) {
  return { apiVersion: `${GROUP}/v1`, kind: name };
}

function metadataOf(name: string, labels: Record<string, string> = {}) {
  if (NOT_DEFAULTS.has(name)) return { name };
  return {
    name,
    labels: { "kubernetes.io/bootstrapping": "rbac-defaults", ...labels },
    annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
  };
}

function subject(text: string): RbacSubject {
  const [type, name = ""] = text.split("=");
  if (type === "user") return { apiGroup: GROUP, kind: "User", name };
  if (type === "group") return { apiGroup: GROUP, kind: "Group", name };
  return { kind: "ServiceAccount", ...split(text) };
}

function lines(table: string): string[][] {
  return table
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "));
}

function parseBlocks(table: string): { heading: string[]; rules: PolicyRule[] }[] {
  const blocks: { heading: string[]; rules: PolicyRule[] }[] = [];
  for (const line of table.split("\n")) {
    if (line.startsWith("  ")) blocks.at(-1)?.rules.push(parseRule(line.trim()));
    else if (line !== "") blocks.push({ heading: line.split(" "), rules: [] });
  }
  return blocks;
}

function parseRule(text: string): PolicyRule {
  const [verbs = "", target = "", resources, names] = text.split(" ");
  if (resources === undefined) return { verbs: verbs.split(","), nonResourceURLs: target.split(",") };
  return {
    verbs: verbs.split(","),
    apiGroups: target.split(",").map((group) => (group === "core" ? "" : group)),
    resources: resources.split(","),
    ...(names !== undefined && { resourceNames: names.split(",") }),
  };
}

/** A RBAC name may hold slashes' cousins but no slash: the first one ends the namespace. */
function split(path: string): { namespace: string; name: string } {
  const slash = path.indexOf("/");
  return { namespace: path.slice(0, slash), name: path.slice(slash + 1) };
}
