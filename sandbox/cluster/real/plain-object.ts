import { createHash } from "node:crypto";
import type { Resource } from "../../simulator/api/object";

/** A JSON object of a kind that only the server knows. */
export type PlainObject = { [name: string]: unknown } & { metadata: PlainMetadata };
interface PlainMetadata {
  [name: string]: unknown;
  name: string;
  namespace?: string;
  annotations?: Record<string, string>;
}

/** Made by the cluster for itself, or about itself: they come anew. */
const OF_THE_CLUSTER = new Set([
  ...["events", "endpoints", "nodes", "componentstatuses", "bindings", "podtemplates"],
  ...["events.events.k8s.io", "endpointslices.discovery.k8s.io", "leases.coordination.k8s.io"],
  ...["csinodes.storage.k8s.io", "csistoragecapacities.storage.k8s.io", "volumeattachments.storage.k8s.io"],
  ...["ipaddresses.networking.k8s.io", "servicecidrs.networking.k8s.io", "controllerrevisions.apps"],
  ...["certificatesigningrequests.certificates.k8s.io", "pods.metrics.k8s.io", "nodes.metrics.k8s.io"],
]);

export function isKept({ group, name }: Resource): boolean {
  return !OF_THE_CLUSTER.has(group === "" ? name : `${name}.${group}`);
}

/** In which order things are made when one needs another; what is not named comes before the workloads. */
const FIRST = ["Namespace", "CustomResourceDefinition", "StorageClass", "PriorityClass", "ServiceAccount", "Secret"];
const THEN = ["ConfigMap", "PersistentVolume", "PersistentVolumeClaim", "ClusterRole", "Role", "ClusterRoleBinding"];
const LAST = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job", "CronJob", "Pod"];
const AT_THE_END = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
const EARLY = [...FIRST, ...THEN];
const LATE = [...LAST, ...AT_THE_END];

export function orderOf(kind: string): number {
  const early = EARLY.indexOf(kind);
  return early >= 0 ? early : EARLY.length + 1 + LATE.indexOf(kind);
}

/**
 * What somebody wanted of an object, without what the cluster has added: what another cluster can be given. Undefined
 * for what follows from other objects.
 */
export function wanted(object: PlainObject): PlainObject | undefined {
  const { status: _status, ...rest } = structuredClone(object);
  const { metadata } = rest;
  const owners = Array.isArray(metadata["ownerReferences"]) ? (metadata["ownerReferences"] as unknown[]) : [];
  if (owners.some((owner) => record(owner)["controller"] === true)) return undefined;
  if (metadata["deletionTimestamp"] !== undefined) return undefined;
  if (metadata.annotations?.["pv.kubernetes.io/provisioned-by"] !== undefined) return undefined;
  if (rest["kind"] === "ConfigMap" && metadata.name === "kube-root-ca.crt") return undefined;
  for (const name of ADDED_TO_METADATA) Reflect.deleteProperty(metadata, name);
  dropAnnotations(metadata);
  STRIP[String(rest["kind"])]?.(rest);
  return rest;
}

/** Equal when two objects ask for the same. */
export function digestOf(object: PlainObject): string {
  return createHash("sha256").update(canonical(object)).digest("base64url").slice(0, 16);
}

const ADDED_TO_METADATA = [
  ...["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink", "generateName"],
  ...["ownerReferences", "deletionGracePeriodSeconds"],
];
const ADDED_ANNOTATIONS =
  /^(pv\.kubernetes\.io|volume(\.beta)?\.kubernetes\.io|deployment\.kubernetes\.io|deprecated\.daemonset|kubernetes\.io\/service-account\.uid)/;

function dropAnnotations(metadata: PlainMetadata): void {
  const { annotations } = metadata;
  if (!annotations) return;
  const left = Object.entries(annotations).filter(([name]) => !ADDED_ANNOTATIONS.test(name));
  if (left.length > 0) metadata.annotations = Object.fromEntries(left);
  else delete metadata.annotations;
}

const STRIP: Readonly<Record<string, (object: PlainObject) => void>> = {
  Pod: (object) => {
    const spec = record(object["spec"]);
    delete spec["nodeName"];
    const isToken = (entry: unknown): boolean => String(record(entry)["name"]).startsWith("kube-api-access-");
    spec["volumes"] = list(spec["volumes"]).filter((volume) => !isToken(volume));
    for (const part of ["containers", "initContainers", "ephemeralContainers"]) {
      for (const container of list(spec[part]).map(record)) {
        container["volumeMounts"] = list(container["volumeMounts"]).filter((mount) => !isToken(mount));
      }
    }
  },
  Service: (object) => {
    const spec = record(object["spec"]);
    if (spec["clusterIP"] === "None") return;
    for (const name of ["clusterIP", "clusterIPs", "healthCheckNodePort"]) Reflect.deleteProperty(spec, name);
  },
  PersistentVolumeClaim: (object) => {
    delete record(object["spec"])["volumeName"];
  },
  PersistentVolume: (object) => {
    delete record(object["spec"])["claimRef"];
  },
  ServiceAccount: (object) => {
    delete object["secrets"];
  },
  Secret: (object) => {
    if (object["type"] === "kubernetes.io/service-account-token") delete object["data"];
  },
  Namespace: (object) => {
    delete object["spec"];
  },
  Job: (object) => {
    const spec = record(object["spec"]);
    if (spec["manualSelector"] === true) return;
    delete spec["selector"];
    const labels = record(record(record(spec["template"])["metadata"])["labels"]);
    for (const metadata of [labels, record(object.metadata["labels"])]) {
      for (const name of Object.keys(metadata))
        if (/(^|\/)(controller-uid|job-name)$/.test(name)) Reflect.deleteProperty(metadata, name);
    }
  },
};

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return value === undefined ? "null" : JSON.stringify(value);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, entry]) => `${JSON.stringify(name)}:${canonical(entry)}`)
    .join(",")}}`;
}
