import type { EndpointSlice, Service } from "../api/generated/kubernetes";
import { keyOf, splitKey, type Stored } from "../api/object";
import type { Informer } from "../client/informer";
import type { Clock } from "../clock";
import type { Random } from "../random";
import { inCidr, isLoopback } from "./address";
import type { HostLabel, Hop, SocketAddress } from "./network";
import { nodeOf, type AddressTranslation, type Flow, type Masquerade, type Translation } from "./routing";
import {
  buildServiceRules,
  nodePortKey,
  virtualKey,
  type EndpointTarget,
  type Exposure,
  type ServicePortRule,
  type ServiceRules,
} from "./service-table";

export interface ServiceProxyOptions {
  readonly services: Informer<Service>;
  readonly endpointSlices: Informer<EndpointSlice>;
  /** Who has an address: NodePorts answer on addresses of hosts of kind "node". */
  readonly labelAt: (address: string) => HostLabel | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** The label that ties a slice to its Service, and the index of slices under `namespace/service`. */
const SERVICE_NAME_LABEL = "kubernetes.io/service-name";
export const SLICES_BY_SERVICE = "service";

const MAX_AFFINITIES = 4096;

/**
 * What kube-proxy does, for the whole cluster at once: turns Services and EndpointSlices into rules. A Service's rules
 * are worked out at the first flow after it changed, so an idle cluster costs nothing and a change costs one Service.
 */
export class ServiceProxy implements AddressTranslation {
  readonly #options: ServiceProxyOptions;
  readonly #affinities = new Map<string, { address: string; until: number }>();
  readonly #unsubscribe: (() => void)[];
  /** Keys of Services whose rules are out of date. */
  readonly #stale = new Set<string>();
  readonly #rules = new Map<string, ServiceRules>();
  readonly #virtual = new Map<string, { rule: ServicePortRule; exposure: Exposure }>();
  readonly #nodePorts = new Map<string, ServicePortRule>();

  constructor(options: ServiceProxyOptions) {
    this.#options = options;
    indexSlicesByService(options.endpointSlices);
    const service = (changed: Stored<Service>): void => void this.#stale.add(keyOf(changed));
    const slice = (changed: Stored<EndpointSlice>): void => {
      const key = serviceKeyOf(changed);
      if (key !== undefined) this.#stale.add(key);
    };
    this.#unsubscribe = [
      options.services.addHandler({ added: service, updated: (_, after) => service(after), deleted: service }),
      options.endpointSlices.addHandler({
        added: slice,
        updated: (before, after) => [before, after].forEach(slice),
        deleted: slice,
      }),
    ];
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  translate(flow: Flow): Translation | undefined {
    if (flow.protocol === "ICMP") return undefined;
    if (this.#stale.size > 0) this.#refresh();
    const { protocol, target, source } = flow;
    const virtual = this.#virtual.get(virtualKey(protocol, target.address, target.port));
    if (virtual) return this.#viaAddress(virtual, flow);
    const nodePort = this.#nodePorts.get(nodePortKey(protocol, target.port));
    if (!nodePort) return undefined;
    const local = source.label.kind === "node" && isLoopback(target.address);
    const label = local ? source.label : this.#options.labelAt(target.address);
    return label?.kind === "node" ? this.#fromOutside(nodePort, "node-port", flow, label.name) : undefined;
  }

  /** Everybody whom a connection to this address may be led to; `undefined` where it is no Service's. */
  targetsOf(protocol: "TCP" | "UDP", { address, port }: SocketAddress): readonly SocketAddress[] | undefined {
    if (this.#stale.size > 0) this.#refresh();
    const virtual = this.#virtual.get(virtualKey(protocol, address, port));
    return (virtual?.rule ?? this.#nodePorts.get(nodePortKey(protocol, port)))?.endpoints.usable;
  }

  #viaAddress({ rule, exposure }: { rule: ServicePortRule; exposure: Exposure }, flow: Flow): Translation | undefined {
    const { label } = flow.source;
    if (exposure === "cluster-ip") {
      // No route leads from outside to a cluster IP.
      if (label.kind === "outside") return undefined;
      const node = nodeOf(label);
      const masquerade: Masquerade = label.kind === "node" ? { kind: "node", node } : { kind: "none" };
      return this.#choose(rule, flow, rule.internalLocal ? "node" : "cluster", node, masquerade, exposure);
    }
    const target = this.#options.labelAt(flow.target.address);
    // An external IP leads to the cluster only where a node has it.
    if (exposure === "external-ip" && label.kind === "outside" && target?.kind !== "node") return undefined;
    if (exposure === "load-balancer" && rule.sourceRanges && !allows(rule.sourceRanges, flow.source.address)) {
      return { kind: "drop", hops: [serviceHop(rule, flow, exposure), dropped("load-balancer-source-ranges")] };
    }
    // The load balancer hands a flow to a node that has an endpoint, where the Service wants one.
    const receiving = target?.kind === "node" ? target.name : rule.endpoints.usable[0]?.node;
    return this.#fromOutside(rule, exposure, flow, receiving);
  }

  // Pods and nodes that use an outside address reach every endpoint all the same: the way out and in again is cut short.
  #fromOutside(rule: ServicePortRule, exposure: Exposure, flow: Flow, receiving: string | undefined): Translation {
    const { label } = flow.source;
    const inside = label.kind === "pod" || (label.kind === "node" && label.name === receiving);
    const node = inside ? nodeOf(label) : receiving;
    if (!rule.externalLocal)
      return this.#choose(rule, flow, "cluster", receiving, { kind: "node", node: receiving }, exposure);
    if (label.kind === "pod") return this.#choose(rule, flow, "cluster", node, { kind: "none" }, exposure);
    if (inside) return this.#choose(rule, flow, "cluster", node, { kind: "node", node }, exposure);
    const scope = exposure === "load-balancer" ? "cluster" : "node";
    return this.#choose(rule, flow, scope, receiving, { kind: "none" }, exposure);
  }

  #choose(
    rule: ServicePortRule,
    flow: Flow,
    scope: "cluster" | "node",
    node: string | undefined,
    masquerade: Masquerade,
    exposure: Exposure,
  ): Translation {
    const service = serviceHop(rule, flow, exposure);
    const usable = scope === "node" ? rule.endpoints.usableOn(node) : rule.endpoints.usable;
    const chosen = this.#pick(rule, usable, `${node ?? ""}|${flow.source.address}`);
    if (!chosen) {
      if (rule.endpoints.exist) return { kind: "drop", hops: [service, dropped("no-local-endpoints")] };
      return { kind: "refuse", hops: [service, { kind: "refused", detail: { reason: "no-endpoints" } }] };
    }
    const { address, port, pod } = chosen;
    const endpoint: Hop = {
      kind: "endpoint",
      detail: { address, port, ...(pod !== undefined && { pod }), of: usable.length },
    };
    return { kind: "forward", target: { address, port }, masquerade, hops: [service, endpoint] };
  }

  #pick(rule: ServicePortRule, endpoints: readonly EndpointTarget[], client: string): EndpointTarget | undefined {
    const drawn = endpoints[endpoints.length > 1 ? this.#options.random.below(endpoints.length) : 0];
    if (rule.affinitySeconds === undefined || !drawn) return drawn;
    const now = this.#options.clock.now();
    const key = `${rule.namespace}/${rule.service}:${rule.port}|${client}`;
    const known = this.#affinities.get(key);
    const sticky = known && known.until > now ? endpoints.find(({ address }) => address === known.address) : undefined;
    const chosen = sticky ?? drawn;
    if (this.#affinities.size >= MAX_AFFINITIES) this.#affinities.clear();
    this.#affinities.set(key, { address: chosen.address, until: now + rule.affinitySeconds * 1000 });
    return chosen;
  }

  #refresh(): void {
    const { services, endpointSlices } = this.#options;
    for (const key of this.#stale) {
      const before = this.#rules.get(key);
      for (const [each, { rule }] of before?.virtual ?? []) {
        if (this.#virtual.get(each)?.rule === rule) this.#virtual.delete(each);
      }
      for (const [each, rule] of before?.nodePorts ?? []) {
        if (this.#nodePorts.get(each) === rule) this.#nodePorts.delete(each);
      }
      this.#rules.delete(key);
      const { namespace, name } = splitKey(key);
      const service = services.get(namespace, name);
      if (!service) continue;
      const rules = buildServiceRules(service, slicesOf(endpointSlices, service.metadata));
      this.#rules.set(key, rules);
      for (const [each, entry] of rules.virtual) this.#virtual.set(each, entry);
      for (const [each, rule] of rules.nodePorts) this.#nodePorts.set(each, rule);
    }
    this.#stale.clear();
  }
}

/** Makes `slicesOf` possible. The same informer twice is harmless. */
export function indexSlicesByService(endpointSlices: Informer<EndpointSlice>): void {
  endpointSlices.addIndex(SLICES_BY_SERVICE, (slice) => {
    const key = serviceKeyOf(slice);
    return key === undefined ? [] : [key];
  });
}

export function slicesOf(
  endpointSlices: Informer<EndpointSlice>,
  service: { readonly namespace?: string; readonly name: string },
): readonly EndpointSlice[] {
  return endpointSlices.byIndex(SLICES_BY_SERVICE, `${service.namespace ?? ""}/${service.name}`);
}

function serviceKeyOf({ metadata }: Stored<EndpointSlice>): string | undefined {
  const service = metadata.labels?.[SERVICE_NAME_LABEL];
  return service ? `${metadata.namespace ?? ""}/${service}` : undefined;
}

function serviceHop(rule: ServicePortRule, { target }: Flow, via: Exposure): Hop {
  const { namespace, service: name } = rule;
  return { kind: "service", detail: { namespace, name, address: target.address, port: target.port, via } };
}

function dropped(reason: string): Hop {
  return { kind: "dropped", detail: { reason } };
}

function allows(ranges: NonNullable<ServicePortRule["sourceRanges"]>, address: string): boolean {
  return ranges.some((range) => inCidr(range, address));
}
