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
  type Probe,
  type SocketAddress,
} from "./network";
import { findRoute, type Route, type Topology } from "./route";
import { nodeOf, type Protocol } from "./routing";
import { connectionPair, type TcpEnd } from "./tcp-connection";

/** What a host needs of the network it is on. */
export interface Fabric extends Topology<VirtualHost> {
  readonly clock: Clock;
  readonly random: Random;
  /** Some host's TCP ports have come or gone. */
  listenersChanged(): void;
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
    this.#fabric.listenersChanged();
    return {
      port,
      close: () => {
        const rest = (this.#tcp.get(port) ?? []).filter((other) => other !== entry);
        if (rest.length > 0) this.#tcp.set(port, rest);
        else this.#tcp.delete(port);
        this.#fabric.listenersChanged();
      },
    };
  }

  /** Whether somebody takes connections to that address of this host. */
  listensAt(target: SocketAddress): boolean {
    return this.#acceptorOf(target) !== undefined;
  }

  async connect(
    target: SocketAddress,
    options: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<Connection> {
    const timeoutMs = options.timeoutMs ?? SYN_TIMEOUT_MS;
    const route = await this.#arrival("TCP", target, timeoutMs, options.signal);
    // The client only ever sees the address it asked for; which endpoint stands behind a Service stays hidden.
    const accept = route.host.#acceptorOf(route.target);
    if (!accept) throw refused(target, [...route.hops, noListener(route.target)]);
    const port = this.#ephemeralPort();
    const local = { address: isLoopback(target.address) ? target.address : this.address, port };
    const server = { local: route.target, remote: { address: route.sourceAddress, port } };
    const [near, far] = connectionPair({ local, remote: target }, server, route.hops);
    this.#track(near);
    if (route.host !== this) route.host.#track(far);
    queueMicrotask(() => {
      if (!far.finished) accept(far);
    });
    return near;
  }

  async exchange(target: SocketAddress, datagram: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const route = await this.#arrival("UDP", target, timeoutMs);
    const answer = route.host.#udp.get(route.target.port)?.answer;
    if (!answer) throw refused(target, [...route.hops, noListener(route.target)]);
    const from = { address: route.sourceAddress, port: this.#ephemeralPort() };
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
    const { host } = await this.#arrival("ICMP", { address, port: 0 }, timeoutMs);
    if (host === this) return this.#roundTripMs(0.03);
    return this.#roundTripMs(nodeOf(host.label) === nodeOf(this.label) ? 0.06 : 0.12);
  }

  probe(protocol: "TCP" | "UDP", target: SocketAddress): Probe {
    if (this.#left) return { outcome: "unreachable", hops: [] };
    const route = findRoute(this.#fabric, this, protocol, target);
    if (route.kind === "refused") return { outcome: "refused", hops: route.hops };
    if (route.kind === "lost") return { outcome: "timeout", hops: route.hops };
    const answers =
      protocol === "TCP" ? route.host.#acceptorOf(route.target) : route.host.#udp.get(route.target.port)?.answer;
    if (!answers) return { outcome: "refused", hops: [...route.hops, noListener(route.target)] };
    return { outcome: "connected", hops: route.hops };
  }

  listeners(): readonly { address: string; port: number; protocol: "TCP" | "UDP" }[] {
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
    this.#fabric.listenersChanged();
  }

  /** Where a flow ends up; rejects as the caller would see it when it ends nowhere. */
  async #arrival(
    protocol: Protocol,
    target: SocketAddress,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Extract<Route<VirtualHost>, { kind: "arrives" }>> {
    if (this.#left) throw new NetworkUnreachableError("Network is unreachable");
    const route = findRoute(this.#fabric, this, protocol, target);
    switch (route.kind) {
      case "arrives":
        return route;
      case "refused":
        throw refused(target, route.hops);
      case "lost":
        return never(this.#fabric.clock, timeoutMs, timedOut(target, route.hops), signal);
    }
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

function noListener({ port }: SocketAddress): Hop {
  return { kind: "refused", detail: { reason: "no-listener", port } };
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
