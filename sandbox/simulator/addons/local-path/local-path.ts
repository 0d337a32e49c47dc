import { addonObject, type Addon } from "../addon";
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  CONFIG_MAPS,
  DEPLOYMENTS,
  NAMESPACES,
  SERVICE_ACCOUNTS,
  STORAGE_CLASSES,
} from "../../client/resources";
import { LocalPathProvisioner, PROVISIONER_LABELS, PROVISIONER_NAME, PROVISIONER_NAMESPACE } from "./provisioner";

const ACCOUNT = "local-path-provisioner-service-account";
const ROLE = "local-path-provisioner-role";
const namespace = PROVISIONER_NAMESPACE;

/** The default StorageClass of kind: folders on the node that the pod runs on. */
export const localPath: Addon = {
  objects: [
    addonObject(NAMESPACES, { metadata: { name: namespace } }),
    addonObject(SERVICE_ACCOUNTS, { metadata: { name: ACCOUNT, namespace } }),
    addonObject(CLUSTER_ROLES, {
      metadata: { name: ROLE },
      rules: [
        {
          apiGroups: [""],
          resources: ["nodes", "persistentvolumeclaims", "configmaps"],
          verbs: ["get", "list", "watch"],
        },
        { apiGroups: [""], resources: ["endpoints", "persistentvolumes", "pods"], verbs: ["*"] },
        { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
        { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get", "list", "watch"] },
      ],
    }),
    addonObject(CLUSTER_ROLE_BINDINGS, {
      metadata: { name: "local-path-provisioner-bind" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: ROLE },
      subjects: [{ kind: "ServiceAccount", name: ACCOUNT, namespace }],
    }),
    addonObject(CONFIG_MAPS, {
      metadata: { name: "local-path-config", namespace },
      data: {
        "config.json": `{\n  "nodePathMap": [\n    {\n      "node": "DEFAULT_PATH_FOR_NON_LISTED_NODES",\n      "paths": ["/var/local-path-provisioner"]\n    }\n  ]\n}\n`,
      },
    }),
    addonObject(DEPLOYMENTS, {
      metadata: { name: "local-path-provisioner", namespace },
      spec: {
        replicas: 1,
        selector: { matchLabels: PROVISIONER_LABELS },
        template: {
          metadata: { labels: PROVISIONER_LABELS },
          spec: {
            containers: [
              {
                name: "local-path-provisioner",
                image: "docker.io/kindest/local-path-provisioner:v20250214-acbabc1a",
                imagePullPolicy: "IfNotPresent",
                command: ["local-path-provisioner", "--debug", "start", "--config", "/etc/config/config.json"],
                env: [{ name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }],
                volumeMounts: [{ name: "config-volume", mountPath: "/etc/config/" }],
              },
            ],
            nodeSelector: { "kubernetes.io/os": "linux" },
            serviceAccountName: ACCOUNT,
            tolerations: [
              { key: "node-role.kubernetes.io/control-plane", operator: "Equal", effect: "NoSchedule" },
              { key: "node-role.kubernetes.io/master", operator: "Equal", effect: "NoSchedule" },
            ],
            volumes: [{ name: "config-volume", configMap: { name: "local-path-config" } }],
          },
        },
      },
    }),
    addonObject(STORAGE_CLASSES, {
      metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: PROVISIONER_NAME,
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
    }),
  ],
  make: (context) => new LocalPathProvisioner(context),
};
