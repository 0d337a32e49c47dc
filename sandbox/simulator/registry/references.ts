import type {
  ClusterRole,
  ClusterRoleBinding,
  IngressClass,
  LimitRange,
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
  PriorityClass,
  ResourceQuota,
  RuntimeClass,
  Role,
  RoleBinding,
  Service,
  ServiceAccount,
  StorageClass,
} from "../api/generated/kubernetes";
import type { KubeObject } from "../api/object";

/** A collection that the server itself reads, whatever version it is served in. `T` is the kind it holds. */
export interface CollectionRef<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly name: string;
  /** Only a carrier of the type; never set. */
  readonly __type?: T;
}

export const NODES: CollectionRef<Node> = { group: "", name: "nodes" };
export const PODS: CollectionRef<Pod> = { group: "", name: "pods" };
export const STORAGE_CLASSES: CollectionRef<StorageClass> = { group: "storage.k8s.io", name: "storageclasses" };
export const SERVICES: CollectionRef<Service> = { group: "", name: "services" };
export const NAMESPACES: CollectionRef<Namespace> = { group: "", name: "namespaces" };
export const SERVICE_ACCOUNTS: CollectionRef<ServiceAccount> = { group: "", name: "serviceaccounts" };
export const RESOURCE_QUOTAS: CollectionRef<ResourceQuota> = { group: "", name: "resourcequotas" };
export const LIMIT_RANGES: CollectionRef<LimitRange> = { group: "", name: "limitranges" };
export const PRIORITY_CLASSES: CollectionRef<PriorityClass> = { group: "scheduling.k8s.io", name: "priorityclasses" };
export const RUNTIME_CLASSES: CollectionRef<RuntimeClass> = { group: "node.k8s.io", name: "runtimeclasses" };
export const INGRESS_CLASSES: CollectionRef<IngressClass> = { group: "networking.k8s.io", name: "ingressclasses" };
export const DISRUPTION_BUDGETS: CollectionRef<PodDisruptionBudget> = { group: "policy", name: "poddisruptionbudgets" };
export const CLUSTER_ROLES: CollectionRef<ClusterRole> = rbac("clusterroles");
export const CLUSTER_ROLE_BINDINGS: CollectionRef<ClusterRoleBinding> = rbac("clusterrolebindings");
export const ROLES: CollectionRef<Role> = rbac("roles");
export const ROLE_BINDINGS: CollectionRef<RoleBinding> = rbac("rolebindings");

function rbac<T extends KubeObject>(name: string): CollectionRef<T> {
  return { group: "rbac.authorization.k8s.io", name };
}
