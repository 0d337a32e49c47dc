import type { Service } from "../api/generated/kubernetes";
import { keyOf, type Stored } from "../api/object";
import type { Informer } from "../client/informer";
import type { HostPorts } from "./host-ports";
import type { Connection, NetworkHost, SocketAddress } from "./network";

/** A TCP port that is reached from outside the cluster. */
export interface OpenPort extends SocketAddress {
  readonly kind: "node-port" | "load-balancer" | "external-ip" | "host-port";
  /** `namespace/name` of the Service, or of the pod for a host port. */
  readonly of: string;
}

/** The cluster as a laptop beside it sees it: which addresses answer, and how to reach them. */
export interface Outside {
  /**
   * Those where a connection would not be refused, in the order of address and port, each pair once. One that would be
   * lost, as where a policy drops it, is among them: there one waits.
   */
  openPorts(): readonly OpenPort[];
  /** Tells, soon after, that the list may have changed. Returns the unsubscribe. */
  onChange(listener: () => void): () => void;
  /** As `NetworkHost.connect` of the machine outside. */
  dial(target: SocketAddress, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<Connection>;
}

export interface OutsideParts {
  readonly host: NetworkHost;
  readonly services: Informer<Service>;
  readonly hostPorts: HostPorts;
  /** Addresses by node name. */
  readonly nodes: ReadonlyMap<string, string>;
  /** Whether somebody there would take a connection, or leave it without an answer, instead of refusing it. */
  readonly isOpen: (target: SocketAddress) => boolean;
  /** Tells that the answers of `isOpen` may have changed. */
  readonly onOpenChange: (listener: () => void) => () => void;
}

export class OutsideView implements Outside {
  readonly #parts: OutsideParts;
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: (() => void)[];
  #telling = false;

  constructor(parts: OutsideParts) {
    this.#parts = parts;
    const changed = (): void => this.#changed();
    this.#unsubscribe = [
      parts.services.addHandler({ added: changed, updated: changed, deleted: changed }),
      parts.hostPorts.onChange(changed),
      parts.onOpenChange(changed),
    ];
  }

  openPorts(): readonly OpenPort[] {
    const { services, hostPorts, nodes, isOpen } = this.#parts;
    const all = [
      ...services.list().flatMap((service) => portsOf(service, nodes)),
      ...hostPorts.list().flatMap(({ protocol, node, port, pod }): OpenPort[] => {
        const address = nodes.get(node);
        return protocol === "TCP" && address !== undefined ? [{ address, port, kind: "host-port", of: pod }] : [];
      }),
    ];
    const byPair = new Map(all.map((port) => [`${port.address}:${port.port}`, port] as const));
    return [...byPair.values()]
      .filter(isOpen)
      .sort((a, b) => (a.address === b.address ? a.port - b.port : a.address < b.address ? -1 : 1));
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  dial(target: SocketAddress, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<Connection> {
    return this.#parts.host.connect(target, options);
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#listeners.clear();
  }

  // Many changes of one moment are told once.
  #changed(): void {
    if (this.#telling || this.#listeners.size === 0) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      for (const listener of this.#listeners) listener();
    });
  }
}

function portsOf(service: Stored<Service>, nodes: ReadonlyMap<string, string>): OpenPort[] {
  const { spec, status } = service;
  const of = keyOf(service);
  const own = new Set(nodes.values());
  const balancers = spec?.type === "LoadBalancer" ? (status?.loadBalancer?.ingress ?? []) : [];
  return (spec?.ports ?? [])
    .filter(({ protocol = "TCP" }) => protocol === "TCP")
    .flatMap(({ port, nodePort }): OpenPort[] => [
      ...balancers.flatMap(({ ip }): OpenPort[] => (ip ? [{ address: ip, port, kind: "load-balancer", of }] : [])),
      // Elsewhere than at a node nobody hands such an address in.
      ...(spec?.externalIPs ?? [])
        .filter((address) => own.has(address))
        .map((address): OpenPort => ({ address, port, kind: "external-ip", of })),
      ...(nodePort ? [...own].map((address): OpenPort => ({ address, port: nodePort, kind: "node-port", of })) : []),
    ]);
}
