import type { Ticket } from "@/sandbox/protocol/manager-api";
import { TERMINAL_NAMES, type Driver, type SandboxView, type TerminalName } from "@/sandbox/protocol/sandbox-view";
import type { SandboxEvent } from "@/sandbox/protocol/sandbox-events";
import type { TaskVerdict } from "@/sandbox/protocol/verdict";
import { EventFeed } from "./event-feed";
import { meansGone, type SandboxApi, type SandboxStarted } from "./sandbox-api";
import { canStart, fromSandbox, withTab, type SandboxPart, type SessionState } from "./session-state";
import type { OpenSocket } from "./socket";
import { TerminalTab, type TabOwner } from "./terminal-tab";
import type { Timers } from "./timers";

export interface SessionOptions {
  lessonId: string;
  api: SandboxApi;
  open: OpenSocket;
  timers: Timers;
  onVerdicts(verdicts: readonly TaskVerdict[]): void;
  /** The kind of cluster that was chosen, where there is a choice. */
  cluster?: () => Driver | undefined;
}

/** Which terminals there are, and which is in front. */
export interface Tabs {
  readonly names: readonly TerminalName[];
  readonly active: TerminalName;
  /** Whether one more may be opened. */
  readonly more: boolean;
}

const IDLE: SandboxPart & SessionState = { phase: "idle" };
const ONE_TAB: Tabs = { names: ["main"], active: "main", more: false };

/** A learner's sandbox as the page sees it: starts it, follows its state and verdicts, and holds its terminals. */
export class SandboxSession {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<() => void>();
  readonly #feed: EventFeed;
  readonly #tabs = new Map<TerminalName, TerminalTab>();
  /** Of the sandbox; how its terminals stand is theirs to say. */
  #state: SandboxPart = IDLE;
  #shown: SessionState = IDLE;
  #tabsShown: Tabs = ONE_TAB;
  #active: TerminalName = "main";
  #sandbox: SandboxView | undefined;
  #watchers = 0;
  /** From the answer to `start`: saves a round trip when it is still good. */
  #terminalTicket: Ticket | undefined;
  /** Counts disposals: an answer that was asked for before one is not acted on after it. */
  #life = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#feed = new EventFeed({
      api: options.api,
      open: options.open,
      timers: options.timers,
      onEvent: (event) => {
        this.#take(event);
      },
      onGone: () => void this.#askState(),
    });
    this.#addTab("main");
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** How the sandbox and the terminal in front stand, as one. */
  readonly get = (): SessionState => this.#shown;

  static readonly initial = (): SessionState => IDLE;

  readonly getTabs = (): Tabs => this.#tabsShown;

  static readonly initialTabs = (): Tabs => ONE_TAB;

  /** How many watch its terminals by a link. */
  readonly getWatchers = (): number => this.#watchers;

  readonly getSandbox = (): SandboxView | undefined => this.#sandbox;

  /** @throws Error when there is no such terminal */
  tab(name: TerminalName): TerminalTab {
    const tab = this.#tabs.get(name);
    if (!tab) throw new Error(`there is no terminal ${name}`);
    return tab;
  }

  stateOf(name: TerminalName): SessionState {
    return withTab(this.#state, this.#tabs.get(name)?.state);
  }

  /** Starts a sandbox for the lesson; does nothing when one is there or coming. */
  async start(): Promise<void> {
    if (canStart(this.#state)) await this.#ask({ driver: this.#options.cluster?.() });
  }

  /** A new sandbox, as it was when that task began; the one that is there gives way to it. */
  async backTo(taskId: string): Promise<void> {
    if (this.#state.phase === "asking") return;
    this.#feed.stop();
    for (const tab of this.#tabs.values()) tab.end();
    await this.#ask({ backTo: taskId, driver: this.#sandbox?.driver });
  }

  /** Goes on with a sandbox that was already there when the page was opened. */
  resume(sandbox: SandboxView): void {
    if (!canStart(this.#state)) return;
    this.#follow(sandbox);
    void this.#feed.follow(sandbox.id);
  }

  /** Types a command into the terminal in front and presses Enter; starts the sandbox when there is none. */
  run(command: string): void {
    this.tab(this.#active).input(`${command.trim().replaceAll("\n", "\r")}\r`);
  }

  /** The learner is still there: the sandbox stops later. False when that could not be said. */
  async extend(): Promise<boolean> {
    const sandbox = this.#sandbox;
    if (!sandbox) return false;
    const answer = await this.#options.api.extend(sandbox.id);
    if (answer.ok && this.#sandbox?.id === sandbox.id) this.#follow(answer.value);
    return answer.ok;
  }

  /** Ends the sandbox, or its wait in the queue. False when that could not be said. */
  async stop(): Promise<boolean> {
    const sandbox = this.#sandbox;
    if (!sandbox) return false;
    const answer = await this.#options.api.stop(sandbox.id);
    if (answer.ok && this.#sandbox?.id === sandbox.id) this.#follow(answer.value);
    return answer.ok;
  }

  select(name: TerminalName): void {
    if (!this.#tabs.has(name)) return;
    this.#active = name;
    this.#change();
  }

  /** One more terminal in the same sandbox, in front. */
  openTab(): void {
    const name = this.#tabsShown.more ? TERMINAL_NAMES.find((one) => !this.#tabs.has(one)) : undefined;
    if (!name) return;
    this.#addTab(name);
    this.select(name);
  }

  /** Ends a terminal's shell; the first one stays. */
  async closeTab(name: TerminalName): Promise<void> {
    if (name === "main" || !this.#sandbox) return;
    this.#dropTab(name);
    await this.#options.api.closeTerminal(this.#sandbox.id, name);
  }

  /** Tries again now instead of waiting: the browser says the network is back. */
  retryNow(): void {
    for (const tab of this.#tabs.values()) if (tab.state.phase === "reconnecting") tab.attach();
    this.#feed.retryNow();
  }

  /** Lets go of the sandbox, which lives on; `resume` or `start` take it up again. */
  dispose(): void {
    this.#life += 1;
    this.#feed.stop();
    this.#sandbox = undefined;
    for (const tab of this.#tabs.values()) tab.end();
    this.#set(IDLE);
  }

  async #ask(how: { backTo?: string; driver?: Driver }): Promise<void> {
    const life = this.#life;
    this.#set({ phase: "asking" });
    const answer = await this.#options.api.start(this.#options.lessonId, this.tab("main").size, how);
    if (life !== this.#life) return;
    if (answer.ok) {
      this.#adopt(answer.value);
      return;
    }
    for (const tab of this.#tabs.values()) tab.forgetTyped();
    this.#set({ phase: "refused", code: answer.code });
  }

  #adopt({ sandbox, tickets }: SandboxStarted): void {
    this.#terminalTicket = tickets.terminal;
    void this.#feed.follow(sandbox.id, tickets.sandbox);
    this.#follow(sandbox);
  }

  #take(event: SandboxEvent): void {
    switch (event.type) {
      case "verdicts":
        this.#options.onVerdicts(event.verdicts);
        return;
      case "watchers":
        this.#watchers = event.count;
        this.#change();
        return;
      case "sandbox":
        this.#follow(event.sandbox);
    }
  }

  #follow(sandbox: SandboxView): void {
    const { state } = sandbox;
    // Of another sandbox than the one before nothing is on the screens yet.
    if (this.#sandbox && this.#sandbox.id !== sandbox.id) for (const tab of this.#tabs.values()) tab.clear();
    if (this.#sandbox?.id !== sandbox.id) this.#watchers = 0;
    this.#sandbox = sandbox;
    const next = fromSandbox(state);
    if (next.phase === "stopped" && this.#state.phase !== "stopped") {
      this.#set(next);
      for (const tab of this.#tabs.values()) tab.end();
      this.#options.onVerdicts([]);
      return;
    }
    this.#set(next);
    if (next.phase !== "ready") return;
    for (const name of sandbox.terminals) if (!this.#tabs.has(name)) this.#addTab(name);
    for (const tab of this.#tabs.values()) tab.attach();
    this.#change();
  }

  /** Asks what became of the sandbox when a socket or a ticket says it is gone. */
  async #askState(): Promise<void> {
    const sandbox = this.#sandbox;
    if (!sandbox || this.#state.phase === "stopped") return;
    const life = this.#life;
    const answer = await this.#options.api.get(sandbox.id);
    if (life !== this.#life || this.#sandbox?.id !== sandbox.id) return;
    if (answer.ok) this.#follow(answer.value);
    else if (meansGone(answer.code)) {
      this.#follow({ ...sandbox, state: orphaned(this.#options.timers.now()), end: null });
    }
  }

  #addTab(name: TerminalName): void {
    const { api, open, timers } = this.#options;
    const owner: TabOwner = {
      api,
      open,
      timers,
      readySandboxId: () => (this.#state.phase === "ready" ? this.#sandbox?.id : undefined),
      takeTicket: () => {
        const ticket = this.#terminalTicket;
        this.#terminalTicket = undefined;
        return ticket;
      },
      onTyped: () => void this.start(),
      onGone: () => void this.#askState(),
      onChange: () => this.#change(),
    };
    this.#tabs.set(name, new TerminalTab(name, owner));
  }

  #dropTab(name: TerminalName): void {
    this.#tabs.get(name)?.end();
    this.#tabs.delete(name);
    if (this.#active === name) this.#active = "main";
    this.#change();
  }

  #set(state: SandboxPart): void {
    this.#state = state;
    this.#change();
  }

  #change(): void {
    this.#shown = this.stateOf(this.#active);
    const names = TERMINAL_NAMES.filter((name) => this.#tabs.has(name));
    const more = this.#state.phase === "ready" && names.length < TERMINAL_NAMES.length;
    this.#tabsShown = { names, active: this.#active, more };
    for (const listener of this.#listeners) listener();
  }
}

function orphaned(now: number): SandboxView["state"] {
  return { phase: "stopped", since: new Date(now).toISOString(), reason: "orphaned" };
}
