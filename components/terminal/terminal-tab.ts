import type { Ticket } from "@/sandbox/protocol/manager-api";
import type { TerminalName } from "@/sandbox/protocol/sandbox-view";
import type { TerminalSize } from "@/sandbox/protocol/terminal-host-api";
import { BackOff } from "./back-off";
import { meansGone, type Refusal, type SandboxApi } from "./sandbox-api";
import type { OpenSocket } from "./socket";
import { TerminalLink, type LinkEnd, type Screen } from "./terminal-link";
import type { Timers } from "./timers";

/** How one terminal stands in its sandbox. */
export type TabState =
  /** Until the sandbox is ready. */
  | { phase: "waiting" }
  /** Being drawn for the first time. */
  | { phase: "attaching" }
  | { phase: "live" }
  /** The sandbox lives, the way to it is broken; it is tried again by itself. */
  | { phase: "reconnecting" }
  /** The shell ended by itself (`exit`); the cluster lives on. */
  | { phase: "exited"; code: number };

/** The sandbox as its terminals see it. */
export interface TabOwner {
  readonly api: Pick<SandboxApi, "ticket">;
  readonly open: OpenSocket;
  readonly timers: Timers;
  /** The sandbox, once it is ready. */
  readySandboxId(): string | undefined;
  /** A ticket that is at hand already. */
  takeTicket(): Ticket | undefined;
  /** Something was typed although there is no shell yet. */
  onTyped(): void;
  /** A socket or a ticket says that the sandbox is gone. */
  onGone(): void;
  onChange(): void;
}

/** A ticket this close to its end is not worth a try. */
const TICKET_MARGIN_MS = 3_000;
const LONGEST_QUEUED_INPUT = 16 * 1024;

/** Device attributes, cursor position, modes, focus, colours: nothing a keyboard sends. */
const EMULATOR_ANSWER = /^\u001b(\[[?>=]?[\d;]*(c|n|R|\$y|t)|\[[IO]|\]|P)/;

/**
 * One terminal of a sandbox: keeps its link, and links it again when the network breaks. What is typed before the shell
 * is there is kept and sent when it is.
 */
export class TerminalTab {
  readonly name: TerminalName;
  readonly #owner: TabOwner;
  readonly #backOff = new BackOff();
  #state: TabState = { phase: "waiting" };
  #screen: Screen | undefined;
  #size: TerminalSize = { columns: 80, rows: 24 };
  #focused = false;
  #queue = "";
  #link: TerminalLink | undefined;
  #linking = false;
  #seq: number | undefined;
  #cancelRetry: (() => void) | undefined;
  /** Counts ends: an answer that was asked for before one is not acted on after it. */
  #life = 0;

  constructor(name: TerminalName, owner: TabOwner) {
    this.name = name;
    this.#owner = owner;
  }

  get state(): TabState {
    return this.#state;
  }

  get size(): TerminalSize {
    return this.#size;
  }

  /** The screen may come after the sandbox, and again after a remount. */
  setScreen(screen: Screen | undefined): void {
    this.#screen = screen;
    this.#seq = undefined;
    if (!screen) this.#dropLink();
    else this.attach();
  }

  /** Keystrokes. Kept until there is a shell; lost on one that has ended. */
  input(text: string): void {
    if (this.#state.phase === "live") {
      this.#link?.input(text);
      return;
    }
    if (this.#state.phase === "exited") return;
    this.#queue = (this.#queue + text).slice(0, LONGEST_QUEUED_INPUT);
    this.#owner.onTyped();
  }

  /**
   * What the emulator gives: keystrokes, and answers it makes up by itself to questions in the output. The questions in
   * old output that is drawn again were answered long ago; an answer now would be typed into the shell.
   */
  fromEmulator(text: string): void {
    if (this.#state.phase !== "live" && EMULATOR_ANSWER.test(text)) return;
    this.input(text);
  }

  /** A new shell, after the last one ended. */
  newShell(): void {
    if (this.#state.phase !== "exited") return;
    this.#seq = undefined;
    this.#screen?.reset();
    this.#set({ phase: "waiting" });
    this.attach();
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

  /** Links it when the sandbox is ready and there is a screen; no effect when it is linked, or its shell has ended. */
  attach(): void {
    const sandboxId = this.#owner.readySandboxId();
    if (sandboxId === undefined || this.#state.phase === "exited") return;
    if (this.#state.phase === "waiting") this.#set({ phase: "attaching" });
    void this.#attachTo(sandboxId);
  }

  /** The sandbox is no more: what it showed stays on the screen. */
  end(): void {
    this.#life += 1;
    this.#dropLink();
    this.#queue = "";
    this.#set({ phase: "waiting" });
  }

  /** What is on the screen is not of the sandbox that comes. */
  clear(): void {
    this.#seq = undefined;
    this.#screen?.reset();
  }

  /** What was typed is not sent to whatever comes next. */
  forgetTyped(): void {
    this.#queue = "";
  }

  async #attachTo(sandboxId: string): Promise<void> {
    if (this.#link || this.#linking || !this.#screen) return;
    this.#cancelRetry?.();
    const life = this.#life;
    this.#linking = true;
    const ticket = await this.#takeTicket(sandboxId);
    this.#linking = false;
    const screen = this.#screenNow();
    if (life !== this.#life || !screen || this.#owner.readySandboxId() !== sandboxId) {
      // Asked for again meanwhile, by whoever changed it.
      if (screen && life !== this.#life) this.attach();
      return;
    }
    if (!ticket.ok) {
      this.#refused(ticket.code);
      return;
    }
    const query = new URLSearchParams({ ticket: ticket.value.ticket, terminal: this.name }).toString();
    const to = { address: `/ws/terminal?${query}`, from: this.#seq };
    const link = new TerminalLink(this.#owner.open, to, screen, {
      onLive: () => this.#live(link),
      onEnd: (end) => this.#ended(link, end),
    });
    this.#link = link;
  }

  /** Read again after waiting: the terminal may have left the page meanwhile. */
  #screenNow(): Screen | undefined {
    return this.#screen;
  }

  async #takeTicket(sandboxId: string): ReturnType<SandboxApi["ticket"]> {
    const kept = this.#owner.takeTicket();
    if (kept && Date.parse(kept.expiresAt) - this.#owner.timers.now() > TICKET_MARGIN_MS) {
      return { ok: true, value: kept };
    }
    return this.#owner.api.ticket(sandboxId, "terminal");
  }

  #live(link: TerminalLink): void {
    if (link !== this.#link) return;
    this.#backOff.reset();
    link.focus(this.#focused);
    link.resize(this.#size.columns, this.#size.rows);
    if (this.#queue !== "") link.input(this.#queue);
    this.#queue = "";
    this.#set({ phase: "live" });
  }

  #ended(link: TerminalLink, end: LinkEnd): void {
    if (link !== this.#link) return;
    this.#link = undefined;
    this.#seq = link.seq;
    if (end.type === "exit") {
      this.#set({ phase: "exited", code: end.code });
      return;
    }
    if (end.type === "error" && end.code === "terminal-not-found") this.#seq = undefined;
    if (end.type === "stopped") this.#owner.onGone();
    this.#retry();
  }

  #refused(code: Refusal): void {
    if (meansGone(code)) this.#owner.onGone();
    this.#retry();
  }

  #retry(): void {
    if (this.#owner.readySandboxId() === undefined) return;
    this.#set({ phase: "reconnecting" });
    this.#cancelRetry = this.#owner.timers.after(this.#backOff.nextMs(), () => this.attach());
  }

  #dropLink(): void {
    this.#cancelRetry?.();
    this.#seq = this.#link?.seq ?? this.#seq;
    const link = this.#link;
    this.#link = undefined;
    link?.close();
  }

  #set(state: TabState): void {
    this.#state = state;
    this.#owner.onChange();
  }
}
