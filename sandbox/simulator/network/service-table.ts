import type { Endpoint, EndpointSlice, Service } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";

/** One port of one Service, ready to be reached: what kube-proxy would write as a chain of rules. */
export interface ServicePortRule {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** Seconds a client stays with its endpoint; `undefined` without session affinity. */
  readonly affinitySeconds: number | undefined;
  /** Only endpoints on the client's (or the receiving) node. */
  readonly localOnly: boolean;
  readonly endpoints: readonly EndpointTarget[];
}

export interface EndpointTarget {
  readonly address: string;
  readonly port: number;
  readonly node: string | undefined;
  readonly pod: string | undefined;
}

/** All Services' rules of one moment. */
export interface ServiceTable {
  /** By `protocol:address:port`. */
  readonly virtual: ReadonlyMap<string, ServicePortRule>;
  /** By `protocol:port`, on every node's address. */
  readonly nodePorts: ReadonlyMap<string, ServicePortRule>;
}

const DEFAULT_AFFINITY_SECONDS = 10_800;

export function buildServiceTable(
  services: readonly Stored<Service>[],
  slicesOf: (service: Stored<Service>) => readonly EndpointSlice[],
): ServiceTable {
  const virtual = new Map<string, ServicePortRule>();
  const nodePorts = new Map<string, ServicePortRule>();
  for (const service of services) {
    const { spec, metadata } = service;
    if (!spec || spec.type === "ExternalName" || !spec.clusterIP || spec.clusterIP === "None") continue;
    const slices = slicesOf(service);
    const addresses = [spec.clusterIP, ...(spec.externalIPs ?? []), ...loadBalancerIPs(service)];
    for (const port of spec.ports ?? []) {
      const protocol = port.protocol ?? "TCP";
      const affinity = spec.sessionAffinity === "ClientIP";
      const rule: ServicePortRule = {
        namespace: metadata.namespace ?? "",
        service: metadata.name,
        port: port.port,
        affinitySeconds: affinity
          ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
          : undefined,
        localOnly: spec.internalTrafficPolicy === "Local",
        endpoints: usableEndpoints(slices, port.name ?? "", protocol),
      };
      for (const address of addresses) virtual.set(virtualKey(protocol, address, port.port), rule);
      if (port.nodePort) {
        nodePorts.set(nodePortKey(protocol, port.nodePort), {
          ...rule,
          localOnly: spec.externalTrafficPolicy === "Local",
        });
      }
    }
  }
  return { virtual, nodePorts };
}

export function virtualKey(protocol: string, address: string, port: number): string {
  return `${protocol}:${address}:${port}`;
}

export function nodePortKey(protocol: string, port: number): string {
  return `${protocol}:${port}`;
}

// Ready endpoints; when there are none, those that still serve while they terminate.
// https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-to-terminating-endpoints
function usableEndpoints(slices: readonly EndpointSlice[], portName: string, protocol: string): EndpointTarget[] {
  const all = slices.flatMap((slice) => {
    const port = slice.ports?.find(
      (each) => (each.name ?? "") === portName && (each.protocol ?? "TCP") === protocol,
    )?.port;
    return port === undefined ? [] : (slice.endpoints ?? []).map((endpoint) => ({ endpoint, port }));
  });
  const ready = all.filter(({ endpoint }) => endpoint.conditions?.ready !== false);
  const usable = ready.length > 0 ? ready : all.filter(({ endpoint }) => servesWhileTerminating(endpoint));
  return usable.flatMap(({ endpoint, port }) => endpoint.addresses.map((address) => toTarget(endpoint, address, port)));
}

function servesWhileTerminating(endpoint: Endpoint): boolean {
  return endpoint.conditions?.serving === true && endpoint.conditions.terminating === true;
}

function toTarget(endpoint: Endpoint, address: string, port: number): EndpointTarget {
  const { targetRef } = endpoint;
  const pod = targetRef?.kind === "Pod" ? `${targetRef.namespace ?? ""}/${targetRef.name ?? ""}` : undefined;
  return { address, port, node: endpoint.nodeName, pod };
}

function loadBalancerIPs(service: Service): string[] {
  return (service.status?.loadBalancer?.ingress ?? []).flatMap((ingress) => ingress.ip ?? []);
}
