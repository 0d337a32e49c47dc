import type { Clock } from "../clock";

export const TIMED_OUT = Symbol("timed out");

/** What comes of `work`, unless that takes longer; it goes on unheeded then. */
export function within<T>(clock: Clock, timeoutMs: number, work: Promise<T>): Promise<T | typeof TIMED_OUT> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(timeoutMs, () => resolve(TIMED_OUT));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
