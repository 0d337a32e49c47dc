import type {
  CertificateSigningRequest,
  APIService,
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  ControllerRevision,
  CronJob,
  CustomResourceDefinition,
  DaemonSet,
  Deployment,
  Endpoints,
  EndpointSlice,
  Event,
  IPAddress,
  Ingress,
  IngressClass,
  Job,
  Lease,
  Namespace,
  NetworkPolicy,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  ReplicationController,
  Role,
  RoleBinding,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  StorageClass,
  V2HorizontalPodAutoscaler,
} from "../api/generated/kubernetes";
import type { PodMetrics } from "../api/metrics";
import type { KubeObject, Resource } from "../api/object";

/** The collections that components use by name. Discovery (schema/) knows all of them; these carry their types. */
export const PODS = core<Pod>("pods", "Pod");
export const SERVICES = core<Service>("services", "Service");
export const ENDPOINTS = core<Endpoints>("endpoints", "Endpoints");
export const NODES = core<Node>("nodes", "Node", false);
export const NAMESPACES = core<Namespace>("namespaces", "Namespace", false);
export const EVENTS = core<Event>("events", "Event");
export const CONFIG_MAPS = core<ConfigMap>("configmaps", "ConfigMap");
export const SECRETS = core<Secret>("secrets", "Secret");
export const SERVICE_ACCOUNTS = core<ServiceAccount>("serviceaccounts", "ServiceAccount");
export const RESOURCE_QUOTAS = core<ResourceQuota>("resourcequotas", "ResourceQuota");
export const PERSISTENT_VOLUMES = core<PersistentVolume>("persistentvolumes", "PersistentVolume", false);
export const PERSISTENT_VOLUME_CLAIMS = core<PersistentVolumeClaim>("persistentvolumeclaims", "PersistentVolumeClaim");
export const DEPLOYMENTS = grouped<Deployment>("apps", "deployments", "Deployment");
export const REPLICA_SETS = grouped<ReplicaSet>("apps", "replicasets", "ReplicaSet");
export const REPLICATION_CONTROLLERS = core<ReplicationController>("replicationcontrollers", "ReplicationController");
export const POD_DISRUPTION_BUDGETS = grouped<PodDisruptionBudget>(
  "policy",
  "poddisruptionbudgets",
  "PodDisruptionBudget",
);
export const STATEFUL_SETS = grouped<StatefulSet>("apps", "statefulsets", "StatefulSet");
export const DAEMON_SETS = grouped<DaemonSet>("apps", "daemonsets", "DaemonSet");
export const CONTROLLER_REVISIONS = grouped<ControllerRevision>("apps", "controllerrevisions", "ControllerRevision");
export const JOBS = grouped<Job>("batch", "jobs", "Job");
export const CRON_JOBS = grouped<CronJob>("batch", "cronjobs", "CronJob");
export const ENDPOINT_SLICES = grouped<EndpointSlice>("discovery.k8s.io", "endpointslices", "EndpointSlice");
export const INGRESSES = grouped<Ingress>("networking.k8s.io", "ingresses", "Ingress");
export const INGRESS_CLASSES = grouped<IngressClass>("networking.k8s.io", "ingressclasses", "IngressClass", false);
export const ROLES = grouped<Role>("rbac.authorization.k8s.io", "roles", "Role");
export const ROLE_BINDINGS = grouped<RoleBinding>("rbac.authorization.k8s.io", "rolebindings", "RoleBinding");
export const NETWORK_POLICIES = grouped<NetworkPolicy>("networking.k8s.io", "networkpolicies", "NetworkPolicy");
export const IP_ADDRESSES = grouped<IPAddress>("networking.k8s.io", "ipaddresses", "IPAddress", false);
export const CERTIFICATE_REQUESTS = grouped<CertificateSigningRequest>(
  "certificates.k8s.io",
  "certificatesigningrequests",
  "CertificateSigningRequest",
  false,
);
export const CUSTOM_RESOURCE_DEFINITIONS: Resource<CustomResourceDefinition> = {
  group: "apiextensions.k8s.io",
  version: "v1",
  name: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
};
export const STORAGE_CLASSES = grouped<StorageClass>("storage.k8s.io", "storageclasses", "StorageClass", false);
export const CLUSTER_ROLES = grouped<ClusterRole>("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", false);
export const CLUSTER_ROLE_BINDINGS = grouped<ClusterRoleBinding>(
  "rbac.authorization.k8s.io",
  "clusterrolebindings",
  "ClusterRoleBinding",
  false,
);
export const API_SERVICES = grouped<APIService>("apiregistration.k8s.io", "apiservices", "APIService", false);
export const HORIZONTAL_POD_AUTOSCALERS: Resource<V2HorizontalPodAutoscaler> = {
  group: "autoscaling",
  version: "v2",
  name: "horizontalpodautoscalers",
  kind: "HorizontalPodAutoscaler",
  namespaced: true,
};
export const POD_METRICS: Resource<PodMetrics> = {
  group: "metrics.k8s.io",
  version: "v1beta1",
  name: "pods",
  kind: "PodMetrics",
  namespaced: true,
};
export const LEASES = grouped<Lease>("coordination.k8s.io", "leases", "Lease");

function core<T extends KubeObject>(name: string, kind: string, namespaced = true): Resource<T> {
  return { group: "", version: "v1", name, kind, namespaced };
}

function grouped<T extends KubeObject>(group: string, name: string, kind: string, namespaced = true): Resource<T> {
  return { group, version: "v1", name, kind, namespaced };
}
