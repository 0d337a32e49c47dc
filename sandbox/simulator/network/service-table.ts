import type { Endpoint, EndpointSlice, Service } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { parseCidr, type Cidr } from "./address";

/** One port of one Service, ready to be reached: what kube-proxy would write as a chain of rules. */
export interface ServicePortRule {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** Seconds a client stays with its endpoint; `undefined` without session affinity. */
  readonly affinitySeconds: number | undefined;
  /** Who comes by the cluster IP reaches endpoints of its own node only. */
  readonly internalLocal: boolean;
  /** Who comes from outside reaches endpoints of the node it came to only, and keeps its address. */
  readonly externalLocal: boolean;
  /** Who may use a load balancer's address; `undefined` for everybody. */
  readonly sourceRanges: readonly Cidr[] | undefined;
  readonly endpoints: Endpoints;
}

export interface EndpointTarget {
  readonly address: string;
  readonly port: number;
  readonly node: string | undefined;
  readonly pod: string | undefined;
  /** Serving no longer ready endpoints are used only where no ready one is. */
  readonly ready: boolean;
}

/** How an address came to be a Service's. */
export type Exposure = "cluster-ip" | "external-ip" | "load-balancer" | "node-port";

/** The rules of one Service, by the keys under which flows find them. */
export interface ServiceRules {
  /** By `protocol:address:port`. */
  readonly virtual: ReadonlyMap<string, { rule: ServicePortRule; exposure: Exposure }>;
  /** By `protocol:port`, on every node's address. */
  readonly nodePorts: ReadonlyMap<string, ServicePortRule>;
}

const DEFAULT_AFFINITY_SECONDS = 10_800;

/** https://kubernetes.io/docs/reference/networking/virtual-ips/ */
export function buildServiceRules(service: Stored<Service>, slices: readonly EndpointSlice[]): ServiceRules {
  const virtual = new Map<string, { rule: ServicePortRule; exposure: Exposure }>();
  const nodePorts = new Map<string, ServicePortRule>();
  const { spec } = service;
  if (!spec || spec.type === "ExternalName" || !spec.clusterIP || spec.clusterIP === "None")
    return { virtual, nodePorts };
  for (const port of spec.ports ?? []) {
    const protocol = port.protocol ?? "TCP";
    const rule = { ...baseRule(service), port: port.port, endpoints: new Endpoints(slices, port.name ?? "", protocol) };
    const put = (address: string, exposure: Exposure): void =>
      void virtual.set(virtualKey(protocol, address, port.port), { rule, exposure });
    for (const address of loadBalancerIPs(service)) put(address, "load-balancer");
    for (const address of spec.externalIPs ?? []) put(address, "external-ip");
    put(spec.clusterIP, "cluster-ip");
    if (port.nodePort) nodePorts.set(nodePortKey(protocol, port.nodePort), rule);
  }
  return { virtual, nodePorts };
}

function baseRule({ metadata, spec }: Stored<Service>): Omit<ServicePortRule, "port" | "endpoints"> {
  const affinity = spec?.sessionAffinity === "ClientIP";
  const ranges = spec?.loadBalancerSourceRanges ?? [];
  return {
    namespace: metadata.namespace ?? "",
    service: metadata.name,
    affinitySeconds: affinity
      ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
      : undefined,
    internalLocal: spec?.internalTrafficPolicy === "Local",
    externalLocal: spec?.externalTrafficPolicy === "Local",
    sourceRanges: ranges.length > 0 ? ranges.map((range) => parseCidr(range.trim())) : undefined,
  };
}

export function virtualKey(protocol: string, address: string, port: number): string {
  return `${protocol}:${address}:${port}`;
}

export function nodePortKey(protocol: string, port: number): string {
  return `${protocol}:${port}`;
}

/** The endpoints of one port of a Service: put together from its slices, each of which is read once. */
export class Endpoints {
  readonly #all: readonly EndpointTarget[];
  readonly #usable: readonly EndpointTarget[];
  readonly #onNodes = new Map<string, readonly EndpointTarget[]>();

  constructor(slices: readonly EndpointSlice[], portName: string, protocol: string) {
    this.#all = slices.flatMap((slice) => targetsOf(slice, portName, protocol));
    this.#usable = usableOf(this.#all);
  }

  /** Whether there are any, anywhere. */
  get exist(): boolean {
    return this.#all.length > 0;
  }

  /** Those that a flow may be sent to. */
  get usable(): readonly EndpointTarget[] {
    return this.#usable;
  }

  /** Those of one node that a flow may be sent to. */
  usableOn(node: string | undefined): readonly EndpointTarget[] {
    const key = node ?? "";
    let found = this.#onNodes.get(key);
    if (!found) {
      found = usableOf(this.#all.filter((endpoint) => endpoint.node === node));
      this.#onNodes.set(key, found);
    }
    return found;
  }
}

/**
 * Ready endpoints; when there are none, those that still serve while they terminate.
 * https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-to-terminating-endpoints
 */
function usableOf(endpoints: readonly EndpointTarget[]): readonly EndpointTarget[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  return ready.length > 0 ? ready : endpoints;
}

/** Endpoints of one slice that are ready, or serve while they terminate. */
function targetsOf(slice: EndpointSlice, portName: string, protocol: string): readonly EndpointTarget[] {
  const key = `${protocol}:${portName}`;
  const known = targets.get(slice)?.get(key);
  if (known) return known;
  const made = readTargets(slice, portName, protocol);
  const ofSlice = targets.get(slice) ?? new Map<string, readonly EndpointTarget[]>();
  targets.set(slice, ofSlice.set(key, made));
  return made;
}

// Of frozen slices: a change of one leaves what was read of the others.
const targets = new WeakMap<EndpointSlice, Map<string, readonly EndpointTarget[]>>();

function readTargets(slice: EndpointSlice, portName: string, protocol: string): readonly EndpointTarget[] {
  const port = slice.ports?.find(
    (each) => (each.name ?? "") === portName && (each.protocol ?? "TCP") === protocol,
  )?.port;
  if (port === undefined || slice.addressType !== "IPv4") return [];
  return (slice.endpoints ?? []).flatMap((endpoint) =>
    isReady(endpoint) || servesWhileTerminating(endpoint)
      ? endpoint.addresses.map((address) => toTarget(endpoint, address, port))
      : [],
  );
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false;
}

function servesWhileTerminating({ conditions }: Endpoint): boolean {
  return conditions?.serving === true && conditions.terminating === true;
}

function toTarget(endpoint: Endpoint, address: string, port: number): EndpointTarget {
  const { targetRef } = endpoint;
  const pod = targetRef?.kind === "Pod" ? `${targetRef.namespace ?? ""}/${targetRef.name ?? ""}` : undefined;
  return { address, port, node: endpoint.nodeName, pod, ready: isReady(endpoint) };
}

// With `ipMode: Proxy` the load balancer itself passes flows on, so nodes leave its address alone.
function loadBalancerIPs({ spec, status }: Service): string[] {
  if (spec?.type !== "LoadBalancer") return [];
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) => (ip && ipMode !== "Proxy" ? ip : []));
}
