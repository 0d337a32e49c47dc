import type { Lease } from "./api/generated/kubernetes";
import type { Stored } from "./api/object";
import { toMicroTime } from "./clock";

const NODE_MS = 10_000;

/** How often parts of the control plane renew theirs; 0 for leases of others. */
function controlPlaneMs(name: string): number {
  if (name === "kube-controller-manager" || name === "kube-scheduler") return 2000;
  return name.startsWith("apiserver-") ? 10_000 : 0;
}

/**
 * Which nodes are heard of. A kubelet that lives renews its lease every ten seconds; here only its silence is noted, so
 * that a healthy cluster costs nothing.
 */
export class Heartbeats {
  readonly #silent = new Map<string, number>();
  readonly #listeners = new Set<(node: string) => void>();

  /** Epoch milliseconds of the last sign of life; `undefined` while the node is heard of. */
  silentSince(node: string): number | undefined {
    return this.#silent.get(node);
  }

  stop(node: string, at: number): void {
    this.#silent.set(node, at);
    this.#tell(node);
  }

  resume(node: string): void {
    this.#silent.delete(node);
    this.#tell(node);
  }

  /** Called when a node falls silent or is heard of again. Returns the unsubscribe. */
  onChange(listener: (node: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * The lease of a node or of a part of the control plane as whoever holds it would have renewed it by `now`; any other
   * lease as it is.
   */
  renewed(lease: Stored<Lease>, now: number): Stored<Lease> {
    const { namespace, name } = lease.metadata;
    const everyMs = namespace === "kube-node-lease" ? NODE_MS : namespace === "kube-system" ? controlPlaneMs(name) : 0;
    const written = Date.parse(lease.spec?.renewTime ?? "");
    if (everyMs === 0 || Number.isNaN(written)) return lease;
    const last = namespace === "kube-node-lease" ? Math.min(now, this.silentSince(name) ?? now) : now;
    const times = Math.floor((last - written) / everyMs);
    if (times <= 0) return lease;
    return { ...lease, spec: { ...lease.spec, renewTime: toMicroTime(written + times * everyMs) } };
  }

  #tell(node: string): void {
    for (const listener of this.#listeners) listener(node);
  }
}
