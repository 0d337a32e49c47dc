/** What is known of when places come free. Milliseconds since 1970. */
export interface QueueSigns {
  /** When each of those that run stops if nothing happens until then. */
  readonly ends: readonly number[];
  /** When places came free lately, the oldest first. */
  readonly freed: readonly number[];
  readonly now: number;
}

/** A pace needs a few steps to be one. */
const LEAST_FREED = 3;

/**
 * When those that wait may expect to start, in their order: by the pace at which places came free lately, and no later
 * than those that run stop by themselves. `undefined` for whom neither says anything.
 */
export function expectedStarts(waiting: number, { ends, freed, now }: QueueSigns): (number | undefined)[] {
  const known = [...ends].sort((a, b) => a - b);
  const [first = now] = freed;
  const last = freed.at(-1) ?? now;
  const pace = freed.length >= LEAST_FREED ? (last - first) / (freed.length - 1) : undefined;
  return Array.from({ length: waiting }, (_, index) => {
    const byEnd = known[index];
    const byPace = pace === undefined ? undefined : Math.max(now, last + pace * (index + 1));
    if (byEnd === undefined || byPace === undefined) return byEnd ?? byPace;
    return Math.min(byEnd, byPace);
  });
}
