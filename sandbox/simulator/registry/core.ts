import type {
  ConfigMap,
  Endpoints,
  Event,
  Namespace,
  Node,
  NodeSystemInfo,
  Secret,
  ServiceAccount,
} from "../api/generated/kubernetes";
import { forbiddenValue, invalidValue, requiredValue, tooLong, type FieldError } from "../api/field-error";
import { equalJson } from "../api/json";
import { age } from "./duration";
import { configKeyFaults, labelNameFaults } from "./names";
import { columns, type Strategy } from "./strategy";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/ */
export const namespaceStrategy: Strategy<Namespace> = {
  defaults(namespace) {
    const { name } = namespace.metadata ?? {};
    if (name) ((namespace.metadata ??= {}).labels ??= {})["kubernetes.io/metadata.name"] = name;
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: "Active" };
    const spec = (namespace.spec ??= {});
    if (!spec.finalizers?.includes("kubernetes")) spec.finalizers = [...(spec.finalizers ?? []), "kubernetes"];
    ((namespace.metadata ??= {}).labels ??= {})["kubernetes.io/metadata.name"] = namespace.metadata.name ?? "";
  },
  prepareForUpdate(namespace, old) {
    // Finalizers are the finalize subresource's.
    namespace.spec = { ...namespace.spec, finalizers: old.spec?.finalizers };
  },
  nameFaults: labelNameFaults,
  fields: ({ status }) => ({ "status.phase": status?.phase ?? "" }),
  returnsDeletedObject: true,
  printer: {
    columns: columns("Name", "Status", "Age"),
    row: ({ metadata, status }, now) => [
      metadata?.name ?? "",
      status?.phase ?? "",
      age(metadata?.creationTimestamp, now),
    ],
  },
};

const MAX_DATA_BYTES = 1024 * 1024;

/** https://kubernetes.io/docs/concepts/configuration/configmap/ */
export const configMapStrategy: Strategy<ConfigMap> = {
  validate(configMap) {
    const errors: FieldError[] = [];
    let bytes = 0;
    for (const [part, entries] of [
      ["data", configMap.data],
      ["binaryData", configMap.binaryData],
    ] as const) {
      for (const [key, value] of Object.entries(entries ?? {})) {
        errors.push(...configKeyFaults(key).map((fault) => invalidValue(`${part}[${key}]`, key, fault)));
        if (part === "binaryData" && configMap.data?.[key] !== undefined) {
          errors.push(invalidValue(`data[${key}]`, key, "duplicate of key present in binaryData"));
        }
        bytes += part === "data" ? byteLength(value) : Math.floor((value.length * 3) / 4);
      }
    }
    if (bytes > MAX_DATA_BYTES) errors.push(tooLong("[]", MAX_DATA_BYTES));
    return errors;
  },
  validateUpdate(configMap, old, context) {
    const errors: FieldError[] = [];
    if (old.immutable) {
      if (!configMap.immutable) errors.push(forbiddenValue("immutable", "field is immutable when `immutable` is set"));
      for (const part of ["data", "binaryData"] as const) {
        if (!equalJson(configMap[part], old[part]))
          errors.push(forbiddenValue(part, "field is immutable when `immutable` is set"));
      }
    }
    return [...errors, ...(configMapStrategy.validate?.(configMap, context) ?? [])];
  },
  printer: {
    columns: columns("Name", "Data", "Age"),
    row: (configMap, now) => [
      configMap.metadata?.name ?? "",
      Object.keys(configMap.data ?? {}).length + Object.keys(configMap.binaryData ?? {}).length,
      age(configMap.metadata?.creationTimestamp, now),
    ],
  },
};

/** https://kubernetes.io/docs/concepts/configuration/secret/ */
export const secretStrategy: Strategy<Secret> = {
  defaults(secret) {
    secret.type ||= "Opaque";
    for (const [key, value] of Object.entries(secret.stringData ?? {})) (secret.data ??= {})[key] = toBase64(value);
    delete secret.stringData;
  },
  validate(secret) {
    const errors: FieldError[] = [];
    let bytes = 0;
    for (const [key, value] of Object.entries(secret.data ?? {})) {
      errors.push(...configKeyFaults(key).map((fault) => invalidValue(`data[${key}]`, key, fault)));
      bytes += Math.floor((value.length * 3) / 4);
    }
    if (bytes > MAX_DATA_BYTES) errors.push(tooLong("data", MAX_DATA_BYTES));
    const needed = REQUIRED_KEYS[secret.type ?? ""] ?? [];
    errors.push(
      ...needed.filter((key) => secret.data?.[key] === undefined).map((key) => requiredValue(`data[${key}]`)),
    );
    return errors;
  },
  validateUpdate(secret, old, context) {
    const errors: FieldError[] = [];
    if (secret.type !== old.type) errors.push(invalidValue("type", secret.type, "field is immutable"));
    if (old.immutable) {
      if (!secret.immutable) errors.push(forbiddenValue("immutable", "field is immutable when `immutable` is set"));
      if (!equalJson(secret.data, old.data))
        errors.push(forbiddenValue("data", "field is immutable when `immutable` is set"));
    }
    return [...errors, ...(secretStrategy.validate?.(secret, context) ?? [])];
  },
  fields: ({ type }) => ({ type: type ?? "" }),
  printer: {
    columns: columns("Name", "Type", "Data", "Age"),
    row: (secret, now) => [
      secret.metadata?.name ?? "",
      secret.type ?? "",
      Object.keys(secret.data ?? {}).length,
      age(secret.metadata?.creationTimestamp, now),
    ],
  },
};

const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

export const serviceAccountStrategy: Strategy<ServiceAccount> = {
  returnsDeletedObject: true,
  printer: {
    columns: columns("Name", "Age"),
    row: ({ metadata }, now) => [metadata?.name ?? "", age(metadata?.creationTimestamp, now)],
  },
};

const ENDPOINTS_DEPRECATED = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

export const endpointsStrategy: Strategy<Endpoints> = {
  defaults(endpoints) {
    for (const subset of endpoints.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= "TCP";
  },
  deprecation: ENDPOINTS_DEPRECATED,
  printer: {
    columns: columns("Name", "Endpoints", "Age"),
    row: (endpoints, now) => [
      endpoints.metadata?.name ?? "",
      endpointsCell(endpoints),
      age(endpoints.metadata?.creationTimestamp, now),
    ],
  },
};

function endpointsCell({ subsets }: Endpoints): string {
  if (!subsets || subsets.length === 0) return "<none>";
  const shown: string[] = [];
  let count = 0;
  for (const subset of subsets) {
    const ports = subset.ports ?? [];
    for (const { ip } of subset.addresses ?? []) {
      const host = ip.includes(":") ? `[${ip}]` : ip;
      const texts = ports.length === 0 ? [ip] : ports.map(({ port }) => `${host}:${port}`);
      for (const text of texts) if (++count <= 3) shown.push(text);
    }
  }
  return count > 3 ? `${shown.join(",")} + ${count - 3} more...` : shown.join(",");
}

export const nodeStrategy: Strategy<Node> = {
  fields: ({ spec }) => ({ "spec.unschedulable": String(spec?.unschedulable ?? false) }),
  printer: {
    columns: columns(
      "Name",
      "Status",
      "Roles",
      "Age",
      "Version",
      "+Internal-IP",
      "+External-IP",
      "+OS-Image",
      "+Kernel-Version",
      "+Container-Runtime",
    ),
    row: (node, now) => {
      const info = node.status?.nodeInfo;
      const addressOf = (type: string): string =>
        node.status?.addresses?.find((each) => each.type === type)?.address ?? "<none>";
      return [
        node.metadata?.name ?? "",
        nodeStatusCell(node),
        nodeRoles(node) || "<none>",
        age(node.metadata?.creationTimestamp, now),
        info?.kubeletVersion ?? "",
        addressOf("InternalIP"),
        addressOf("ExternalIP"),
        info?.osImage || "<unknown>",
        kernelCell(info),
        info?.containerRuntimeVersion || "<unknown>",
      ];
    },
  },
};

function kernelCell(info: NodeSystemInfo | undefined): string {
  if (!info?.kernelVersion) return "<unknown>";
  return info.architecture ? `${info.kernelVersion} (${info.architecture})` : info.kernelVersion;
}

function nodeStatusCell({ spec, status }: Node): string {
  const ready = status?.conditions?.find((each) => each.type === "Ready");
  const parts = [ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady"];
  if (spec?.unschedulable) parts.push("SchedulingDisabled");
  return parts.join(",");
}

function nodeRoles({ metadata }: Node): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(metadata?.labels ?? {})) {
    if (key.startsWith("node-role.kubernetes.io/")) {
      const role = key.slice("node-role.kubernetes.io/".length);
      if (role) roles.add(role);
    } else if (key === "kubernetes.io/role" && value) roles.add(value);
  }
  return [...roles].sort().join(",");
}

export const eventStrategy: Strategy<Event> = {
  defaults(event) {
    event.source ??= {};
    event.reportingComponent ??= "";
    event.reportingInstance ??= "";
  },
  fields: (event) => {
    const { involvedObject: about } = event;
    return {
      "involvedObject.kind": about.kind ?? "",
      "involvedObject.namespace": about.namespace ?? "",
      "involvedObject.name": about.name ?? "",
      "involvedObject.uid": about.uid ?? "",
      "involvedObject.apiVersion": about.apiVersion ?? "",
      "involvedObject.resourceVersion": about.resourceVersion ?? "",
      "involvedObject.fieldPath": about.fieldPath ?? "",
      reason: event.reason ?? "",
      reportingComponent: event.reportingComponent ?? "",
      source: event.source?.component || event.reportingComponent || "",
      type: event.type ?? "",
    };
  },
  printer: {
    columns: columns(
      "Last Seen",
      "Type",
      "Reason",
      "Object",
      "+Subobject",
      "+Source",
      "Message",
      "+First Seen",
      "+Count",
      "+Name",
    ),
    row: (event, now) => {
      const first = event.firstTimestamp || event.eventTime;
      const last = event.series?.lastObservedTime || event.lastTimestamp || first;
      const about = event.involvedObject;
      const source = [
        event.source?.component || event.reportingComponent,
        event.source?.host || event.reportingInstance,
      ];
      return [
        age(last, now),
        event.type ?? "",
        event.reason ?? "",
        about.name ? `${(about.kind ?? "").toLowerCase()}/${about.name}` : (about.kind ?? "").toLowerCase(),
        about.fieldPath ?? "",
        source.filter((part) => part).join(", "),
        (event.message ?? "").trim(),
        age(first, now),
        event.series?.count ?? event.count ?? 1,
        event.metadata.name ?? "",
      ];
    },
  },
};

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
