import type { EndpointSlice, Service } from "../api/generated/kubernetes";
import type { Informer } from "../client/informer";
import type { Clock } from "../clock";
import type { Random } from "../random";
import type { HostLabel, Hop } from "./network";
import type { AddressTranslation, Flow, Verdict } from "./routing";
import {
  buildServiceTable,
  nodePortKey,
  virtualKey,
  type EndpointTarget,
  type ServicePortRule,
  type ServiceTable,
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
 * What kube-proxy does, for the whole cluster at once: turns Services and EndpointSlices into rules. The rules are
 * worked out at the first flow after a change, so an idle cluster costs nothing.
 */
export class ServiceProxy implements AddressTranslation {
  readonly #options: ServiceProxyOptions;
  readonly #affinities = new Map<string, { address: string; until: number }>();
  readonly #unsubscribe: (() => void)[];
  #table: ServiceTable | undefined;

  constructor(options: ServiceProxyOptions) {
    this.#options = options;
    indexSlicesByService(options.endpointSlices);
    const stale = (): void => {
      this.#table = undefined;
    };
    const handler = { added: stale, updated: stale, deleted: stale };
    this.#unsubscribe = [options.services.addHandler(handler), options.endpointSlices.addHandler(handler)];
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  translate(flow: Flow): Verdict | undefined {
    const { protocol, target } = flow;
    const table = (this.#table ??= this.#build());
    const virtual = table.virtual.get(virtualKey(protocol, target.address, target.port));
    if (virtual) return this.#choose(virtual, flow, nodeOf(flow.source.label));
    if (table.nodePorts.size === 0) return undefined;
    const nodePort = table.nodePorts.get(nodePortKey(protocol, target.port));
    if (!nodePort) return undefined;
    const label = this.#options.labelAt(target.address);
    return label?.kind === "node" ? this.#choose(nodePort, flow, label.name) : undefined;
  }

  #choose(rule: ServicePortRule, flow: Flow, node: string | undefined): Verdict {
    const { address, port } = flow.target;
    const service: Hop = { kind: "service", detail: { namespace: rule.namespace, name: rule.service, address, port } };
    if (rule.endpoints.length === 0) {
      return { kind: "refuse", hops: [service, { kind: "refused", detail: { reason: "no-endpoints" } }] };
    }
    const reachable = rule.localOnly ? rule.endpoints.filter((endpoint) => endpoint.node === node) : rule.endpoints;
    const chosen = this.#pick(rule, reachable, flow.source.address);
    if (!chosen)
      return { kind: "drop", hops: [service, { kind: "dropped", detail: { reason: "no-local-endpoints" } }] };
    const detail = { address: chosen.address, port: chosen.port, ...(chosen.pod && { pod: chosen.pod }) };
    return {
      kind: "forward",
      target: { address: chosen.address, port: chosen.port },
      hops: [service, { kind: "endpoint", detail }],
    };
  }

  #pick(rule: ServicePortRule, endpoints: readonly EndpointTarget[], client: string): EndpointTarget | undefined {
    const drawn = endpoints[this.#options.random.below(endpoints.length)];
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

  #build(): ServiceTable {
    const { services, endpointSlices } = this.#options;
    return buildServiceTable(services.list(), (service) => slicesOf(endpointSlices, service.metadata));
  }
}

/** Makes `slicesOf` possible. The same informer twice is harmless. */
export function indexSlicesByService(endpointSlices: Informer<EndpointSlice>): void {
  endpointSlices.addIndex(SLICES_BY_SERVICE, (slice) => {
    const service = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    return service ? [`${slice.metadata.namespace ?? ""}/${service}`] : [];
  });
}

export function slicesOf(
  endpointSlices: Informer<EndpointSlice>,
  service: { readonly namespace?: string; readonly name: string },
): readonly EndpointSlice[] {
  return endpointSlices.byIndex(SLICES_BY_SERVICE, `${service.namespace ?? ""}/${service.name}`);
}

function nodeOf(label: HostLabel): string | undefined {
  return label.kind === "node" ? label.name : label.node;
}
