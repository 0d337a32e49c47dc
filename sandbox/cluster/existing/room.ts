import type { KubeObject, Resource } from "../../simulator/api/object";
import { RESOURCE_QUOTAS, ROLE_BINDINGS, SERVICE_ACCOUNTS } from "../../simulator/client/resources";
import type { ClusterRole, ClusterRoleBinding, LimitRange, Namespace } from "../../simulator/api/generated/kubernetes";
import type { ExistingConfig } from "./existing-config";

/** What says whose an object is. */
export const LABELS = {
  managedBy: "app.kubernetes.io/managed-by",
  instance: "slipway.dev/instance",
  sandbox: "slipway.dev/sandbox",
} as const;

/** The account that a learner acts as. */
export const LEARNER = "slipway-learner";

type Labels = Readonly<Record<string, string>>;

const LIMIT_RANGES: Resource<LimitRange> = {
  group: "",
  version: "v1",
  name: "limitranges",
  kind: "LimitRange",
  namespaced: true,
};
const RBAC = "rbac.authorization.k8s.io";

export function namespaceObject(name: string, labels: Labels, config: ExistingConfig): Namespace {
  const level = config.SLIPWAY_EXISTING_POD_SECURITY;
  return { metadata: { name, labels: { ...labels, "pod-security.kubernetes.io/enforce": level } } };
}

/** What a namespace gets besides itself: who the learner is, what they may, and how much. */
export function roomObjects(
  namespace: string,
  labels: Labels,
  config: ExistingConfig,
): { resource: Resource; object: KubeObject }[] {
  const account = { kind: "ServiceAccount", name: LEARNER, namespace };
  const memory = config.SLIPWAY_EXISTING_MEMORY;
  const hard = {
    pods: String(config.SLIPWAY_EXISTING_PODS),
    services: "30",
    "services.loadbalancers": "0",
    persistentvolumeclaims: "5",
    "requests.storage": "10Gi",
    ...(memory !== undefined && { "limits.memory": memory }),
  };
  const quota: KubeObject & { spec: object } = {
    metadata: { name: "slipway", namespace, labels: { ...labels } },
    spec: { hard },
  };
  // Where memory is counted, a container that says nothing of it still needs to count as something.
  const defaults: LimitRange = {
    metadata: { name: "slipway", namespace, labels: { ...labels } },
    spec: { limits: [{ type: "Container", default: { memory: "256Mi" }, defaultRequest: { memory: "32Mi" } }] },
  };
  const rights: KubeObject & { roleRef: object; subjects: object[] } = {
    metadata: { name: LEARNER, namespace, labels: { ...labels } },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "admin" },
    subjects: [account],
  };
  return [
    { resource: SERVICE_ACCOUNTS, object: { metadata: { name: LEARNER, namespace, labels: { ...labels } } } },
    { resource: ROLE_BINDINGS, object: rights },
    { resource: RESOURCE_QUOTAS, object: quota },
    ...(memory === undefined ? [] : [{ resource: LIMIT_RANGES, object: defaults }]),
  ];
}

/** To look at machines and at classes, which are no namespace's own. */
export function lookingRole(namespace: string, labels: Labels): ClusterRole {
  const look = (apiGroup: string, ...resources: string[]): NonNullable<ClusterRole["rules"]>[number] => ({
    apiGroups: [apiGroup],
    resources,
    verbs: ["get", "list", "watch"],
  });
  return {
    metadata: { name: namespace, labels: { ...labels } },
    rules: [
      look("", "nodes"),
      look("storage.k8s.io", "storageclasses"),
      look("networking.k8s.io", "ingressclasses"),
      look("scheduling.k8s.io", "priorityclasses"),
    ],
  };
}

export function lookingBinding(namespace: string, labels: Labels): ClusterRoleBinding {
  return {
    metadata: { name: namespace, labels: { ...labels } },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: namespace },
    subjects: [{ kind: "ServiceAccount", name: LEARNER, namespace }],
  };
}
