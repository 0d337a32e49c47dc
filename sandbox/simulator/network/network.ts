import type { Duplex } from "../pipe";

/**
 * The virtual network: hosts (pods, nodes, the outside) with addresses, TCP as byte pipes, DNS and ping as messages.
 * Nothing here touches a socket of the machine.
 */
export interface Network {
  /** Joins a host; its address must be free. Leaving resets its connections and frees the address. */
  attach(address: string, label: HostLabel): NetworkHost;
  /** The host at an address, e.g. the node's own for pods with `hostNetwork`. */
  hostAt(address: string): NetworkHost | undefined;
  /** Takes a free address of a node's pod range (`10.244.N.0/24`). */
  allocatePodIP(podCIDR: string, wanted?: string): string;
}

export interface HostLabel {
  readonly kind: "pod" | "node" | "outside";
  /** `namespace/name` of the pod, or the node's name. */
  readonly name: string;
  /** The node a pod runs on, for traffic policies. */
  readonly node?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a process in a network namespace can do. */
export interface NetworkHost {
  readonly address: string;
  readonly label: HostLabel;
  /** Port 0 picks a free one. Throws `AddressInUseError`. `127.0.0.1` stays inside the host. */
  listen(options: { port: number; address?: string }, onConnection: (connection: Connection) => void): Listener;
  /**
   * Connects to an address, through Service rules when it is a cluster IP. Rejects with `ConnectionRefusedError`,
   * `ConnectionTimeoutError` (dropped or unroutable, after `timeoutMs`) or `NetworkUnreachableError`.
   */
  connect(target: SocketAddress, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<Connection>;
  /** One datagram there and its answer back (DNS). Rejects with `ConnectionRefusedError` or `ConnectionTimeoutError`. */
  exchange(target: SocketAddress, datagram: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** Answers datagrams on a UDP port. */
  serveDatagrams(port: number, answer: (datagram: Uint8Array, from: SocketAddress) => Promise<Uint8Array>): Listener;
  /** What would come of a connection (or datagram) now, and why; nothing is sent. */
  probe(protocol: "TCP" | "UDP", target: SocketAddress): Probe;
  /** Round-trip time in ms; rejects with `ConnectionTimeoutError` or `NetworkUnreachableError`. */
  ping(address: string, timeoutMs: number): Promise<number>;
  /** Ports that something listens on, with the address given. */
  listeners(): readonly { address: string; port: number; protocol: "TCP" | "UDP" }[];
  leave(): void;
}

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

export interface Connection extends Duplex {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** How the connection found its way: name, Service rule, endpoint, verdicts. */
  readonly trace: readonly Hop[];
  /** Both directions at once: the peer sees a reset. */
  reset(): void;
}

export interface Listener {
  readonly port: number;
  close(): void;
}

/** One step of a request's way. `kind` is a code; `detail` names objects and addresses, never sentences. */
export interface Hop {
  readonly kind:
    "name" | "host" | "service" | "endpoint" | "host-port" | "policy" | "masquerade" | "refused" | "dropped";
  readonly detail: Readonly<Record<string, string | number>>;
}

/** What a connection would meet: its way, and how it ends for the one who asks. */
export interface Probe {
  readonly outcome: "connected" | "refused" | "timeout" | "unreachable";
  readonly hops: readonly Hop[];
}

/** A connection that did not come about; `trace` tells how far it got and what stopped it. */
class FailedConnectionError extends Error {
  constructor(
    message: string,
    readonly trace: readonly Hop[] = [],
  ) {
    super(message);
  }
}
export class ConnectionRefusedError extends FailedConnectionError {
  override readonly name = "ConnectionRefusedError";
}
export class ConnectionTimeoutError extends FailedConnectionError {
  override readonly name = "ConnectionTimeoutError";
}
export class ConnectionResetError extends Error {
  override readonly name = "ConnectionResetError";
}
export class NetworkUnreachableError extends Error {
  override readonly name = "NetworkUnreachableError";
}
export class AddressInUseError extends Error {
  override readonly name = "AddressInUseError";
}
