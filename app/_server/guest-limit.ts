const HOUR_MS = 60 * 60 * 1000;
const MOST_ADDRESSES = 10_000;

/** Counts how many guests each network address became in the last hour, in memory: a brake, not a ledger. */
export class GuestLimit {
  readonly #perHour: number;
  readonly #now: () => number;
  readonly #byAddress = new Map<string, number[]>();

  constructor(perHour: number, now: () => number = Date.now) {
    this.#perHour = perHour;
    this.#now = now;
  }

  /** True, and counted, when one more is allowed. */
  allow(address: string): boolean {
    const since = this.#now() - HOUR_MS;
    const recent = (this.#byAddress.get(address) ?? []).filter((at) => at > since);
    const allowed = recent.length < this.#perHour;
    if (allowed) recent.push(this.#now());
    this.#byAddress.delete(address);
    this.#byAddress.set(address, recent);
    // The address that was quiet for longest makes room.
    const [oldest] = this.#byAddress.keys();
    if (this.#byAddress.size > MOST_ADDRESSES && oldest !== undefined) this.#byAddress.delete(oldest);
    return allowed;
  }
}
