import type { ConfigMap, Namespace, PriorityClass, ServiceAccount, ServiceCIDR } from "../api/generated/kubernetes";
import { toTime } from "../clock";

export const API_ADDRESS = "10.96.0.1";
export const SERVICE_CIDR = "10.96.0.0/12";

export function namespaces(): Namespace[] {
  return ["default", "kube-node-lease", "kube-public", "kube-system"].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
  }));
}

/** The accounts of the controllers that a controller manager runs, whether or not one runs here. */
export function controllerAccounts(): ServiceAccount[] {
  const controllers =
    "attachdetach-controller bootstrap-signer certificate-controller clusterrole-aggregation-controller cronjob-controller " +
    "daemon-set-controller deployment-controller device-taint-eviction-controller disruption-controller " +
    "endpoint-controller endpointslice-controller endpointslicemirroring-controller ephemeral-volume-controller " +
    "expand-controller generic-garbage-collector horizontal-pod-autoscaler job-controller " +
    "legacy-service-account-token-cleaner namespace-controller node-controller persistent-volume-binder " +
    "pod-garbage-collector pv-protection-controller pvc-protection-controller replicaset-controller " +
    "replication-controller resource-claim-controller resourcequota-controller root-ca-cert-publisher " +
    "service-account-controller service-cidrs-controller statefulset-controller token-cleaner " +
    "ttl-after-finished-controller ttl-controller validatingadmissionpolicy-status-controller " +
    "volumeattributesclass-protection-controller";
  return controllers.split(" ").map((name) => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace: "kube-system" },
  }));
}

export function priorityClasses(): PriorityClass[] {
  const priorityClass = (name: string, value: number, description: string): PriorityClass => ({
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name },
    description,
    preemptionPolicy: "PreemptLowerPriority",
    value,
  });
  return [
    priorityClass(
      "system-node-critical",
      2_000_001_000,
      "Used for system critical pods that must not be moved from their current node.",
    ),
    priorityClass(
      "system-cluster-critical",
      2_000_000_000,
      "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
  ];
}

export function configMaps(certificate: string, now: number): ConfigMap[] {
  const configMap = (name: string, data: Record<string, string>): ConfigMap => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "kube-system" },
    data,
  });
  return [
    configMap("extension-apiserver-authentication", {
      "client-ca-file": certificate,
      "requestheader-allowed-names": '["front-proxy-client"]',
      "requestheader-client-ca-file": certificate,
      "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
      "requestheader-group-headers": '["X-Remote-Group"]',
      "requestheader-username-headers": '["X-Remote-User"]',
    }),
    configMap("kube-apiserver-legacy-service-account-token-tracking", { since: toTime(now).slice(0, 10) }),
  ];
}

export function serviceCidr(now: number): ServiceCIDR {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    metadata: { name: "kubernetes", finalizers: ["networking.k8s.io/service-cidr-finalizer"] },
    spec: { cidrs: [SERVICE_CIDR] },
    status: {
      conditions: [
        {
          lastTransitionTime: toTime(now),
          message: "Kubernetes Service CIDR is ready",
          reason: "",
          status: "True",
          type: "Ready",
        },
      ],
    },
  };
}
