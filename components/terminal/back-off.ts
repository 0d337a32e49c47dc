const FIRST_MS = 250;
const LONGEST_MS = 8_000;

/** Waiting times between attempts: doubled each time, a little different for everyone, never longer than eight seconds. */
export class BackOff {
  readonly #random: () => number;
  #attempt = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  nextMs(): number {
    const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    return Math.round(full * (0.75 + this.#random() * 0.25));
  }

  reset(): void {
    this.#attempt = 0;
  }
}
