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

  #tell(node: string): void {
    for (const listener of this.#listeners) listener(node);
  }
}
