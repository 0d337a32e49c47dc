import { setTimeout as sleep } from "node:timers/promises";
import { percentile, reported, type Figure } from "./figures";
import { LoadLearner } from "./sandboxes-learner";

const START =
  "POST sandbox (makes the guest too), both WebSockets, told that it is ready, attached, until the shell's prompt has arrived; no browser";

/** Their sandboxes in whatever order they come; those that did not come are told, and left out. */
export async function startLearners(
  origin: string,
  lessonId: string,
  { count, atOnce }: { count: number; atOnce: number },
): Promise<{ learners: LoadLearner[]; times: number[]; errors: string[] }> {
  const learners: LoadLearner[] = [];
  const times: number[] = [];
  const errors: string[] = [];
  let left = count;
  const startNext = async (): Promise<void> => {
    while (left-- > 0) {
      const learner = new LoadLearner(origin);
      try {
        times.push(await learner.start(lessonId));
        learners.push(learner);
      } catch (error) {
        // Else it would take a place from somebody.
        await learner.stop().catch(() => learner.leave());
        errors.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, startNext));
  return { learners, times, errors };
}

/** What went wrong. */
export async function stopLearners(learners: readonly LoadLearner[], atOnce: number): Promise<string[]> {
  const errors: string[] = [];
  const left = learners.values();
  const stopNext = async (): Promise<void> => {
    for (const learner of left) {
      await learner
        .stop()
        .catch((error: unknown) => errors.push(error instanceof Error ? error.message : String(error)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, stopNext));
  return errors;
}

export function startFigures(one: readonly number[], together: readonly number[]): Figure[] {
  return [
    reported("start-one-p50", `${START}; ${one.length} one after another, p50`, "ms", percentile(one, 0.5), 800),
    reported("start-one-p95", `the same, p95`, "ms", percentile(one, 0.95), 800),
    reported(
      "start-together-p95",
      `the same of ${together.length} who start at the same time, p95`,
      "ms",
      percentile(together, 0.95),
      5000,
    ),
  ];
}

/** The socket is cut; from the first step of coming back until scrollback and prompt are there. */
export async function measureReconnect(learners: readonly LoadLearner[]): Promise<Figure> {
  const times: number[] = [];
  for (const learner of learners) {
    learner.cut();
    await sleep(20);
    const begin = performance.now();
    await learner.attach();
    times.push(performance.now() - begin);
  }
  return reported(
    "reconnect-p95",
    `a terminal's socket cut; asking for a ticket, attaching as a page that has nothing, until scrollback and prompt are there, p95 of ${times.length}`,
    "ms",
    percentile(times, 0.95),
    500,
  );
}
