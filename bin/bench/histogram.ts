const STEP_MS = 0.1;
const STEPS = 100_000;

/** Times up to ten seconds in steps of a tenth of a millisecond; any number of them in the same memory. */
export class Histogram {
  readonly #counts = new Uint32Array(STEPS + 1);
  #total = 0;
  #largest = 0;

  add(ms: number): void {
    const step = Math.min(STEPS, Math.max(0, Math.floor(ms / STEP_MS)));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total += 1;
    if (ms > this.#largest) this.#largest = ms;
  }

  get total(): number {
    return this.#total;
  }

  get largest(): number {
    return this.#largest;
  }

  /** The end of the step in which that fraction is reached; NaN without any. */
  percentile(fraction: number): number {
    let left = Math.ceil(fraction * this.#total);
    for (const [step, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0 && this.#total > 0) return (step + 1) * STEP_MS;
    }
    return Number.NaN;
  }
}
