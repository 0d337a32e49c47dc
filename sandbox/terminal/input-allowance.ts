const BYTES_PER_SECOND = 64 * 1024;
const BURST_BYTES = 512 * 1024;

/** How much a viewer may type: a large paste at once, but no stream without end. */
export class InputAllowance {
  readonly #nowMs: () => number;
  #left = BURST_BYTES;
  #at: number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#at = nowMs();
  }

  take(bytes: number): boolean {
    const now = this.#nowMs();
    this.#left = Math.min(BURST_BYTES, this.#left + ((now - this.#at) / 1000) * BYTES_PER_SECOND);
    this.#at = now;
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }
}
