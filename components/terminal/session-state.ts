import type { ClusterStep, StartStep, StopReason } from "@/sandbox/protocol/codes";
import type { SandboxState } from "@/sandbox/protocol/sandbox-view";
import type { TabState } from "./terminal-tab";
import type { Refusal } from "./sandbox-api";

/** Where the learner's sandbox stands; its terminals count once it is ready. */
export type SandboxPart =
  /** Nothing runs for this lesson; the first keystroke starts it. */
  | { phase: "idle" }
  /** The request to start is on its way. */
  | { phase: "asking" }
  | { phase: "queued"; position: number; expectedAt?: string }
  | { phase: "starting"; step: StartStep; done: readonly StartStep[]; cluster?: ClusterStep }
  | { phase: "ready" }
  | { phase: "stopped"; reason: StopReason }
  /** It could not be started. */
  | { phase: "refused"; code: Refusal };

/** The learner's sandbox and the terminal in front of them, as one value. */
export type SessionState = Exclude<SandboxPart, { phase: "ready" }> | Exclude<TabState, { phase: "waiting" }>;

/** What the state of a sandbox means for its terminals. */
export function fromSandbox(state: SandboxState): SandboxPart {
  switch (state.phase) {
    case "ready":
      return { phase: "ready" };
    case "queued":
      return { phase: "queued", position: state.position, expectedAt: state.expectedAt };
    case "starting":
      return { phase: "starting", step: state.step, done: state.done, cluster: state.cluster };
    case "stopping":
    case "stopped":
      return { phase: "stopped", reason: state.reason };
  }
}

/** How the sandbox and one of its terminals stand together: the terminal counts once the sandbox is ready. */
export function withTab(sandbox: SandboxPart, tab: TabState | undefined): SessionState {
  if (sandbox.phase !== "ready") return sandbox;
  return tab && tab.phase !== "waiting" ? tab : { phase: "attaching" };
}

/** Whether a keystroke (or a button) may start a sandbox from here. */
export function canStart(state: SandboxPart | SessionState): boolean {
  return state.phase === "idle" || state.phase === "stopped" || state.phase === "refused";
}
