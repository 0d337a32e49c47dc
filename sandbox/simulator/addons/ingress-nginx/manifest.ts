import type { Deployment, PolicyRule, Service } from "../../api/generated/kubernetes";
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  CONFIG_MAPS,
  DEPLOYMENTS,
  INGRESS_CLASSES,
  NAMESPACES,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICES,
} from "../../client/resources";
import { CONTROLLER } from "../../network/ingress/ingress-table";
import { addonObject, type AddonObject } from "../addon";

export const NAMESPACE = "ingress-nginx";
/** Of the controller's Service and Deployment. */
export const NAME = "ingress-nginx-controller";
export const CONTROLLER_LABELS = {
  "app.kubernetes.io/component": "controller",
  "app.kubernetes.io/instance": "ingress-nginx",
  "app.kubernetes.io/name": "ingress-nginx",
};
const ACCOUNT = "ingress-nginx";
const CLASS = "nginx";

const labels = {
  ...CONTROLLER_LABELS,
  "app.kubernetes.io/part-of": "ingress-nginx",
  "app.kubernetes.io/version": "1.14.1",
};
const shared = { "app.kubernetes.io/instance": "ingress-nginx", "app.kubernetes.io/name": "ingress-nginx" };
const namespace = NAMESPACE;

/** What the project's manifest for kind consists of, without its admission webhook. */
export const INGRESS_NGINX_OBJECTS: readonly AddonObject[] = [
  addonObject(NAMESPACES, { metadata: { name: NAMESPACE, labels: shared } }),
  addonObject(SERVICE_ACCOUNTS, {
    metadata: { name: ACCOUNT, namespace, labels },
    automountServiceAccountToken: true,
  }),
  addonObject(CONFIG_MAPS, { metadata: { name: NAME, namespace, labels } }),
  addonObject(ROLES, { metadata: { name: ACCOUNT, namespace, labels }, rules: rules(["configmaps", "pods"]) }),
  addonObject(ROLE_BINDINGS, {
    metadata: { name: ACCOUNT, namespace, labels },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: ACCOUNT },
    subjects: [{ kind: "ServiceAccount", name: ACCOUNT, namespace }],
  }),
  addonObject(CLUSTER_ROLES, { metadata: { name: ACCOUNT, labels }, rules: rules(["configmaps", "nodes", "pods"]) }),
  addonObject(CLUSTER_ROLE_BINDINGS, {
    metadata: { name: ACCOUNT, labels },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: ACCOUNT },
    subjects: [{ kind: "ServiceAccount", name: ACCOUNT, namespace }],
  }),
  addonObject(SERVICES, service()),
  addonObject(DEPLOYMENTS, deployment()),
  addonObject(INGRESS_CLASSES, { metadata: { name: CLASS, labels }, spec: { controller: CONTROLLER } }),
];

function rules(own: readonly string[]): PolicyRule[] {
  const look = ["get", "list", "watch"];
  return [
    { apiGroups: [""], resources: [...own, "endpoints", "namespaces", "secrets", "services"], verbs: look },
    { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "ingressclasses"], verbs: look },
    { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: look },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update", "list", "watch"] },
  ];
}

function service(): Service {
  return {
    metadata: { name: NAME, namespace, labels },
    spec: {
      type: "LoadBalancer",
      ports: [
        { name: "http", port: 80, protocol: "TCP", targetPort: "http", appProtocol: "http" },
        { name: "https", port: 443, protocol: "TCP", targetPort: "https", appProtocol: "https" },
      ],
      selector: CONTROLLER_LABELS,
    },
  };
}

function deployment(): Deployment {
  const health = { path: "/healthz", port: 10254, scheme: "HTTP" };
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    metadata: { name: NAME, namespace, labels },
    spec: {
      replicas: 1,
      minReadySeconds: 0,
      revisionHistoryLimit: 10,
      selector: { matchLabels: CONTROLLER_LABELS },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: "controller",
              image: "registry.k8s.io/ingress-nginx/controller:v1.14.1",
              imagePullPolicy: "IfNotPresent",
              args: [
                "/nginx-ingress-controller",
                "--election-id=ingress-nginx-leader",
                `--controller-class=${CONTROLLER}`,
                `--ingress-class=${CLASS}`,
                `--configmap=$(POD_NAMESPACE)/${NAME}`,
                "--watch-ingress-without-class=true",
                `--publish-service=$(POD_NAMESPACE)/${NAME}`,
              ],
              env: [field("POD_NAME", "metadata.name"), field("POD_NAMESPACE", "metadata.namespace")],
              ports: [
                { containerPort: 80, hostPort: 80, name: "http", protocol: "TCP" },
                { containerPort: 443, hostPort: 443, name: "https", protocol: "TCP" },
              ],
              livenessProbe: { failureThreshold: 5, httpGet: health, initialDelaySeconds: 10, periodSeconds: 10 },
              readinessProbe: { failureThreshold: 3, httpGet: health, periodSeconds: 10 },
              resources: { requests: { cpu: "100m", memory: "90Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
                runAsGroup: 82,
                runAsNonRoot: true,
                runAsUser: 101,
              },
            },
          ],
          nodeSelector: { "kubernetes.io/os": "linux" },
          serviceAccountName: ACCOUNT,
          terminationGracePeriodSeconds: 0,
          tolerations: [
            { effect: "NoSchedule", key: "node-role.kubernetes.io/master", operator: "Equal" },
            { effect: "NoSchedule", key: "node-role.kubernetes.io/control-plane", operator: "Equal" },
          ],
        },
      },
    },
  };
}
