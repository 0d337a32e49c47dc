import { Histogram } from "./histogram";
import { keysFrame, type LoadLearner, type OutputListener } from "./sandboxes-learner";

const KEY_EVERY_MS = 100;
const SETTLE_MS = 2_000;

/** A letter, then what takes it away again: the line never grows. */
const KEYS = [keysFrame("a"), keysFrame("\x7f")] as const;

export interface Echo {
  readonly p50: number;
  readonly p99: number;
  readonly largest: number;
  readonly keys: number;
  /** p99 of how late this process itself was with a key. */
  readonly lateP99: number;
}

/**
 * Ten keys a second in each terminal, evenly spread, and how long each takes until the shell's answer is here. A key
 * that is due while the last one is unanswered is not typed, but counted with the time it would have waited.
 */
export async function measureEcho(learners: readonly LoadLearner[], windowMs: number): Promise<Echo> {
  const typists = learners.map((learner, index) => new Typist(learner, (index / learners.length) * KEY_EVERY_MS));
  await type(typists, SETTLE_MS);
  const echo = new Histogram();
  const late = new Histogram();
  for (const typist of typists) typist.record(echo, late);
  await type(typists, windowMs);
  for (const typist of typists) typist.end();
  return {
    p50: echo.percentile(0.5),
    p99: echo.percentile(0.99),
    largest: echo.largest,
    keys: echo.total,
    lateP99: late.percentile(0.99),
  };
}

class Typist implements OutputListener {
  readonly #learner: LoadLearner;
  #dueAt: number;
  #sentAt = 0;
  #waiting = false;
  #next = 0;
  #echo: Histogram | undefined;
  #late: Histogram | undefined;

  constructor(learner: LoadLearner, phaseMs: number) {
    this.#learner = learner;
    this.#dueAt = performance.now() + phaseMs;
    learner.listen(this);
  }

  record(echo: Histogram, late: Histogram): void {
    this.#echo = echo;
    this.#late = late;
  }

  /** Leaves the line as it was found. */
  end(): void {
    if (this.#next === 1) this.#learner.send(KEYS[1]);
    this.#learner.listen(undefined);
  }

  get dueAt(): number {
    return this.#dueAt;
  }

  /** Presses the key that was due at `dueAt`. */
  press(now: number): void {
    const due = this.#dueAt;
    this.#dueAt += KEY_EVERY_MS;
    if (this.#waiting) return;
    this.#late?.add(now - due);
    this.#waiting = true;
    this.#sentAt = now;
    this.#learner.send(this.#next === 0 ? KEYS[0] : KEYS[1]);
    this.#next = 1 - this.#next;
  }

  onOutput(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    for (let ms = performance.now() - this.#sentAt; ms > 0; ms -= KEY_EVERY_MS) this.#echo?.add(ms);
  }
}

/** In the order in which they are due, which stays the same: all have the same pace. */
function type(typists: readonly Typist[], forMs: number): Promise<void> {
  const end = performance.now() + forMs;
  const earliest = typists.reduce((first, typist) => Math.min(first, typist.dueAt), Infinity);
  let at = typists.findIndex(({ dueAt }) => dueAt === earliest);
  return new Promise((resolve) => {
    const step = (): void => {
      const now = performance.now();
      for (let typist = typists[at]; typist && typist.dueAt <= now; typist = typists[at]) {
        typist.press(performance.now());
        at = (at + 1) % typists.length;
      }
      if (now >= end) resolve();
      else setTimeout(step, 1);
    };
    step();
  });
}
