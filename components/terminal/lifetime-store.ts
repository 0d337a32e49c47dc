import type { SandboxEnd, SandboxView } from "@/sandbox/protocol/sandbox-view";
import type { Timers } from "./timers";

export type Lifetime =
  /** Nothing runs. */
  | { phase: "none" }
  | { phase: "calm"; end: SandboxEnd }
  /** It stops within a few minutes. */
  | { phase: "soon"; end: SandboxEnd };

const NONE: Lifetime = { phase: "none" };

/** What there is to say about when the sandbox stops: moved on by the sandbox, and by time. */
export class LifetimeStore {
  readonly #timers: Timers;
  readonly #listeners = new Set<() => void>();
  #state: Lifetime = NONE;
  #cancel: (() => void) | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = (): Lifetime => this.#state;

  static readonly initial = (): Lifetime => NONE;

  follow(sandbox: Pick<SandboxView, "end"> | undefined): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const end = sandbox?.end;
    if (!end) {
      if (this.#state.phase !== "none") this.#set(NONE);
      return;
    }
    const untilWarning = Date.parse(end.warnAt) - this.#timers.now();
    if (untilWarning > 0) this.#cancel = this.#timers.after(untilWarning, () => this.#set({ phase: "soon", end }));
    const phase = untilWarning > 0 ? "calm" : "soon";
    if (this.#state.phase !== phase || this.#state.end.at !== end.at) this.#set({ phase, end });
  }

  stop(): void {
    this.#cancel?.();
  }

  #set(state: Lifetime): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
