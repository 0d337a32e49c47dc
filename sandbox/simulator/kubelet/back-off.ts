/** A delay that doubles with each failure, kept per key. */
export class BackOff {
  readonly #entries = new Map<string, { delayMs: number; at: number }>();

  constructor(
    readonly initialMs: number,
    readonly maxMs: number,
  ) {}

  /** Milliseconds that are left to wait for `key`, counted from `since` (a failure's time); 0 when it may go on. */
  remainingMs(key: string, since: number, now: number): number {
    const entry = this.#entries.get(key);
    if (!entry || this.#expired(entry, since)) return 0;
    return Math.max(0, since + entry.delayMs - now);
  }

  /** Counts one more try at `now`, after a failure at `since`: the next delay is twice as long. */
  next(key: string, since: number, now: number): void {
    const entry = this.#entries.get(key);
    const delayMs = entry && !this.#expired(entry, since) ? Math.min(entry.delayMs * 2, this.maxMs) : this.initialMs;
    this.#entries.set(key, { delayMs, at: now });
  }

  delayMs(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  // What ran for twice the longest delay counts as recovered.
  #expired(entry: { at: number }, since: number): boolean {
    return since - entry.at > 2 * this.maxMs;
  }
}

/** A Go duration of whole seconds, as back-off messages write it: `10s`, `1m20s`, `5m0s`. */
export function goSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

/** A Go duration of milliseconds, as pull times are written: `47ms`, `1.234s`. */
export function goDuration(ms: number): string {
  if (ms < 1000) return ms < 1 ? "0s" : `${Math.round(ms)}ms`;
  const seconds = Math.round(ms) / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${Number((seconds % 60).toFixed(3))}s`;
}
