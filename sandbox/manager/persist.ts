import { setTimeout as sleep } from "node:timers/promises";
import { ManagerFenced } from "./store";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;

/**
 * Does `work` until it succeeds: the database may be away for a while, and what is known here must get there. Gives up,
 * and tells, when somebody else owns what it is about, or `patience` says that it has lasted too long: then false.
 */
export async function persist(
  work: () => Promise<unknown>,
  { onError, patienceMs }: { onError: (error: unknown) => void; patienceMs: () => number },
): Promise<boolean> {
  const began = performance.now();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      await work();
      return true;
    } catch (error) {
      const first = pause === FIRST_PAUSE_MS;
      const fenced = error instanceof ManagerFenced;
      if (first || fenced) onError(error);
      if (fenced || performance.now() - began > patienceMs()) return false;
    }
    await sleep(pause);
  }
}
