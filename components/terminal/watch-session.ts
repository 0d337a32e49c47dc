import type { Answer } from "./sandbox-api";
import type { Watched } from "./share-api";
import { BackOff } from "./back-off";
import type { OpenSocket } from "./socket";
import { TerminalLink, type Screen } from "./terminal-link";
import type { Timers } from "./timers";

export type WatchState =
  { phase: "asking" } | { phase: "live"; watched: Watched } | { phase: "reconnecting" } | { phase: "ended" };

export interface WatchOptions {
  readonly token: string;
  readonly screen: Screen;
  readonly ask: (token: string) => Promise<Answer<Watched>>;
  readonly open: OpenSocket;
  readonly timers: Timers;
  readonly onState: (state: WatchState) => void;
}

/** Shows a terminal to somebody who only watches, for as long as the link is good; asks anew when the network breaks. */
export class WatchSession {
  readonly #options: WatchOptions;
  readonly #backOff = new BackOff();
  #link: TerminalLink | undefined;
  #cancelRetry: (() => void) | undefined;
  #stopped = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { token, ask, open, screen, onState } = this.#options;
    const answer = await ask(token);
    if (this.#isStopped()) return;
    if (!answer.ok) {
      if (answer.code === "not-found") onState({ phase: "ended" });
      else this.#retry();
      return;
    }
    const address = `/ws/watch?${new URLSearchParams({ token }).toString()}`;
    screen.reset();
    this.#link = new TerminalLink(open, { address, from: undefined }, screen, {
      onLive: () => {
        this.#backOff.reset();
        onState({ phase: "live", watched: answer.value });
      },
      onEnd: () => this.#retry(),
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry?.();
    this.#link?.close();
  }

  /** Read again after waiting: the page may be gone meanwhile. */
  #isStopped(): boolean {
    return this.#stopped;
  }

  #retry(): void {
    if (this.#stopped) return;
    this.#options.onState({ phase: "reconnecting" });
    this.#cancelRetry = this.#options.timers.after(this.#backOff.nextMs(), () => void this.start());
  }
}
