import type { SandboxEnd } from "../protocol/sandbox-view";
import type { SandboxRecord } from "./sandbox-record";

/** How long a sandbox may be left alone, and how long it may live at all. */
export interface Lifetime {
  readonly idleMs: number;
  readonly lifetimeMs: number;
}

const LONGEST_WARNING_MS = 5 * 60_000;

/**
 * When a ready sandbox stops if nothing happens until then, and why; `undefined` for one that is not ready. A keystroke,
 * a command, an API write or a click on "keep it running" moves an idle end, nothing moves the longest life.
 */
export function endOf(
  record: Pick<SandboxRecord, "state" | "createdAt" | "lastActiveAt" | "lifetime">,
): SandboxEnd | undefined {
  if (record.state.phase !== "ready") return undefined;
  const { idleMs, lifetimeMs } = record.lifetime;
  const idleAt = record.lastActiveAt.getTime() + idleMs;
  const longestAt = record.createdAt.getTime() + lifetimeMs;
  const [at, reason, span] =
    idleAt < longestAt ? ([idleAt, "idle", idleMs] as const) : ([longestAt, "lifetime", lifetimeMs] as const);
  const warningMs = Math.min(LONGEST_WARNING_MS, span / 4);
  return { at: new Date(at).toISOString(), warnAt: new Date(at - warningMs).toISOString(), reason };
}
