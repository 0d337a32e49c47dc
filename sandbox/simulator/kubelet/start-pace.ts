import type { Clock, Timer } from "../clock";

/** How much slower a pod starts while another one starts on the same node. */
const SLOWDOWN = 2;

/** What one node's pods share while they start: side by side they take longer than one alone. */
export class StartPace {
  readonly #clock: Clock;
  readonly #running = new Set<Work>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after `ms` of work, which is more time where it is not the only work. */
  work(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wasAlone = this.#running.size === 1;
      const work: Work = { left: ms, since: 0, pace: 1, timer: undefined, done: resolve };
      if (wasAlone) for (const other of this.#running) this.#pause(other);
      this.#running.add(work);
      if (wasAlone) for (const each of this.#running) this.#go(each);
      else this.#go(work);
    });
  }

  #go(work: Work): void {
    work.since = this.#clock.now();
    work.pace = this.#running.size > 1 ? 1 / SLOWDOWN : 1;
    work.timer = this.#clock.schedule(Math.round(work.left / work.pace), () => this.#finish(work));
  }

  #pause(work: Work): void {
    work.timer?.cancel();
    work.left = Math.max(0, work.left - (this.#clock.now() - work.since) * work.pace);
  }

  #finish(work: Work): void {
    this.#running.delete(work);
    if (this.#running.size === 1) {
      for (const other of this.#running) {
        this.#pause(other);
        this.#go(other);
      }
    }
    work.done();
  }
}

interface Work {
  left: number;
  since: number;
  pace: number;
  timer: Timer | undefined;
  readonly done: () => void;
}
