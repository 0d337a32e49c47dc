import type { Service, ServiceSpec } from "../api/generated/kubernetes";
import { isJsonObject } from "../api/json";
import { labelsCell } from "./cells";
import { age } from "./duration";
import { labelNameFaults } from "./names";
import { allocate, keepAllocated } from "./service-allocation";
import { validateService, validateServiceUpdate } from "./service-validation";
import { columns, type Strategy } from "./strategy";

const PREFER_CLOSE = 'spec.trafficDistribution: "PreferClose" is deprecated in v1.34+, use "PreferSameZone" instead';

/** https://kubernetes.io/docs/concepts/services-networking/service/ */
export const serviceStrategy: Strategy<Service> = {
  defaults(service) {
    if (service.spec) defaultServiceSpec(service.spec);
    defaultServiceStatus(service);
  },
  defaultStatus: defaultServiceStatus,
  prepareForCreate(service, context) {
    service.status = { loadBalancer: {} };
    if (service.spec) allocate(service.spec, undefined, context);
  },
  prepareForUpdate(service, old, context) {
    if (!service.spec) return;
    keepAllocated(service.spec, old.spec);
    allocate(service.spec, old, context);
    if (service.spec.type !== "LoadBalancer" && service.status?.loadBalancer?.ingress) service.status.loadBalancer = {};
  },
  validate: (service, context) => validateService(service, undefined, context),
  validateUpdate: (service, old, context) => [
    ...validateServiceUpdate(service, old),
    ...validateService(service, old, context),
  ],
  asStored: withHiddenPolicy,
  nameFaults: labelNameFaults,
  warnings: ({ spec }) => [
    ...(spec?.externalIPs?.length
      ? ["spec.externalIPs is deprecated and may no longer be implemented in some clusters"]
      : []),
    ...(spec?.trafficDistribution === "PreferClose" ? [PREFER_CLOSE] : []),
  ],
  fields: ({ spec }) => ({ "spec.clusterIP": spec?.clusterIP ?? "", "spec.type": spec?.type ?? "" }),
  returnsDeletedObject: true,
  printer: {
    columns: columns("Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "+Selector"),
    row: (service, now) => [
      service.metadata?.name ?? "",
      service.spec?.type ?? "",
      service.spec?.clusterIPs?.[0] || service.spec?.clusterIP || "<none>",
      externalCell(service),
      portsCell(service.spec),
      age(service.metadata?.creationTimestamp, now),
      labelsCell(service.spec?.selector),
    ],
  },
};

/** A Service that became an ExternalName keeps its internal traffic policy; it is only not shown. */
function withHiddenPolicy(service: Service): Service {
  const { spec, metadata } = service;
  if (spec?.type !== "ExternalName" || spec.internalTrafficPolicy) return service;
  const isHidden = metadata?.managedFields?.some(({ fieldsV1 }) => {
    const fields = isJsonObject(fieldsV1) ? fieldsV1["f:spec"] : undefined;
    return isJsonObject(fields) && "f:internalTrafficPolicy" in fields;
  });
  return isHidden ? { ...service, spec: { ...spec, internalTrafficPolicy: "Cluster" } } : service;
}

function defaultServiceStatus({ status }: Service): void {
  for (const ingress of status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= "VIP";
}

function defaultServiceSpec(spec: ServiceSpec): void {
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP" && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } };
  }
  spec.type ||= "ClusterIP";
  for (const port of spec.ports ?? []) {
    port.protocol ||= "TCP";
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === "") port.targetPort = port.port;
  }
  const isExternal = spec.type === "NodePort" || spec.type === "LoadBalancer";
  if (isExternal || (spec.type === "ClusterIP" && spec.externalIPs?.length)) spec.externalTrafficPolicy ||= "Cluster";
  if (isExternal || spec.type === "ClusterIP") spec.internalTrafficPolicy ||= "Cluster";
  if (spec.type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
}

function externalCell({ spec, status }: Service): string {
  const fixed = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case "ClusterIP":
    case "NodePort":
      return fixed.length > 0 ? fixed.join(",") : "<none>";
    case "LoadBalancer": {
      const balancers = (status?.loadBalancer?.ingress ?? []).map((each) => each.ip ?? each.hostname ?? "");
      const all = [...balancers, ...fixed];
      return all.length > 0 ? all.join(",") : "<pending>";
    }
    case "ExternalName":
      return spec.externalName ?? "";
    default:
      return "<unknown>";
  }
}

function portsCell(spec: ServiceSpec | undefined): string {
  const ports = (spec?.ports ?? []).map(
    ({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ""}/${protocol ?? "TCP"}`,
  );
  return ports.length > 0 ? ports.join(",") : "<none>";
}
