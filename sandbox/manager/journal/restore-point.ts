import { placesIn } from "../../workstation/home-archive";
import type { JournalEntry, JournalKind } from "./entry";
import { joinOutput } from "./terminal-entry";

/** What a sandbox is brought back from. */
export interface RestorePoint {
  /** For the cluster's driver: the `data` of its saves, base64. */
  readonly cluster: readonly string[];
  /** For `restoreHome`. */
  readonly home: readonly Uint8Array[];
  /** Terminal → what it showed, and where its shell was. */
  readonly terminals: Readonly<Record<string, { scrollback: Uint8Array; directory: string | undefined }>>;
}

/** Where the journal of a sandbox that goes on begins: what is kept of it, and the marks in it. */
export interface JournalStart {
  readonly point: RestorePoint | undefined;
  readonly lastSequence: number;
  readonly marks: readonly string[];
}

/**
 * The latest point of a journal, or the point of `mark`, where screens are still as they were last. Undefined when
 * there is no cluster to go on with.
 */
export function restorePoint(entries: readonly JournalEntry[], mark?: string): RestorePoint | undefined {
  const until = mark === undefined ? Infinity : positionOf(entries, mark);
  const cluster = chain(entries, "cluster", "", until);
  if (cluster.length === 0) return undefined;
  const home = chain(entries, "home", "", until).map(({ data }) => data);
  const last = home.at(-1);
  const places = last && mark === undefined ? placesIn(last) : {};
  const names = new Set(entries.filter(({ kind }) => kind === "terminal").map(({ part }) => part));
  const terminals = [...names].map((name) => {
    const scrollback = joinOutput(chain(entries, "terminal", name, Infinity).map(({ data }) => data));
    return [name, { scrollback, directory: places[name] }] as const;
  });
  return {
    cluster: cluster.map(({ data }) => Buffer.from(data).toString("base64")),
    home,
    terminals: Object.fromEntries(terminals),
  };
}

/** The moment a task had just been passed: where the next one starts. */
export function passedMark(taskId: string): string {
  return `passed:${taskId}`;
}

/** The sequence at which everything of a mark is stored; -Infinity when there is none. */
export function positionOf(entries: readonly JournalEntry[], mark: string): number {
  return Math.max(...entries.filter((entry) => entry.mark === mark).map(({ sequence }) => sequence));
}

export function marksIn(entries: readonly JournalEntry[]): string[] {
  return [...new Set(entries.flatMap(({ mark }) => mark ?? []))];
}

/** From the last entry that stands alone on. */
function chain(entries: readonly JournalEntry[], kind: JournalKind, part: string, until: number): JournalEntry[] {
  const own = entries.filter((entry) => entry.kind === kind && entry.part === part && entry.sequence <= until);
  return own.slice(
    Math.max(
      0,
      own.findLastIndex(({ whole }) => whole),
    ),
  );
}
