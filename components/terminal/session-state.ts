import type { StartStep, StopReason } from "@/sandbox/protocol/codes";
import type { SandboxState } from "@/sandbox/protocol/sandbox-view";
import type { Refusal } from "./sandbox-api";

/** Where the learner's sandbox and the terminal in front of them stand, as one value. */
export type SessionState =
  /** Nothing runs for this lesson; the first keystroke starts it. */
  | { phase: "idle" }
  /** The request to start is on its way. */
  | { phase: "asking" }
  | { phase: "queued"; position: number }
  | { phase: "starting"; step: StartStep; done: readonly StartStep[] }
  /** The sandbox is ready, its shell is being drawn for the first time. */
  | { phase: "attaching" }
  | { phase: "live" }
  /** The sandbox lives, the way to it is broken; it is tried again by itself. */
  | { phase: "reconnecting" }
  /** The shell ended by itself (`exit`); the cluster lives on. */
  | { phase: "exited"; code: number }
  | { phase: "stopped"; reason: StopReason }
  /** It could not be started. */
  | { phase: "refused"; code: Refusal };

/** What the state of a sandbox that is not yet, or no longer, ready means for its terminal. */
export function fromSandbox(state: Exclude<SandboxState, { phase: "ready" }>): SessionState {
  switch (state.phase) {
    case "queued":
      return { phase: "queued", position: state.position };
    case "starting":
      return { phase: "starting", step: state.step, done: state.done };
    case "stopping":
    case "stopped":
      return { phase: "stopped", reason: state.reason };
  }
}

/** Whether a keystroke (or a button) may start a sandbox from here. */
export function canStart(state: SessionState): boolean {
  return state.phase === "idle" || state.phase === "stopped" || state.phase === "refused";
}
