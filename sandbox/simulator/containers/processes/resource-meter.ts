import type { Clock } from "../../clock";

/** Over how long a use of the processor is spread in what is reported. */
const WINDOW_MS = 15_000;
const BASE_BYTES = 1100 * 1024;

/**
 * What one container uses: processor time as a rate that fades over a window, memory as what its programs hold. Worked
 * out when it is asked for; nothing is sampled.
 */
export class ResourceMeter {
  readonly #clock: Clock;
  #limitBytes: number | undefined;
  #limitCores: number | undefined;
  /** Called once when more memory is held than allowed. */
  readonly #outOfMemory: () => void;
  readonly #held = new Map<object, number>();
  #weightedMs = 0;
  #at: number;

  constructor(options: { clock: Clock; limitBytes?: number; limitCores?: number; outOfMemory: () => void }) {
    this.#clock = options.clock;
    this.#limitBytes = options.limitBytes;
    this.#limitCores = options.limitCores;
    this.#outOfMemory = options.outOfMemory;
    this.#at = options.clock.now();
  }

  /** A program was busy for `ms` of one core. */
  busy(ms: number): void {
    if (ms <= 0) return;
    this.#fade();
    this.#weightedMs += ms;
  }

  /** `holder` holds so much now, in all. Beyond the limit the container is killed. */
  hold(holder: object, bytes: number): void {
    if (bytes > 0) this.#held.set(holder, bytes);
    else this.#held.delete(holder);
    this.#check();
  }

  #check(): void {
    if (this.#limitBytes !== undefined && this.#heldBytes() > this.#limitBytes) this.#outOfMemory();
  }

  /** New limits; `undefined`: none. */
  limit(bytes: number | undefined, cores: number | undefined): void {
    this.#limitBytes = bytes;
    this.#limitCores = cores;
    this.#check();
  }

  /** Cores and bytes in use now, of a container with that many processes. */
  usage(processes: number): { cores: number; memoryBytes: number } {
    this.#fade();
    const cores = this.#weightedMs / WINDOW_MS;
    const memoryBytes = processes * BASE_BYTES + this.#heldBytes();
    return { cores: Math.min(cores, this.#limitCores ?? Number.POSITIVE_INFINITY), memoryBytes };
  }

  #fade(): void {
    const now = this.#clock.now();
    this.#weightedMs *= Math.exp((this.#at - now) / WINDOW_MS);
    this.#at = now;
  }

  #heldBytes(): number {
    let sum = 0;
    for (const bytes of this.#held.values()) sum += bytes;
    return sum;
  }
}
