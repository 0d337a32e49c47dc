import { isCryptoPending } from "./subtle";

/**
 * Time, injected. Everything in the simulator that waits, stamps or measures goes through a `Clock`, so that tests
 * move time by hand and a cluster can be stepped. Nothing else may call `Date.now`, `new Date()` or `setTimeout`.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now (at the next turn when ≤ 0). Cancelling twice is harmless. */
  schedule(delayMs: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** The machine's clock. Its timers do not keep a process alive. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  schedule(delayMs: number, callback: () => void): Timer {
    let handle: unknown;
    const wait = (ms: number): void => {
      const step = Math.min(Math.max(0, ms), LONGEST_TIMEOUT_MS);
      handle = setTimeout(() => (step < ms ? wait(ms - step) : callback()), step);
      if (isUnrefable(handle)) handle.unref();
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle as number) };
  }
}

/** The machine takes no longer one (24 days): it would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

interface FakeTimer {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until `advance` is called; timers run in the order of their deadlines. */
export class FakeClock implements Clock {
  #now: number;
  #sequence = 0;
  readonly #timers = new Map<number, FakeTimer>();

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  schedule(delayMs: number, callback: () => void): Timer {
    const id = ++this.#sequence;
    // Whole milliseconds, as the timers of the machine count them.
    this.#timers.set(id, { id, at: this.#now + Math.max(0, Math.trunc(delayMs)), callback });
    return { cancel: () => void this.#timers.delete(id) };
  }

  /** The deadline of the next timer, if any. */
  next(): number | undefined {
    return this.#first()?.at;
  }

  /** Moves time on by `ms`, running each timer that falls due, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await flushPromises();
    for (;;) {
      const first = this.#first();
      if (!first || first.at > end) break;
      this.#timers.delete(first.id);
      this.#now = Math.max(this.#now, first.at);
      first.callback();
      await flushPromises();
    }
    this.#now = end;
  }

  /** Of those that are due at one moment, the one that was asked for first. */
  #first(): FakeTimer | undefined {
    let first: FakeTimer | undefined;
    for (const timer of this.#timers.values()) if (!first || timer.at < first.at) first = timer;
    return first;
  }
}

/** Lets everything run that waits on promises already resolved, and on keys and signatures being made. */
export async function flushPromises(): Promise<void> {
  // A turn of the event loop drains the whole microtask queue; two cover code that yields once itself.
  for (let calm = 0; calm < 2; calm = isCryptoPending() ? 0 : calm + 1) await nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void afterThisTurn(resolve));
}

/** Node's `setImmediate` is a hundred times quicker than a timer, whose shortest wait is a millisecond. */
const scope: object = globalThis;
const afterThisTurn: (callback: () => void) => unknown = hasImmediate(scope)
  ? scope.setImmediate
  : (callback) => setTimeout(callback, 0);

function hasImmediate(scope: object): scope is { setImmediate: (callback: () => void) => unknown } {
  return "setImmediate" in scope;
}

/** RFC 3339 with seconds, as Kubernetes writes `metav1.Time`. */
export function toTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** RFC 3339 with microseconds, as Kubernetes writes `metav1.MicroTime`. */
export function toMicroTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}

function isUnrefable(handle: unknown): handle is { unref(): void } {
  return typeof handle === "object" && handle !== null && "unref" in handle;
}
