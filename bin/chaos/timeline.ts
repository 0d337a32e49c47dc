import { readFileSync } from "node:fs";

/** One thing that happened, as the learner, the killer or the manager's log tells it. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly what: string;
}

const AROUND_MS = 3_000;

/**
 * What happened around a loss, a line each: when each lost thing was acknowledged and in which sandbox, what the learner
 * did and the manager said of those sandboxes, and what was killed meanwhile.
 */
export function timelineOf(
  lost: readonly (Moment & { readonly sandboxId: string })[],
  { learner, kills, stateDir }: { learner: readonly Moment[]; kills: readonly Moment[]; stateDir: string },
): string[] {
  const ids = new Set(lost.map(({ sandboxId }) => sandboxId));
  const manager = managerMoments(stateDir).filter(({ what }) => [...ids].some((id) => what.includes(id)));
  const ends = manager.filter(({ what }) => what.startsWith("manager: sandbox stop")).map(({ at }) => at);
  const times = lost.map(({ at }) => at);
  const [from, to] = [Math.min(...times) - AROUND_MS, Math.max(...times, ...ends) + AROUND_MS];
  return [...lost, ...learner, ...kills, ...manager]
    .filter(({ at }) => at >= from && at <= to)
    .sort((a, b) => a.at - b.at)
    .map(({ at, what }) => `${new Date(at).toISOString().slice(14, 23)} ${what}`);
}

function managerMoments(stateDir: string): Moment[] {
  return readFileSync(`${stateDir}/logs/manager.log`, "utf8")
    .split("\n")
    .flatMap((line) => {
      const entry = parse(line);
      if (typeof entry?.["time"] !== "number" || typeof entry["sandbox"] !== "string") return [];
      const { time, msg, sandbox, reason = "", err } = entry;
      const fault = String((err as { message?: unknown } | undefined)?.message ?? "").slice(0, 200);
      return [{ at: time, what: `manager: ${String(msg)} ${sandbox} ${String(reason)} ${fault}`.trimEnd() }];
    });
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined; // what a process said before it had a log
  }
}
