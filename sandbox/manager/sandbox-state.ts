import type { StartStep, StopReason } from "../protocol/codes";
import type { SandboxState } from "../protocol/sandbox-view";

/** What can happen to a sandbox. */
export type SandboxEvent =
  | { type: "queued-behind"; position: number; expectedAt?: string }
  | { type: "admitted" }
  | { type: "step"; step: StartStep; done: readonly StartStep[] }
  | { type: "ready" }
  | { type: "stop"; reason: StopReason; cause?: string }
  | { type: "gone"; reason?: StopReason; cause?: string };

const ORDER = { queued: 0, starting: 1, ready: 2, stopping: 3, stopped: 4 } as const;

/**
 * The state after `event`, or `undefined` when it comes too late to matter: a sandbox only ever moves forward, and the
 * first reason to stop is the one that counts.
 */
export function advance(state: SandboxState, event: SandboxEvent, now: Date): SandboxState | undefined {
  const next = target(state, event, now.toISOString());
  return next && ORDER[next.phase] >= ORDER[state.phase] ? next : undefined;
}

function target(state: SandboxState, event: SandboxEvent, since: string): SandboxState | undefined {
  switch (event.type) {
    case "queued-behind":
      return state.phase === "queued"
        ? { phase: "queued", since: state.since, position: event.position, ...expectedOf(event) }
        : undefined;
    case "admitted":
      return state.phase === "queued" ? { phase: "starting", since, step: "cluster", done: [] } : undefined;
    case "step":
      return state.phase === "starting" ? { ...state, step: event.step, done: [...event.done] } : undefined;
    case "ready":
      return state.phase === "starting" ? { phase: "ready", since } : undefined;
    case "stop":
      if (state.phase === "stopping" || state.phase === "stopped") return undefined;
      return { phase: "stopping", since, reason: event.reason, ...causeOf(event) };
    case "gone": {
      if (state.phase === "stopped") return undefined;
      const known = state.phase === "stopping" ? state : undefined;
      const reason = known?.reason ?? event.reason ?? "orphaned";
      return { phase: "stopped", since, reason, ...causeOf(known ?? event) };
    }
  }
}

function expectedOf({ expectedAt }: { expectedAt?: string }): { expectedAt?: string } {
  return expectedAt === undefined ? {} : { expectedAt };
}

function causeOf(from: { cause?: string }): { cause?: string } {
  return from.cause === undefined ? {} : { cause: from.cause.slice(0, 2000) };
}

/** How long a sandbox may stay in a phase; past it, `overdue` says what to do. A ready one has no deadline here. */
export const DEADLINE_MS = { queued: 30 * 60_000, starting: 60_000, stopping: 30_000 } as const;

/** What a state that has outlived its deadline turns into. */
export function overdue(state: SandboxState, now: Date): SandboxEvent | undefined {
  const age = now.getTime() - Date.parse(state.since);
  switch (state.phase) {
    case "queued":
      return age > DEADLINE_MS.queued ? { type: "stop", reason: "queue-timeout" } : undefined;
    case "starting":
      return age > DEADLINE_MS.starting ? { type: "stop", reason: "start-timeout", cause: state.step } : undefined;
    case "stopping":
      return age > DEADLINE_MS.stopping ? { type: "gone" } : undefined;
    case "ready":
    case "stopped":
      return undefined;
  }
}

export function isActive(state: SandboxState): boolean {
  return ORDER[state.phase] <= ORDER.ready;
}
