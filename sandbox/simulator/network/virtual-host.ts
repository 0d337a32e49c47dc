import type { Clock, Timer } from "../clock";
import type { Random } from "../random";
import { isLoopback } from "./address";
import {
  AddressInUseError,
  ConnectionRefusedError,
  ConnectionTimeoutError,
  NetworkUnreachableError,
  type Connection,
  type HostLabel,
  type Hop,
  type Listener,
  type NetworkHost,
  type SocketAddress,
} from "./network";
import type { AddressTranslation, Flow, FlowFilter, Protocol, Verdict } from "./routing";
import { connectionPair, type TcpEnd } from "./tcp-connection";

/** What a host needs of the network it is on. */
export interface Fabric {
  readonly clock: Clock;
  readonly random: Random;
  readonly translations: readonly AddressTranslation[];
  readonly filters: readonly FlowFilter[];
  hostAt(address: string): VirtualHost | undefined;
}

type DatagramAnswer = (datagram: Uint8Array, from: SocketAddress) => Promise<Uint8Array>;

interface Bound {
  readonly address: string;
  readonly port: number;
}

const ANY_ADDRESS = "0.0.0.0";
const FIRST_EPHEMERAL_PORT = 32768;
const LAST_EPHEMERAL_PORT = 60999;
// Linux gives up after six SYN retries: 1 + 2 + 4 + … + 64 seconds.
const SYN_TIMEOUT_MS = 127_000;
const SWEEP_ABOVE = 32;

/** One network namespace: its sockets and its way to the others. */
export class VirtualHost implements NetworkHost {
  readonly #fabric: Fabric;
  readonly #detach: () => void;
  readonly #tcp = new Map<number, { bound: Bound; accept: (connection: Connection) => void }[]>();
  readonly #udp = new Map<number, { bound: Bound; answer: DatagramAnswer }>();
  readonly #connections = new Set<TcpEnd>();
  #sweepAbove = SWEEP_ABOVE;
  #nextEphemeral = FIRST_EPHEMERAL_PORT;
  #left = false;

  constructor(
    fabric: Fabric,
    readonly address: string,
    readonly label: HostLabel,
    detach: () => void,
  ) {
    this.#fabric = fabric;
    this.#detach = detach;
  }

  listen(options: { port: number; address?: string }, onConnection: (connection: Connection) => void): Listener {
    this.#assertPresent();
    const address = options.address ?? ANY_ADDRESS;
    const port = options.port === 0 ? this.#ephemeralPort((free) => !this.#tcp.has(free)) : options.port;
    const sharing = this.#tcp.get(port) ?? [];
    if (sharing.some(({ bound }) => overlaps(bound.address, address))) {
      throw new AddressInUseError(`address ${address}:${port} is in use`);
    }
    const entry = { bound: { address, port }, accept: onConnection };
    this.#tcp.set(port, [...sharing, entry]);
    return {
      port,
      close: () => {
        const rest = (this.#tcp.get(port) ?? []).filter((other) => other !== entry);
        if (rest.length > 0) this.#tcp.set(port, rest);
        else this.#tcp.delete(port);
      },
    };
  }

  async connect(
    target: SocketAddress,
    options: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<Connection> {
    const timeoutMs = options.timeoutMs ?? SYN_TIMEOUT_MS;
    const route = await this.#route("TCP", target, timeoutMs, options.signal);
    // The client only ever sees the address it asked for; which endpoint stands behind a Service stays hidden.
    const accept = route.host.#acceptorOf(route.target);
    if (!accept) {
      throw refused(target, [
        ...route.hops,
        { kind: "refused", detail: { reason: "no-listener", port: route.target.port } },
      ]);
    }
    const local = { address: isLoopback(target.address) ? target.address : this.address, port: this.#ephemeralPort() };
    const [client, server] = connectionPair({ local, remote: target }, route.target, route.hops);
    this.#track(client);
    if (route.host !== this) route.host.#track(server);
    queueMicrotask(() => {
      if (!server.finished) accept(server);
    });
    return client;
  }

  async exchange(target: SocketAddress, datagram: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const route = await this.#route("UDP", target, timeoutMs);
    const answer = route.host.#udp.get(route.target.port)?.answer;
    if (!answer) throw refused(target, route.hops);
    const from = { address: this.address, port: this.#ephemeralPort() };
    return withTimeout(this.#fabric.clock, timeoutMs, answer(datagram, from), () => timedOut(target));
  }

  serveDatagrams(port: number, answer: DatagramAnswer): Listener {
    this.#assertPresent();
    const chosen = port === 0 ? this.#ephemeralPort((free) => !this.#udp.has(free)) : port;
    if (this.#udp.has(chosen)) throw new AddressInUseError(`address ${ANY_ADDRESS}:${chosen} is in use`);
    const entry = { bound: { address: ANY_ADDRESS, port: chosen }, answer };
    this.#udp.set(chosen, entry);
    return {
      port: chosen,
      close: () => {
        if (this.#udp.get(chosen) === entry) this.#udp.delete(chosen);
      },
    };
  }

  async ping(address: string, timeoutMs: number): Promise<number> {
    if (this.#left) throw new NetworkUnreachableError("Network is unreachable");
    if (isLoopback(address) || address === this.address) return this.#roundTripMs(0.03);
    const host = this.#fabric.hostAt(address);
    const flow: Flow = { protocol: "UDP", source: this.#source(), target: { address, port: 0 } };
    const dropped = !host || this.#fabric.filters.some((filter) => filter.judge(flow, host.label)?.kind === "drop");
    if (dropped) return never(this.#fabric.clock, timeoutMs, timedOut({ address, port: 0 }));
    return this.#roundTripMs(host.#node() === this.#node() ? 0.06 : 0.12);
  }

  listeners(): readonly { address: string; port: number; protocol: Protocol }[] {
    const tcp = [...this.#tcp.values()].flat().map(({ bound }) => ({ ...bound, protocol: "TCP" as const }));
    const udp = [...this.#udp.values()].map(({ bound }) => ({ ...bound, protocol: "UDP" as const }));
    return [...tcp, ...udp];
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#tcp.clear();
    this.#udp.clear();
    for (const connection of this.#connections) connection.reset();
    this.#connections.clear();
    this.#detach();
  }

  /** Where a flow ends up; rejects as the caller would see it when it ends nowhere. */
  async #route(
    protocol: Protocol,
    target: SocketAddress,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<{ host: VirtualHost; target: SocketAddress; hops: readonly Hop[] }> {
    if (this.#left) throw new NetworkUnreachableError("Network is unreachable");
    const start: Hop = { kind: "host", detail: { name: this.label.name, address: this.address } };
    const verdict = this.#translate(protocol, target);
    if (!verdict && (isLoopback(target.address) || target.address === this.address)) {
      return { host: this, target, hops: [start] };
    }
    const hops = [start, ...(verdict?.hops ?? [])];
    if (verdict?.kind === "refuse") throw refused(target, hops);
    if (verdict?.kind === "drop") return this.#lost(target, timeoutMs, hops, signal);
    const destination = verdict?.target ?? target;
    const host = this.#fabric.hostAt(destination.address);
    if (!host) {
      const dropped: Hop = { kind: "dropped", detail: { reason: "no-host", address: destination.address } };
      return this.#lost(target, timeoutMs, [...hops, dropped], signal);
    }
    const arrival: Hop = {
      kind: "host",
      detail: { name: host.label.name, address: host.address, port: destination.port },
    };
    const flow: Flow = { protocol, source: this.#source(), target: destination };
    for (const filter of this.#fabric.filters) {
      const judged = filter.judge(flow, host.label);
      if (judged?.kind === "refuse") throw refused(target, [...hops, ...judged.hops]);
      if (judged?.kind === "drop") return this.#lost(target, timeoutMs, [...hops, ...judged.hops], signal);
    }
    return { host, target: destination, hops: [...hops, arrival] };
  }

  /** Nobody answers: rejects when the time is over. */
  #lost(target: SocketAddress, timeoutMs: number, hops: readonly Hop[], signal?: AbortSignal): Promise<never> {
    return never(this.#fabric.clock, timeoutMs, timedOut(target, hops), signal);
  }

  #translate(protocol: Protocol, target: SocketAddress): Verdict | undefined {
    const flow: Flow = { protocol, source: this.#source(), target };
    for (const rules of this.#fabric.translations) {
      const verdict = rules.translate(flow);
      if (verdict) return verdict;
    }
    return undefined;
  }

  #acceptorOf(target: SocketAddress): ((connection: Connection) => void) | undefined {
    const entries = this.#tcp.get(target.port) ?? [];
    return entries.find(({ bound }) => bound.address === ANY_ADDRESS || bound.address === target.address)?.accept;
  }

  #track(connection: TcpEnd): void {
    this.#connections.add(connection);
    if (this.#connections.size <= this.#sweepAbove) return;
    for (const other of this.#connections) if (other.finished) this.#connections.delete(other);
    this.#sweepAbove = Math.max(SWEEP_ABOVE, 2 * this.#connections.size);
  }

  #ephemeralPort(isFree: (port: number) => boolean = () => true): number {
    for (let tries = FIRST_EPHEMERAL_PORT; tries <= LAST_EPHEMERAL_PORT; tries++) {
      const port = this.#nextEphemeral;
      this.#nextEphemeral = port >= LAST_EPHEMERAL_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
      if (isFree(port)) return port;
    }
    throw new AddressInUseError("no free port");
  }

  #source(): Flow["source"] {
    return { address: this.address, label: this.label };
  }

  #node(): string {
    return this.label.node ?? this.label.name;
  }

  #roundTripMs(typical: number): number {
    return typical * (0.7 + 0.9 * this.#fabric.random.next());
  }

  #assertPresent(): void {
    if (this.#left) throw new NetworkUnreachableError("Network is unreachable");
  }
}

function overlaps(a: string, b: string): boolean {
  return a === b || a === ANY_ADDRESS || b === ANY_ADDRESS;
}

function refused(target: SocketAddress, trace: readonly Hop[]): ConnectionRefusedError {
  return new ConnectionRefusedError(`connect to ${target.address} port ${target.port}: Connection refused`, trace);
}

function timedOut(target: SocketAddress, trace: readonly Hop[] = []): ConnectionTimeoutError {
  return new ConnectionTimeoutError(`connect to ${target.address} port ${target.port}: Connection timed out`, trace);
}

/** Nobody answers: rejects with `error` when the time is over, or when the signal says so. */
function never(clock: Clock, timeoutMs: number, error: Error, signal?: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = (): void => {
      timer.cancel();
      reject(new Error("connect was aborted", { cause: signal?.reason }));
    };
    const timer = clock.schedule(timeoutMs, () => {
      signal?.removeEventListener("abort", onAbort);
      reject(error);
    });
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}

function withTimeout<T>(clock: Clock, timeoutMs: number, work: Promise<T>, error: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer: Timer = clock.schedule(timeoutMs, () => reject(error()));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
