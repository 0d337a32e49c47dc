import { SandboxError, type ClusterStep, type StartStep, type StopReason } from "../protocol/codes";
import { TERMINAL_NAMES, type TerminalName } from "../protocol/sandbox-view";
import type { SandboxEvent as PushedEvent } from "../protocol/sandbox-events";
import { persist } from "./persist";
import { bringUp, StartFailure, tearDown, type SandboxContent, type SandboxParts } from "./sandbox-life";
import type { Journal } from "./journal/journal";
import { passedMark, type JournalStart } from "./journal/restore-point";
import { FIRST_TERMINAL, viewOf, type SandboxRecord } from "./sandbox-record";
import { advance, type SandboxEvent } from "./sandbox-state";
import type { Metrics } from "./metrics";
import type { ManagerStore } from "./store";

/** What a sandbox starts from. */
export interface StartWith extends SandboxContent {
  /** Resolves when whatever may still write to its journal has come to its end. */
  readonly after: Promise<unknown>;
  /** Goes back to where the first of these tasks had just been passed; absent to go on at the end. */
  readonly from?: { readonly passed: readonly string[] };
}

export interface LiveSandboxContext {
  readonly parts: SandboxParts;
  readonly store: Pick<ManagerStore, "saveSandbox" | "audit">;
  readonly journal: Pick<Journal, "begin" | "follow" | "finish" | "forget">;
  readonly metrics: Pick<Metrics, "started" | "stopped">;
  readonly now: () => Date;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Something could not be stored. */
  readonly onStoreError: (error: unknown) => void;
  /** How long what could not be stored is tried again. */
  readonly patienceMs: () => number;
  /** It has stopped, and the store knows. */
  readonly onGone: (sandbox: LiveSandbox) => void;
}

/** A start that is expected a little earlier or later is no news. */
const NEWS_MS = 30_000;

/** How long a stop waits for a start that does not notice it was called off. */
const ABANDON_START_MS = 15_000;

/** One sandbox that has not stopped: its state, whoever watches it, and what brings it up and takes it down. */
export class LiveSandbox {
  readonly record: SandboxRecord;
  readonly #context: LiveSandboxContext;
  readonly #abort = new AbortController();
  readonly #listeners = new Set<(event: PushedEvent) => void>();
  /** Kept until it has started; a sandbox that was taken over has none. */
  #content: StartWith | undefined;
  #starting: Promise<void> = Promise.resolve();
  #ending: Promise<void> | undefined;
  /** Active since it was last saved. */
  #touched = false;
  #watchers = 0;
  /** Writes about one sandbox go one after the other. */
  #saving: Promise<boolean> = Promise.resolve(true);

  constructor(record: SandboxRecord, content: StartWith | undefined, context: LiveSandboxContext) {
    this.record = record;
    this.#content = content;
    this.#context = context;
  }

  get phase(): SandboxRecord["state"]["phase"] {
    return this.record.state.phase;
  }

  /** From the queue into its start, which goes on where an earlier one ended; `from` names marks to go back to. */
  begin(): void {
    if (this.#apply({ type: "admitted" })) this.#starting = this.#start();
  }

  /** Where it stands in the queue, and when it may start, in milliseconds since 1970. */
  queueAt(position: number, expected: number | undefined): void {
    const { state } = this.record;
    if (state.phase !== "queued") return;
    const told = state.expectedAt === undefined ? undefined : Date.parse(state.expectedAt);
    const isNews =
      (told === undefined) !== (expected === undefined) || Math.abs((told ?? 0) - (expected ?? 0)) > NEWS_MS;
    if (state.position === position && !isNews) return;
    const expectedAt = expected === undefined ? undefined : new Date(expected).toISOString();
    this.#apply({ type: "queued-behind", position, expectedAt });
  }

  /** The first reason counts; later ones change nothing. */
  stop(reason: StopReason, { cause, actorId }: { cause?: string; actorId?: string } = {}): void {
    if (!this.#apply({ type: "stop", reason, cause })) return;
    this.#context.log("sandbox stopping", { sandbox: this.record.id, reason, cause });
    this.audit("sandbox.stop", { reason }, actorId);
    this.end();
  }

  /** Takes down one that is stopping already. */
  end(): void {
    this.#abort.abort();
    this.#ending ??= this.#takeDown();
  }

  /**
   * Gives up on a stop that does not come to its end: whatever is left is found as a stray. Not before it is saved, for
   * then it would be removed as one.
   */
  giveUp(): void {
    if (!this.record.unsaved) this.#finish();
  }

  /** The learner was at work at this time. */
  touch(at: Date): void {
    if (at.getTime() <= this.record.lastActiveAt.getTime()) return;
    this.record.lastActiveAt = at;
    this.#touched = true;
  }

  /** Tells and stores what `touch` noted. */
  saveIfTouched(): void {
    if (!this.#touched) return;
    this.#publishSandbox();
    this.#save();
  }

  haveTerminal(terminal: TerminalName): void {
    if (this.record.terminals.includes(terminal)) return;
    this.record.terminals = [...this.record.terminals, terminal];
    this.#publishSandbox();
    this.#save();
  }

  dropTerminal(terminal: TerminalName): void {
    this.record.terminals = this.record.terminals.filter((one) => one !== terminal);
    this.#publishSandbox();
    this.#save();
  }

  /** Stored with what is next; known at once to who watches only when it is the first time. */
  noteSaved(at: Date): void {
    const first = this.record.savedAt === undefined;
    this.record.savedAt = at;
    if (first && this.phase === "ready") this.#publishSandbox();
  }

  /** So many watch its terminals by a link. */
  noteWatchers(count: number): void {
    this.#watchers = count;
    this.publish({ type: "watchers", count });
  }

  publish(event: PushedEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Tells how it stands, then every change. The last event is its `stopped`. */
  watch(listener: (event: PushedEvent) => void): () => void {
    listener({ type: "sandbox", sandbox: viewOf(this.record) });
    listener({ type: "verdicts", verdicts: [...this.record.verdicts] });
    if (this.#watchers > 0) listener({ type: "watchers", count: this.#watchers });
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  audit(
    action: Parameters<ManagerStore["audit"]>[0]["action"],
    detail: Readonly<Record<string, string>> = {},
    actorId = this.record.userId,
  ): void {
    const { id, address } = this.record;
    const { store, onStoreError, patienceMs } = this.#context;
    const entry = { action, sandboxId: id, actorId, address, detail };
    void persist(() => store.audit(entry), { onError: onStoreError, patienceMs });
  }

  /** Resolves when what was last changed is stored. */
  async stored(): Promise<void> {
    await this.#saving;
  }

  /** Resolves when it has come to its end, where one was begun, and everything is stored. */
  async settled(): Promise<void> {
    await this.#ending;
    await this.#saving;
  }

  async #start(): Promise<void> {
    const { record } = this;
    const { journal } = this.#context;
    const content = this.#content;
    if (!content) return;
    const began = this.#context.now().getTime();
    try {
      const onStep = (step: StartStep, done: readonly StartStep[], cluster?: ClusterStep): void =>
        void this.#apply({ type: "step", step, done, cluster });
      // One that is still being saved is where this one goes on.
      await content.after;
      const start = await journal.begin(record, content.from?.passed.map(passedMark));
      record.terminals = namesOf(start);
      await bringUp(this.#context.parts, record, { ...content, restore: start.point }, onStep, this.#abort.signal);
      this.#content = undefined;
      // Known beyond this process before anybody is told: a manager that comes after it goes on with it.
      record.unsaved = true;
      await this.#saveAs({ type: "ready" });
      if (!this.#apply({ type: "ready" })) return;
      journal.follow(record, start);
      const ms = this.#context.now().getTime() - began;
      this.#context.metrics.started(ms);
      this.#context.log("sandbox ready", { sandbox: record.id, ms });
      this.audit("sandbox.ready");
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      const unread = error instanceof SandboxError && error.code === "restore-failed";
      const reason = error instanceof StartFailure ? error.reason : unread ? "cluster-failed" : "start-timeout";
      this.#context.log("sandbox does not start", { sandbox: record.id, reason, err: error });
      this.stop(reason, { cause: error instanceof Error ? error.message : String(error) });
    }
  }

  async #takeDown(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, ABANDON_START_MS)));
    await Promise.race([this.#starting, patience]);
    clearTimeout(timer);
    if (!(await this.#saveLast())) {
      this.#context.log("sandbox left to the next manager", { sandbox: this.record.id });
      return;
    }
    const faults = await tearDown(this.#context.parts, this.record);
    for (const err of faults) this.#context.log("sandbox leaves something behind", { sandbox: this.record.id, err });
    this.#finish();
    await this.#saving;
  }

  /** Whether it is stored, in the database, that all of it is in its journal: then it may be removed. */
  async #saveLast(): Promise<boolean> {
    const { record } = this;
    const { journal, patienceMs } = this.#context;
    if (!record.unsaved) return true;
    if (record.state.phase === "stopping" && record.state.reason === "rewound") journal.forget(record.id);
    else if (!(await journal.finish(record, patienceMs))) return false;
    record.unsaved = false;
    this.#save();
    return this.#saving;
  }

  #finish(): void {
    if (!this.#apply({ type: "gone" })) return;
    if (this.record.state.phase === "stopped") this.#context.metrics.stopped(this.record.state.reason);
    this.#context.log("sandbox stopped", { sandbox: this.record.id });
    this.audit("sandbox.stopped");
    // Until it is stored, only memory knows that it has stopped.
    void this.#saving.then(() => this.#context.onGone(this));
  }

  /** The one place where a sandbox's state changes. False when the event came too late. */
  #apply(event: SandboxEvent): boolean {
    const next = advance(this.record.state, event, this.#context.now());
    if (!next) return false;
    this.record.state = next;
    this.#publishSandbox();
    this.#save();
    return true;
  }

  #publishSandbox(): void {
    this.publish({ type: "sandbox", sandbox: viewOf(this.record) });
  }

  async #saveAs(event: SandboxEvent): Promise<void> {
    const state = advance(this.record.state, event, this.#context.now());
    if (!state) return;
    this.#save({ ...this.record, state });
    await this.#saving;
  }

  #save(snapshot: SandboxRecord = { ...this.record }): void {
    this.#touched = false;
    const { store, onStoreError, patienceMs } = this.#context;
    const save = (): Promise<boolean> =>
      persist(() => store.saveSandbox(snapshot), { onError: onStoreError, patienceMs });
    this.#saving = this.#saving.then(save);
  }
}

/** The first terminal, and those that were open besides it. */
function namesOf({ point }: JournalStart): TerminalName[] {
  return TERMINAL_NAMES.filter((name) => name === FIRST_TERMINAL || point?.terminals[name]);
}

/** @throws SandboxError `sandbox-not-ready` */
export function requireReady({ state }: Pick<SandboxRecord, "state">): void {
  if (state.phase !== "ready") throw new SandboxError("sandbox-not-ready", state.phase);
}
