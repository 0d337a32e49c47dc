import { setTimeout as delay } from "node:timers/promises";
import { verdictEventSchema, type VerdictEvent } from "@/sandbox/protocol/verdict";
import { log } from "./log";
import { manager } from "./manager-client";
import { keepTaskResult, newestKeptSequence } from "./progress";

const RETRY_MS = 1_000;

/**
 * Turns the manager's verdicts into task results for as long as the process lives: first what came while it was away,
 * then each as it comes. Seeing a verdict twice changes nothing.
 */
export async function projectVerdicts(signal: AbortSignal): Promise<void> {
  let after: number | undefined;
  let reading = true;
  while (!signal.aborted) {
    try {
      after ??= await newestKeptSequence();
      const stream = await manager.verdicts(after, signal);
      reading = true;
      for await (const line of linesOf(stream)) {
        const event = verdictEventSchema.parse(JSON.parse(line));
        await keep(event);
        after = event.sequence;
      }
    } catch (error) {
      // Once for each time the manager is away, not once for each attempt to reach it.
      if (reading && !isAborted(signal)) log.warn({ err: error }, "verdict stream ended");
      reading = false;
    }
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}

async function keep(event: VerdictEvent): Promise<void> {
  if (!event.passed) return;
  try {
    await keepTaskResult({
      userId: event.userId,
      lessonId: event.lessonId,
      taskId: event.taskId,
      revision: event.revision,
      verdictId: event.id,
      passedAt: new Date(event.at),
    });
  } catch (error) {
    // A user who is gone takes their results along; anything else is tried again with the next stream.
    if (!isForeignKeyError(error)) throw error;
  }
}

/** Whole lines of a stream of text. */
export async function* linesOf(stream: AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line.trim() !== "");
  }
}

function isForeignKeyError(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "P2003";
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
