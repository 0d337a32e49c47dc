import type { ClusterStep, StartStep, StopReason } from "../protocol/codes";
import type { Driver, SandboxState } from "../protocol/sandbox-view";

/** What can happen to a sandbox. */
export type SandboxEvent =
  | { type: "queued-behind"; position: number; expectedAt?: string }
  | { type: "admitted" }
  | { type: "step"; step: StartStep; done: readonly StartStep[]; cluster?: ClusterStep }
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
      return state.phase === "starting"
        ? { phase: "starting", since: state.since, step: event.step, done: [...event.done], ...clusterOf(event) }
        : undefined;
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

function clusterOf({ cluster }: { cluster?: ClusterStep }): { cluster?: ClusterStep } {
  return cluster === undefined ? {} : { cluster };
}

function causeOf(from: { cause?: string }): { cause?: string } {
  return from.cause === undefined ? {} : { cause: from.cause.slice(0, 2000) };
}

/**
 * How long a sandbox may stay in a phase, ms; past it, `overdue` says what to do. A ready one has no deadline here. Real
 * clusters take their time.
 */
export const DEADLINES = {
  simulated: { queued: 30 * 60_000, starting: 60_000, stopping: 30_000 },
  existing: { queued: 30 * 60_000, starting: 3 * 60_000, stopping: 3 * 60_000 },
  kind: { queued: 30 * 60_000, starting: 7 * 60_000, stopping: 3 * 60_000 },
} as const satisfies Record<Driver, object>;

export const DEADLINE_MS = DEADLINES.simulated;

/** What a state that has outlived its deadline turns into. */
export function overdue(state: SandboxState, now: Date, driver: Driver = "simulated"): SandboxEvent | undefined {
  const age = now.getTime() - Date.parse(state.since);
  const deadline = DEADLINES[driver];
  switch (state.phase) {
    case "queued":
      return age > deadline.queued ? { type: "stop", reason: "queue-timeout" } : undefined;
    case "starting":
      return age > deadline.starting ? { type: "stop", reason: "start-timeout", cause: state.step } : undefined;
    case "stopping":
      return age > deadline.stopping ? { type: "gone" } : undefined;
    case "ready":
    case "stopped":
      return undefined;
  }
}

export function isActive(state: SandboxState): boolean {
  return ORDER[state.phase] <= ORDER.ready;
}
