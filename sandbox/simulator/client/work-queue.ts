import type { Clock, Timer } from "../clock";

/**
 * A queue of keys with client-go's guarantees (https://pkg.go.dev/k8s.io/client-go/util/workqueue): a key waits at most
 * once, is never handed to two workers at a time, and a key added while it is being processed is handed out again
 * after `done`. Failures back off exponentially for each key.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  /** Keys ready to be handed out, oldest first. */
  readonly #ready = new Set<string>();
  readonly #processing = new Set<string>();
  /** Keys added while they were being processed. */
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, { at: number; timer: Timer }>();
  readonly #failures = new Map<string, number>();
  #waiting: ((key: string | undefined) => void)[] = [];
  #shutDown = false;

  constructor(clock: Clock, backOff: BackOff = DEFAULT_BACK_OFF) {
    this.#clock = clock;
    this.#backOff = backOff;
  }

  /** Keys ready or in work; delayed ones do not count. */
  get length(): number {
    return this.#ready.size + this.#processing.size;
  }

  add(key: string): void {
    if (this.#shutDown) return;
    if (this.#processing.has(key)) {
      this.#again.add(key);
      return;
    }
    if (this.#ready.has(key)) return;
    const worker = this.#waiting.shift();
    if (worker) {
      this.#processing.add(key);
      worker(key);
    } else {
      this.#ready.add(key);
    }
  }

  /** Adds after `delayMs`; of several delays for one key the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#shutDown) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const at = this.#clock.now() + delayMs;
    const earlier = this.#delayed.get(key);
    if (earlier && earlier.at <= at) return;
    earlier?.timer.cancel();
    const timer = this.#clock.schedule(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, timer });
  }

  /** Adds after the key's back-off, which doubles with each call until `forget`. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(this.#backOff.baseMs * 2 ** failures, this.#backOff.maxMs));
  }

  /** The key succeeded, or is given up: its back-off starts anew. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** How often `addRateLimited` was called since `forget`. */
  requeues(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, which the caller must give back with `done`; `undefined` once the queue is shut down. */
  get(): Promise<string | undefined> {
    if (this.#shutDown) return Promise.resolve(undefined);
    for (const key of this.#ready) {
      this.#ready.delete(key);
      this.#processing.add(key);
      return Promise.resolve(key);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  done(key: string): void {
    this.#processing.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Drops what waits and releases every worker. */
  shutDown(): void {
    this.#shutDown = true;
    this.#ready.clear();
    this.#again.clear();
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const release of waiting) release(undefined);
  }
}

export interface BackOff {
  readonly baseMs: number;
  readonly maxMs: number;
}

const DEFAULT_BACK_OFF: BackOff = { baseMs: 5, maxMs: 1_000_000 };
