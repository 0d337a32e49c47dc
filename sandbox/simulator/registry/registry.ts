import type { KubeObject } from "../api/object";
import {
  configMapStrategy,
  endpointsStrategy,
  eventStrategy,
  namespaceStrategy,
  nodeStrategy,
  secretStrategy,
  serviceAccountStrategy,
} from "./core";
import { pathSegmentFaults } from "./names";
import { podStrategy } from "./pod";
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

const PLAIN: Strategy<KubeObject> = {};

/** Names of RBAC objects may hold anything that stands in a path. */
const RBAC: Strategy<KubeObject> = { nameFaults: pathSegmentFaults };

const STRATEGIES: ReadonlyMap<string, Strategy> = new Map<string, Strategy>([
  ["/pods", podStrategy],
  ["/services", serviceStrategy],
  ["/namespaces", namespaceStrategy],
  ["/nodes", nodeStrategy],
  ["/configmaps", configMapStrategy],
  ["/secrets", secretStrategy],
  ["/serviceaccounts", serviceAccountStrategy],
  ["/endpoints", endpointsStrategy],
  ["/events", eventStrategy],
  ["apps/deployments", deploymentStrategy],
  ["apps/replicasets", replicaSetStrategy],
  ["apps/statefulsets", statefulSetStrategy],
  ["apps/daemonsets", daemonSetStrategy],
  ["rbac.authorization.k8s.io/clusterroles", RBAC],
  ["rbac.authorization.k8s.io/clusterrolebindings", RBAC],
  ["rbac.authorization.k8s.io/roles", RBAC],
  ["rbac.authorization.k8s.io/rolebindings", RBAC],
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
