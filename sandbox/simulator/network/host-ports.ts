import type { Pod } from "../api/generated/kubernetes";
import { equalJson } from "../api/json";
import { keyOf, type Stored } from "../api/object";
import type { Informer } from "../client/informer";
import { isLoopback } from "./address";
import type { HostLabel, SocketAddress } from "./network";
import type { AddressTranslation, Flow, Translation } from "./routing";

export interface HostPort {
  readonly protocol: string;
  readonly port: number;
  readonly node: string;
  readonly pod: string;
  readonly target: { readonly address: string; readonly port: number };
}

/** `hostPort` of containers, as the CNI plugin `portmap` does it: a port of the node leads to the pod. */
export class HostPorts implements AddressTranslation {
  readonly #labelAt: (address: string) => HostLabel | undefined;
  readonly #byPod = new Map<string, readonly HostPort[]>();
  readonly #unsubscribe: () => void;
  readonly #listeners = new Set<() => void>();

  constructor(pods: Informer<Pod>, labelAt: (address: string) => HostLabel | undefined) {
    this.#labelAt = labelAt;
    this.#unsubscribe = pods.addHandler({
      added: (pod) => this.#changed(pod),
      updated: (_, pod) => this.#changed(pod),
      deleted: (pod) => this.#put(keyOf(pod), []),
    });
  }

  stop(): void {
    this.#unsubscribe();
  }

  /** All of them, in no order. */
  list(): readonly HostPort[] {
    return [...this.#byPod.values()].flat();
  }

  /** Whom a TCP connection to this address of a node is led to. */
  targetsOf({ address, port }: SocketAddress): readonly SocketAddress[] {
    const node = this.#labelAt(address);
    const isMeant = (each: HostPort): boolean =>
      each.port === port && each.protocol === "TCP" && node?.kind === "node" && each.node === node.name;
    return this.list()
      .filter(isMeant)
      .map(({ target }) => target);
  }

  /** Returns the unsubscribe. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  translate({ protocol, source, target }: Flow): Translation | undefined {
    if (this.#byPod.size === 0) return undefined;
    const own = source.label.kind === "node" && isLoopback(target.address);
    const label = own ? source.label : this.#labelAt(target.address);
    if (label?.kind !== "node") return undefined;
    const found = this.list().find(
      (each) => each.port === target.port && each.protocol === protocol && each.node === label.name,
    );
    if (!found) return undefined;
    const { node, port, pod } = found;
    return {
      kind: "forward",
      target: found.target,
      masquerade: source.label.kind === "node" ? { kind: "node", node } : { kind: "none" },
      hops: [{ kind: "host-port", detail: { node, port, pod } }],
    };
  }

  #changed(pod: Stored<Pod>): void {
    const { spec, status } = pod;
    const address = status?.podIP;
    const ended = status?.phase === "Succeeded" || status?.phase === "Failed";
    const ports = (spec?.containers ?? [])
      .flatMap((container) => container.ports ?? [])
      .filter((port) => port.hostPort);
    if (spec?.hostNetwork || !address || !spec?.nodeName || ended) {
      this.#put(keyOf(pod), []);
      return;
    }
    const node = spec.nodeName;
    this.#put(
      keyOf(pod),
      ports.map(({ protocol = "TCP", hostPort = 0, containerPort }) => ({
        protocol,
        port: hostPort,
        node,
        pod: keyOf(pod),
        target: { address, port: containerPort },
      })),
    );
  }

  #put(pod: string, ports: readonly HostPort[]): void {
    const before = this.#byPod.get(pod);
    if (ports.length > 0) this.#byPod.set(pod, ports);
    else if (!this.#byPod.delete(pod)) return;
    if (!equalJson(before, ports)) for (const listener of this.#listeners) listener();
  }
}
