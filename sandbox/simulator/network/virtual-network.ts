import type { Clock } from "../clock";
import type { Random } from "../random";
import { formatIPv4, parseCidr, parseIPv4 } from "./address";
import { AddressInUseError, type HostLabel, type Network, type NetworkHost } from "./network";
import type { AddressTranslation, FlowFilter } from "./routing";
import { VirtualHost, type Fabric } from "./virtual-host";

/** All hosts of one cluster, and the rules between them. */
export class VirtualNetwork implements Network, Fabric {
  readonly clock: Clock;
  readonly random: Random;
  readonly #hosts = new Map<string, VirtualHost>();
  readonly #nodes = new Map<string, string>();
  readonly #translations: AddressTranslation[] = [];
  readonly #filters: FlowFilter[] = [];
  readonly #reserved = new Set<string>();
  readonly #lastOffset = new Map<string, number>();
  readonly #onListeners = new Set<() => void>();

  constructor(options: { clock: Clock; random: Random }) {
    this.clock = options.clock;
    this.random = options.random;
  }

  attach(address: string, label: HostLabel): NetworkHost {
    if (this.#hosts.has(address)) throw new AddressInUseError(`address ${address} is in use`);
    const host = new VirtualHost(this, address, label, () => {
      this.#hosts.delete(address);
      this.#reserved.delete(address);
    });
    this.#hosts.set(address, host);
    if (label.kind === "node") this.#nodes.set(label.name, address);
    return host;
  }

  hostAt(address: string): VirtualHost | undefined {
    return this.#hosts.get(address);
  }

  nodeAddress(name: string): string | undefined {
    return this.#nodes.get(name);
  }

  listenersChanged(): void {
    for (const listener of this.#onListeners) listener();
  }

  /** Calls whenever a TCP port of some host has come or gone. Returns the unsubscribe. */
  onListenersChange(listener: () => void): () => void {
    this.#onListeners.add(listener);
    return () => void this.#onListeners.delete(listener);
  }

  // Round robin as the host-local address manager does it: a freed address comes back last, so a new pod gets a new one.
  allocatePodIP(podCIDR: string, wanted?: string): string {
    const range = parseCidr(podCIDR);
    if (wanted !== undefined && !this.#hosts.has(wanted) && !this.#reserved.has(wanted)) {
      const offset = (parseIPv4(wanted) ?? 0) - range.base;
      if (offset >= 2 && offset < range.size - 1) {
        this.#lastOffset.set(podCIDR, Math.max(offset, this.#lastOffset.get(podCIDR) ?? 1));
        this.#reserved.add(wanted);
        return wanted;
      }
    }
    const usable = range.size - 3; // network, gateway and broadcast addresses are never given out
    const last = this.#lastOffset.get(podCIDR) ?? 1;
    for (let step = 0; step < usable; step++) {
      const offset = 2 + ((last - 1 + step) % usable);
      const address = formatIPv4(range.base + offset);
      if (this.#hosts.has(address) || this.#reserved.has(address)) continue;
      this.#lastOffset.set(podCIDR, offset);
      this.#reserved.add(address);
      return address;
    }
    throw new AddressInUseError(`no IP addresses available in range set: ${podCIDR}`);
  }

  /** Adds rules that rewrite destinations (Services). Returns the removal. */
  addTranslation(rules: AddressTranslation): () => void {
    this.#translations.push(rules);
    return () => void this.#translations.splice(this.#translations.indexOf(rules), 1);
  }

  /** Adds rules that allow or drop (network policies). Returns the removal. */
  addFilter(filter: FlowFilter): () => void {
    this.#filters.push(filter);
    return () => void this.#filters.splice(this.#filters.indexOf(filter), 1);
  }

  get translations(): readonly AddressTranslation[] {
    return this.#translations;
  }

  get filters(): readonly FlowFilter[] {
    return this.#filters;
  }
}
