import { definitionStrategy } from "../custom/definition";
import {
  mutatingBindingStrategy,
  mutatingPolicyStrategy,
  mutatingWebhookStrategy,
  validatingBindingStrategy,
  validatingPolicyStrategy,
  validatingWebhookStrategy,
} from "./admission";
import { apiServiceStrategy } from "./api-service";
import { certificateRequestStrategy } from "./certificate-request";
import {
  configMapStrategy,
  endpointsStrategy,
  eventStrategy,
  namespaceStrategy,
  nodeStrategy,
  secretStrategy,
  serviceAccountStrategy,
} from "./core";
import { cronJobStrategy, jobStrategy } from "./batch";
import { endpointSliceStrategy } from "./endpoint-slice";
import {
  ingressClassStrategy,
  ingressStrategy,
  ipAddressStrategy,
  networkPolicyStrategy,
  serviceCidrStrategy,
} from "./networking";
import {
  autoscalerStrategy,
  disruptionBudgetStrategy,
  leaseStrategy,
  limitRangeStrategy,
  priorityClassStrategy,
  replicationControllerStrategy,
  resourceQuotaStrategy,
  clusterRoleBindingStrategy,
  clusterRoleStrategy,
  roleBindingStrategy,
  roleStrategy,
} from "./policy";
import { claimStrategy, csiDriverStrategy, csiNodeStrategy, storageClassStrategy, volumeStrategy } from "./storage";
import { PLAIN_FIELDS } from "./plain-fields";
import { PLAIN_PRINTERS } from "./plain-printers";
import { podStrategy } from "./pod";
import { runtimeClassStrategy } from "./runtime-class";
import { serviceStrategy } from "./service";
import type { Strategy } from "./strategy";
import {
  controllerRevisionPrinter,
  daemonSetStrategy,
  deploymentStrategy,
  replicaSetStrategy,
  statefulSetStrategy,
} from "./workloads";

/** The strategy of a collection, by `group/resource`. Kinds without one of their own get by on their schema. */
export function strategyFor(group: string, resource: string): Strategy {
  return STRATEGIES.get(`${group}/${resource}`) ?? PLAIN;
}

const PLAIN: Strategy = {};

const STRATEGIES: ReadonlyMap<string, Strategy> = new Map<string, Strategy>([
  ["/pods", podStrategy],
  ["/services", serviceStrategy],
  ["/namespaces", namespaceStrategy],
  ["/nodes", nodeStrategy],
  ...[...new Set([...Object.keys(PLAIN_PRINTERS), ...Object.keys(PLAIN_FIELDS)])].map(
    (name) => [name, { printer: PLAIN_PRINTERS[name], fields: PLAIN_FIELDS[name] }] as const,
  ),
  [
    "/componentstatuses",
    {
      printer: PLAIN_PRINTERS["/componentstatuses"],
      fields: PLAIN_FIELDS["/componentstatuses"],
      deprecation: "v1 ComponentStatus is deprecated in v1.19+",
    },
  ],
  ["/configmaps", configMapStrategy],
  ["/secrets", secretStrategy],
  ["/serviceaccounts", serviceAccountStrategy],
  ["/endpoints", endpointsStrategy],
  ["/events", eventStrategy],
  ["events.k8s.io/events", eventStrategy],
  ["apps/deployments", deploymentStrategy],
  ["apps/replicasets", replicaSetStrategy],
  ["apps/statefulsets", statefulSetStrategy],
  ["apps/daemonsets", daemonSetStrategy],
  ["/persistentvolumeclaims", claimStrategy],
  ["/persistentvolumes", volumeStrategy],
  ["/replicationcontrollers", replicationControllerStrategy],
  ["/limitranges", limitRangeStrategy],
  ["/resourcequotas", resourceQuotaStrategy],
  ["autoscaling/horizontalpodautoscalers", autoscalerStrategy],
  ["batch/jobs", jobStrategy],
  ["batch/cronjobs", cronJobStrategy],
  ["coordination.k8s.io/leases", leaseStrategy],
  ["discovery.k8s.io/endpointslices", endpointSliceStrategy],
  ["networking.k8s.io/ingresses", ingressStrategy],
  ["networking.k8s.io/ingressclasses", ingressClassStrategy],
  ["networking.k8s.io/networkpolicies", networkPolicyStrategy],
  ["networking.k8s.io/ipaddresses", ipAddressStrategy],
  ["networking.k8s.io/servicecidrs", serviceCidrStrategy],
  ["policy/poddisruptionbudgets", disruptionBudgetStrategy],
  ["rbac.authorization.k8s.io/roles", roleStrategy],
  ["rbac.authorization.k8s.io/clusterroles", clusterRoleStrategy],
  ["rbac.authorization.k8s.io/rolebindings", roleBindingStrategy],
  ["rbac.authorization.k8s.io/clusterrolebindings", clusterRoleBindingStrategy],
  ["scheduling.k8s.io/priorityclasses", priorityClassStrategy],
  ["node.k8s.io/runtimeclasses", runtimeClassStrategy],
  ["storage.k8s.io/csidrivers", csiDriverStrategy],
  ["storage.k8s.io/csinodes", csiNodeStrategy],
  ["storage.k8s.io/storageclasses", storageClassStrategy],
  ["certificates.k8s.io/certificatesigningrequests", certificateRequestStrategy],
  ["apiregistration.k8s.io/apiservices", apiServiceStrategy],
  ["apiextensions.k8s.io/customresourcedefinitions", definitionStrategy],
  ["admissionregistration.k8s.io/validatingadmissionpolicies", validatingPolicyStrategy],
  ["admissionregistration.k8s.io/validatingadmissionpolicybindings", validatingBindingStrategy],
  ["admissionregistration.k8s.io/mutatingadmissionpolicies", mutatingPolicyStrategy],
  ["admissionregistration.k8s.io/mutatingadmissionpolicybindings", mutatingBindingStrategy],
  ["admissionregistration.k8s.io/validatingwebhookconfigurations", validatingWebhookStrategy],
  ["admissionregistration.k8s.io/mutatingwebhookconfigurations", mutatingWebhookStrategy],
  ["apps/controllerrevisions", { printer: controllerRevisionPrinter }],
]);

/** Kinds whose `metadata.generation` the server counts. */
const GENERATIONS = new Set([
  "/pods",
  "/replicationcontrollers",
  "/podtemplates",
  "apps/deployments",
  "apps/replicasets",
  "apps/statefulsets",
  "apps/daemonsets",
  "batch/jobs",
  "batch/cronjobs",
  "networking.k8s.io/ingresses",
  "networking.k8s.io/ingressclasses",
  "networking.k8s.io/networkpolicies",
  "policy/poddisruptionbudgets",
  "discovery.k8s.io/endpointslices",
  "scheduling.k8s.io/priorityclasses",
  "flowcontrol.apiserver.k8s.io/flowschemas",
  "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations",
  "apiextensions.k8s.io/customresourcedefinitions",
  "admissionregistration.k8s.io/mutatingwebhookconfigurations",
  "admissionregistration.k8s.io/validatingwebhookconfigurations",
  "admissionregistration.k8s.io/validatingadmissionpolicies",
  "admissionregistration.k8s.io/validatingadmissionpolicybindings",
]);

export function hasGeneration(group: string, resource: string): boolean {
  return GENERATIONS.has(`${group}/${resource}`);
}
