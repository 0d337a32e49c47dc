import {
  API_SERVICES,
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  DEPLOYMENTS,
  SERVICE_ACCOUNTS,
  SERVICES,
} from "../../client/resources";
import { addonObject, type Addon } from "../addon";
import { API_SERVICE, AvailabilityController } from "./availability";
import { metricsApi } from "./metrics-api";

const LABELS = { "k8s-app": "metrics-server" };
const NAMESPACE = "kube-system";
const name = "metrics-server";
const metadata = { name, namespace: NAMESPACE, labels: LABELS };
const rbac = "rbac.authorization.k8s.io";

/** What `kubectl top` and autoscalers ask: https://github.com/kubernetes-sigs/metrics-server */
export const metricsServer: Addon = {
  objects: [
    addonObject(SERVICE_ACCOUNTS, { metadata }),
    addonObject(CLUSTER_ROLES, {
      metadata: {
        name: "system:aggregated-metrics-reader",
        labels: {
          ...LABELS,
          "rbac.authorization.k8s.io/aggregate-to-admin": "true",
          "rbac.authorization.k8s.io/aggregate-to-edit": "true",
          "rbac.authorization.k8s.io/aggregate-to-view": "true",
        },
      },
      rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
    }),
    addonObject(CLUSTER_ROLES, {
      metadata: { name: "system:metrics-server", labels: LABELS },
      rules: [
        { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
        { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
      ],
    }),
    addonObject(CLUSTER_ROLE_BINDINGS, {
      metadata: { name: "system:metrics-server", labels: LABELS },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "system:metrics-server" },
      subjects: [{ kind: "ServiceAccount", name, namespace: NAMESPACE }],
    }),
    addonObject(SERVICES, {
      metadata,
      spec: {
        ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: "https", appProtocol: "https" }],
        selector: LABELS,
      },
    }),
    addonObject(DEPLOYMENTS, {
      metadata,
      spec: {
        selector: { matchLabels: LABELS },
        strategy: { rollingUpdate: { maxUnavailable: 0 } },
        template: {
          metadata: { labels: LABELS },
          spec: {
            containers: [
              {
                name,
                image: "registry.k8s.io/metrics-server/metrics-server:v0.8.0",
                imagePullPolicy: "IfNotPresent",
                args: [
                  "--cert-dir=/tmp",
                  "--secure-port=10250",
                  "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
                  "--kubelet-use-node-status-port",
                  "--metric-resolution=15s",
                  "--kubelet-insecure-tls",
                ],
                ports: [{ containerPort: 10250, name: "https", protocol: "TCP" }],
                resources: { requests: { cpu: "100m", memory: "200Mi" } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ["ALL"] },
                  readOnlyRootFilesystem: true,
                  runAsNonRoot: true,
                  runAsUser: 1000,
                  seccompProfile: { type: "RuntimeDefault" },
                },
                volumeMounts: [{ name: "tmp-dir", mountPath: "/tmp" }],
              },
            ],
            nodeSelector: { "kubernetes.io/os": "linux" },
            priorityClassName: "system-cluster-critical",
            serviceAccountName: name,
            volumes: [{ name: "tmp-dir", emptyDir: {} }],
          },
        },
      },
    }),
    addonObject(API_SERVICES, {
      metadata: { name: API_SERVICE, labels: LABELS },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name, namespace: NAMESPACE },
      },
    }),
  ],
  make: (context) => new AvailabilityController(context, NAMESPACE, LABELS),
  api: (context) => metricsApi(context, NAMESPACE, LABELS),
};
