import type { Ticket } from "@/sandbox/protocol/manager-api";
import type { SandboxView } from "@/sandbox/protocol/sandbox-view";
import type { TerminalSize } from "@/sandbox/protocol/terminal-host-api";
import type { TaskVerdict } from "@/sandbox/protocol/verdict";
import { BackOff } from "./back-off";
import { EventFeed } from "./event-feed";
import { meansGone, type Refusal, type SandboxApi, type SandboxStarted } from "./sandbox-api";
import { canStart, fromSandbox, type SessionState } from "./session-state";
import type { OpenSocket } from "./socket";
import { TerminalLink, type LinkEnd, type Screen } from "./terminal-link";
import type { Timers } from "./timers";

export interface SessionOptions {
  lessonId: string;
  api: SandboxApi;
  open: OpenSocket;
  timers: Timers;
  onVerdicts(verdicts: readonly TaskVerdict[]): void;
}

/** A ticket this close to its end is not worth a try. */
const TICKET_MARGIN_MS = 3_000;
const LONGEST_QUEUED_INPUT = 16 * 1024;

const IDLE: SessionState = { phase: "idle" };

/**
 * A learner's sandbox as the page sees it: starts it, follows its state and verdicts, keeps the terminal linked and
 * links it again when the network breaks. What is typed before the shell is there is kept and sent when it is.
 */
export class SandboxSession {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<() => void>();
  readonly #linkBackOff = new BackOff();
  readonly #feed: EventFeed;
  #state: SessionState = IDLE;
  #screen: Screen | undefined;
  #size: TerminalSize = { columns: 80, rows: 24 };
  #focused = false;
  #queue = "";
  #sandbox: SandboxView | undefined;
  #link: TerminalLink | undefined;
  #linking = false;
  /** From the answer to `start`: saves a round trip when it is still good. */
  #terminalTicket: Ticket | undefined;
  #seq: number | undefined;
  #cancelLinkRetry: (() => void) | undefined;
  /** Counts disposals: an answer that was asked for before one is not acted on after it. */
  #life = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#feed = new EventFeed({
      api: options.api,
      open: options.open,
      timers: options.timers,
      onEvent: (event) => {
        if (event.type === "verdicts") options.onVerdicts(event.verdicts);
        else this.#follow(event.sandbox);
      },
      onGone: () => void this.#askState(),
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = (): SessionState => this.#state;

  static readonly initial = (): SessionState => IDLE;

  get sandbox(): SandboxView | undefined {
    return this.#sandbox;
  }

  /** The screen may come after the session, and again after a remount. */
  setScreen(screen: Screen | undefined): void {
    this.#screen = screen;
    this.#seq = undefined;
    if (!screen) this.#dropLink();
    else if (this.#sandbox?.state.phase === "ready" && this.#state.phase !== "exited") void this.#attach();
  }

  /** Starts a sandbox for the lesson; does nothing when one is there or coming. */
  async start(): Promise<void> {
    if (!canStart(this.#state)) return;
    const life = this.#life;
    this.#set({ phase: "asking" });
    const answer = await this.#options.api.start(this.#options.lessonId, this.#size);
    if (life !== this.#life) return;
    if (answer.ok) this.#adopt(answer.value);
    else this.#refuse(answer.code);
  }

  /** Goes on with a sandbox that was already there when the page was opened. */
  resume(sandbox: SandboxView): void {
    if (!canStart(this.#state)) return;
    this.#follow(sandbox);
    void this.#feed.follow(sandbox.id);
  }

  /** Keystrokes, or a command to run. Starts the sandbox when there is none; kept until there is a shell. */
  input(text: string): void {
    if (this.#state.phase === "live") {
      this.#link?.input(text);
      return;
    }
    if (this.#state.phase === "exited") return;
    this.#queue = (this.#queue + text).slice(0, LONGEST_QUEUED_INPUT);
    void this.start();
  }

  /**
   * What the emulator gives: keystrokes, and answers it makes up by itself to questions in the output. The questions in
   * old output that is drawn again were answered long ago; an answer now would be typed into the shell.
   */
  fromEmulator(text: string): void {
    if (this.#state.phase !== "live" && EMULATOR_ANSWER.test(text)) return;
    this.input(text);
  }

  /** Types a command and presses Enter; starts the sandbox when there is none. */
  run(command: string): void {
    this.input(`${command.trim().replaceAll("\n", "\r")}\r`);
  }

  /** A new shell in the same sandbox, after the last one ended. */
  newShell(): void {
    if (this.#state.phase !== "exited") return;
    this.#seq = undefined;
    this.#screen?.reset();
    this.#set({ phase: "attaching" });
    void this.#attach();
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    this.#link?.resize(size.columns, size.rows);
  }

  focus(focused: boolean): void {
    this.#focused = focused;
    this.#link?.focus(focused);
    if (focused) this.#link?.resize(this.#size.columns, this.#size.rows);
  }

  /** Tries again now instead of waiting: the browser says the network is back. */
  retryNow(): void {
    if (this.#state.phase === "reconnecting") void this.#attach();
    this.#feed.retryNow();
  }

  /** Lets go of the sandbox, which lives on; `resume` or `start` take it up again. */
  dispose(): void {
    this.#life += 1;
    this.#dropLink();
    this.#feed.stop();
    this.#queue = "";
    this.#sandbox = undefined;
    this.#seq = undefined;
    this.#set(IDLE);
  }

  #adopt(started: SandboxStarted): void {
    if (started.sandbox.id !== this.#sandbox?.id) {
      this.#seq = undefined;
      this.#screen?.reset();
    }
    void this.#feed.follow(started.sandbox.id, started.tickets.sandbox);
    this.#follow(started.sandbox, started.tickets.terminal);
  }

  #refuse(code: Refusal): void {
    this.#queue = "";
    this.#set({ phase: "refused", code });
  }

  #follow(sandbox: SandboxView, terminalTicket?: Ticket): void {
    if (terminalTicket) this.#terminalTicket = terminalTicket;
    this.#sandbox = sandbox;
    if (sandbox.state.phase === "ready") {
      if (this.#state.phase === "exited") return;
      if (!this.#link && this.#state.phase !== "reconnecting") this.#set({ phase: "attaching" });
      void this.#attach();
      return;
    }
    const next = fromSandbox(sandbox.state);
    if (next.phase === "stopped") {
      this.#dropLink();
      this.#queue = "";
      this.#options.onVerdicts([]);
    }
    this.#set(next);
  }

  async #attach(): Promise<void> {
    const sandbox = this.#sandbox;
    if (!sandbox || this.#link || this.#linking || !this.#screen) return;
    this.#cancelLinkRetry?.();
    const life = this.#life;
    this.#linking = true;
    const ticket = await this.#takeTerminalTicket(sandbox.id);
    this.#linking = false;
    const screen = this.#screenNow();
    if (life !== this.#life || !screen || this.#sandbox?.id !== sandbox.id) return;
    if (!ticket.ok) {
      this.#linkRefused(ticket.code);
      return;
    }
    const link = new TerminalLink(this.#options.open, ticket.value.ticket, this.#seq, screen, {
      onLive: () => this.#linkLive(link),
      onEnd: (end) => this.#linkEnded(link, end),
    });
    this.#link = link;
  }

  /** Read again after waiting: the terminal may have left the page meanwhile. */
  #screenNow(): Screen | undefined {
    return this.#screen;
  }

  async #takeTerminalTicket(sandboxId: string): ReturnType<SandboxApi["ticket"]> {
    const kept = this.#terminalTicket;
    this.#terminalTicket = undefined;
    if (kept && Date.parse(kept.expiresAt) - this.#options.timers.now() > TICKET_MARGIN_MS) {
      return { ok: true, value: kept };
    }
    return this.#options.api.ticket(sandboxId, "terminal");
  }

  #linkLive(link: TerminalLink): void {
    if (link !== this.#link) return;
    this.#linkBackOff.reset();
    link.focus(this.#focused);
    link.resize(this.#size.columns, this.#size.rows);
    if (this.#queue !== "") link.input(this.#queue);
    this.#queue = "";
    this.#set({ phase: "live" });
  }

  #linkEnded(link: TerminalLink, end: LinkEnd): void {
    if (link !== this.#link) return;
    this.#link = undefined;
    this.#seq = link.seq;
    if (end.type === "exit") {
      this.#set({ phase: "exited", code: end.code });
      return;
    }
    if (end.type === "error" && end.code === "terminal-not-found") this.#seq = undefined;
    if (end.type === "stopped") void this.#askState();
    this.#retryLink();
  }

  #linkRefused(code: Refusal): void {
    if (meansGone(code)) void this.#askState();
    this.#retryLink();
  }

  #retryLink(): void {
    if (this.#state.phase === "stopped" || this.#state.phase === "refused") return;
    this.#set({ phase: "reconnecting" });
    this.#cancelLinkRetry = this.#options.timers.after(this.#linkBackOff.nextMs(), () => void this.#attach());
  }

  /** Asks what became of the sandbox when a socket or a ticket says it is gone. */
  async #askState(): Promise<void> {
    const sandbox = this.#sandbox;
    if (!sandbox || this.#state.phase === "stopped") return;
    const life = this.#life;
    const answer = await this.#options.api.get(sandbox.id);
    if (life !== this.#life || this.#sandbox?.id !== sandbox.id) return;
    if (answer.ok) this.#follow(answer.value);
    else if (meansGone(answer.code)) this.#follow({ ...sandbox, state: orphaned(this.#options.timers.now()) });
  }

  #dropLink(): void {
    this.#cancelLinkRetry?.();
    this.#seq = this.#link?.seq ?? this.#seq;
    const link = this.#link;
    this.#link = undefined;
    link?.close();
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Device attributes, cursor position, modes, focus, colours: nothing a keyboard sends. */
const EMULATOR_ANSWER = /^\u001b(\[[?>=]?[\d;]*(c|n|R|\$y|t)|\[[IO]|\]|P)/;

function orphaned(now: number): SandboxView["state"] {
  return { phase: "stopped", since: new Date(now).toISOString(), reason: "orphaned" };
}
