import { v7 as uuidv7 } from "uuid";
import { SandboxError, type StopReason } from "../protocol/codes";
import type { SandboxCreate } from "../protocol/manager-api";
import type { SandboxEvent as PushedEvent } from "../protocol/sandbox-events";
import type { Driver, SandboxPhase, SandboxView, TerminalName } from "../protocol/sandbox-view";
import type { ClusterDriverEvent } from "../cluster/cluster";
import { admission, startable } from "./admission";
import type { SandboxLimits } from "./config";
import { inTurn } from "./in-turn";
import { endOf } from "./lifetime";
import type { Journal } from "./journal/journal";
import { passedMark } from "./journal/restore-point";
import { LiveSandbox, requireReady, type LiveSandboxContext, type StartWith } from "./live-sandbox";
import { expectedStarts, type QueueSigns } from "./queue-forecast";
import { presentClusters, removeStrays } from "./reconcile";
import { persist } from "./persist";
import { ensureShell } from "./sandbox-life";
import { FIRST_TERMINAL, terminalIdOf, viewOf, type SandboxRecord } from "./sandbox-record";
import { isActive, overdue } from "./sandbox-state";
import type { ManagerStore } from "./store";
import type { VerdictLog } from "./verdict-log";

export interface SandboxesOptions extends Omit<LiveSandboxContext, "onGone" | "store" | "journal" | "patienceMs"> {
  readonly journal: Pick<Journal, "begin" | "follow" | "finish" | "forget" | "rejoin" | "noteWrite" | "mark">;
  readonly store: ManagerStore;
  readonly verdicts: VerdictLog;
  readonly limits: SandboxLimits;
  readonly workstation: "oci" | "host";
  /** What there is; the first is what one gets who does not choose. */
  readonly drivers: readonly Driver[];
  /** Where a sandbox's API socket lies: in a folder of its own. */
  readonly socketPathOf: (sandboxId: string) => string;
}

/** As many as tell the pace at which places come free. */
const FREED_KEPT = 20;
const REVIVE_ATTEMPTS = 5;
/** A workstation that is there and does not start for so long is given up. */
const UNREVIVED_MS = 5 * 60_000;
const LAST_PATIENCE_MS = 8_000;
/** Of hundreds that are all ended at the same time none would be saved within its patience. */
const ENDED_AT_ONCE = 16;
/** Longer than anything that is still being made, or removed, when nobody knows of it any more. */
const STRAY_AFTER_MS = 60_000;

/** One that has just become ready may be missing from a list asked for before. */
const LIST_LAG_MS = 5_000;

/** All sandboxes of this manager that have not stopped, and everything that moves them on. */
export class Sandboxes {
  readonly #options: SandboxesOptions;
  readonly #live = new Map<string, LiveSandbox>();
  /** Let in, but not yet stored: they hold their places, and wait for nobody. */
  readonly #admitted = new Set<string>();
  /** When the last places came free. */
  #freed: readonly number[] = [];
  /** Since when workstations that are there do not start. */
  readonly #down = new Map<string, number>();
  /** Resolves when it is known of all that were taken over how they go on. */
  #reconciled: Promise<unknown> = Promise.resolve();
  #closing = false;
  #sweptAt: number;

  constructor(options: SandboxesOptions) {
    this.#options = options;
    this.#sweptAt = options.now().getTime();
  }

  /**
   * The sandbox that the user has for this lesson, or a new one. One for another lesson gives way to it.
   * @throws SandboxError `guest-refused`, `driver-refused`, `driver-unavailable`, `address-limit`, `queue-full`
   */
  async createOrGet(request: SandboxCreate): Promise<{ view: SandboxView; created: boolean }> {
    if (this.#closing) throw new SandboxError("driver-unavailable", "shutting down");
    if (this.#options.workstation === "host" && request.user.kind === "guest") throw new SandboxError("guest-refused");
    const own = this.#all().filter(({ record }) => record.userId === request.user.id && isActive(record.state));
    const same = own.find(({ record }) => record.lesson.lessonId === request.lesson.lessonId);
    if (same && !request.from) {
      await same.stored();
      return { view: viewOf(same.record), created: false };
    }
    const others = this.#all().filter((sandbox) => !own.includes(sandbox));
    const verdict = admission(
      others.map((other) => ({ ...this.#held(other), address: other.record.address })),
      { address: request.address, driver: this.#driverFor(request) },
      this.#options.limits,
    );
    if (verdict === "address-limit" || verdict === "queue-full") throw new SandboxError(verdict);
    // Before anything is awaited, so that a second request at the same time finds it.
    for (const one of own) one.stop(one === same ? "rewound" : "replaced");
    const before = this.#all().filter(({ record }) => record.userId === request.user.id);
    const after = this.#reconciled.then(() => Promise.all(before.map((one) => one.settled())));
    const sandbox = this.#add(this.#newRecord(request), { ...request, after });
    const { id } = sandbox.record;
    if (verdict === "start") this.#admitted.add(id);
    try {
      await this.#options.store.insertSandbox(sandbox.record);
    } catch (error) {
      this.#live.delete(id);
      throw error;
    } finally {
      this.#admitted.delete(id);
    }
    sandbox.audit("sandbox.create");
    if (verdict === "start") sandbox.begin();
    else this.#placeInQueue();
    return { view: viewOf(sandbox.record), created: true };
  }

  /** Starts the cluster driver, takes over what an earlier manager of this place left, and removes what nobody knows. */
  async adopt(records: readonly SandboxRecord[]): Promise<void> {
    const { parts, log } = this.#options;
    // Known before the driver tells of them.
    const taken = records.map((record) => this.#add(record, undefined));
    await parts.clusters.start();
    await this.#reconcile(taken);
    await removeStrays(parts, (sandboxId) => this.#live.has(sandboxId), log);
  }

  /** Takes over what a manager left whose lease has run out. */
  async takeOver(records: readonly SandboxRecord[]): Promise<void> {
    const reconciling = this.#reconcile(records.map((record) => this.#add(record, undefined)));
    this.#reconciled = Promise.allSettled([this.#reconciled, reconciling]);
    await reconciling;
  }

  /** Ends what is stored as alive but is not known here: its row was written, but the answer did not come. */
  async endForgotten(): Promise<void> {
    const records = await this.#options.store.unfinished(STRAY_AFTER_MS);
    await this.takeOver(records.filter(({ id }) => !this.#live.has(id)));
  }

  find(sandboxId: string): SandboxRecord | undefined {
    return this.#live.get(sandboxId)?.record;
  }

  views(): SandboxView[] {
    return this.#all().map(({ record }) => viewOf(record));
  }

  /** Harmless when it is stopping already. @throws SandboxError `sandbox-not-found` */
  stop(sandboxId: string, reason: StopReason, options: { cause?: string; actorId?: string } = {}): SandboxView {
    const sandbox = this.#get(sandboxId);
    sandbox.stop(reason, options);
    return viewOf(sandbox.record);
  }

  /** The learner says that they are still there: as good as a keystroke. @throws SandboxError `sandbox-not-found` */
  extend(sandboxId: string): SandboxView {
    const sandbox = this.#get(sandboxId);
    requireReady(sandbox.record);
    sandbox.touch(this.#options.now());
    sandbox.saveIfTouched();
    return viewOf(sandbox.record);
  }

  /** A shell for a viewer that is about to attach, in a terminal that may be new. @throws SandboxError `sandbox-not-ready` */
  async openShell(sandboxId: string, terminal: TerminalName): Promise<void> {
    const sandbox = this.#get(sandboxId);
    requireReady(sandbox.record);
    await ensureShell(this.#options.parts, sandbox.record, terminal);
    sandbox.haveTerminal(terminal);
  }

  /** Ends a terminal's shell and forgets it; the first one stays. @throws SandboxError `sandbox-not-found` */
  async closeTerminal(sandboxId: string, terminal: Exclude<TerminalName, "main">): Promise<SandboxView> {
    const sandbox = this.#get(sandboxId);
    sandbox.dropTerminal(terminal);
    await this.#options.parts.terminals.remove(terminalIdOf(sandbox.record, terminal));
    return viewOf(sandbox.record);
  }

  /** Its journal was written. */
  noteSaved(sandboxId: string, at: Date): void {
    this.#live.get(sandboxId)?.noteSaved(at);
  }

  /** So many watch its terminals by a link. */
  noteWatchers(sandboxId: string, count: number): void {
    this.#live.get(sandboxId)?.noteWatchers(count);
  }

  /** Tells how the sandbox stands, then every change. The last event is its `stopped`. */
  watch(sandboxId: string, listener: (event: PushedEvent) => void): () => void {
    return this.#get(sandboxId).watch(listener);
  }

  onClusterEvent(event: ClusterDriverEvent): void {
    const sandbox = this.#live.get(event.sandboxId);
    if (!sandbox) return;
    const { record } = sandbox;
    switch (event.type) {
      case "activity":
        sandbox.touch(new Date(event.at));
        this.#options.journal.noteWrite(record.id);
        return;
      case "verdicts":
        record.verdicts = event.verdicts;
        sandbox.publish({ type: "verdicts", verdicts: event.verdicts });
        for (const taskId of this.#options.verdicts.note(record, event.verdicts)) {
          void this.#options.journal.mark(record.id, passedMark(taskId));
        }
        return;
      case "lost":
        sandbox.stop("cluster-lost");
        return;
      case "step": // whoever asked for the cluster is told
    }
  }

  /** Moves on what time moves: deadlines, idleness, the longest life, parts that have vanished. */
  async tick(): Promise<void> {
    const { parts, now } = this.#options;
    const [terminals, workstations] = await Promise.all([parts.terminals.list(), parts.workstation.list()]);
    const running = new Set(workstations.filter(({ phase }) => phase === "running").map(({ sandboxId }) => sandboxId));
    for (const { id, lastInputAt } of terminals) {
      if (lastInputAt !== null) this.#live.get(id.split(".")[0] ?? "")?.touch(new Date(lastInputAt));
    }
    const time = now();
    await Promise.all(this.#all().map((sandbox) => this.#moveOn(sandbox, time, running)));
    this.#placeInQueue();
    if (time.getTime() - this.#sweptAt < STRAY_AFTER_MS) return;
    this.#sweptAt = time.getTime();
    await removeStrays(parts, (sandboxId) => this.#live.has(sandboxId), this.#options.log);
  }

  /** `end` stops all with `shutdown`; `keep` leaves those that are ready to the next manager. */
  async close(sandboxes: "keep" | "end"): Promise<void> {
    this.#closing = true;
    const ended = this.#all().filter(({ phase }) => sandboxes === "end" || phase !== "ready");
    await inTurn(ended, ENDED_AT_ONCE, async (sandbox) => {
      sandbox.stop("shutdown");
      await sandbox.settled();
    });
    await Promise.all(this.#all().map((sandbox) => sandbox.settled()));
    await this.#options.verdicts.flush();
  }

  async #moveOn(sandbox: LiveSandbox, time: Date, running: ReadonlySet<string>): Promise<void> {
    const { record } = sandbox;
    const due = overdue(record.state, time, record.driver);
    if (due?.type === "stop") sandbox.stop(due.reason, { cause: due.cause });
    else if (due) sandbox.giveUp();
    if (record.state.phase !== "ready") return;
    const end = endOf(record);
    if (end && Date.parse(end.at) < time.getTime()) sandbox.stop(end.reason);
    else if (!running.has(record.id) && time.getTime() - Date.parse(record.state.since) > LIST_LAG_MS) {
      const found = await this.#revive(record.id);
      if (found === "runs") this.#options.log("workstation revived", { sandbox: record.id });
      else if (found === "gone" || this.#downFor(record.id, time) > UNREVIVED_MS) sandbox.stop("workstation-lost");
    } else {
      this.#down.delete(record.id);
      sandbox.saveIfTouched();
    }
  }

  #downFor(sandboxId: string, time: Date): number {
    const since = this.#down.get(sandboxId) ?? time.getTime();
    this.#down.set(sandboxId, since);
    return time.getTime() - since;
  }

  /** Whatever ended it may hit it again while it comes back. `not-now`: it is there, and something keeps it from running. */
  async #revive(sandboxId: string): Promise<"runs" | "gone" | "not-now"> {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.#options.parts.workstation.revive(sandboxId)) ? "runs" : "gone";
      } catch (err) {
        if (attempt < REVIVE_ATTEMPTS) continue;
        this.#options.log("workstation not revived", { sandbox: sandboxId, err });
        return "not-now";
      }
    }
  }

  /** Those that are ready go on when they have all that cannot be made anew; the others are ended. */
  async #reconcile(taken: readonly LiveSandbox[]): Promise<void> {
    if (taken.length === 0) return;
    const found = await Promise.all(taken.map(({ record }) => this.#revive(record.id)));
    const clusters = await presentClusters(this.#options.parts);
    await Promise.all(
      taken.map(async (sandbox, index) => {
        const { id, state } = sandbox.record;
        if (state.phase === "stopping") sandbox.end();
        else if (state.phase !== "ready" || !clusters.has(id) || found[index] === "gone") sandbox.stop("orphaned");
        else await this.#rejoin(sandbox.record);
      }),
    );
  }

  async #rejoin(record: SandboxRecord): Promise<void> {
    const { journal, log, onStoreError: onError } = this.#options;
    await persist(() => journal.rejoin(record), { onError, patienceMs: () => this.#patienceMs() });
    log("sandbox adopted", { sandbox: record.id });
  }

  #newRecord(request: SandboxCreate): SandboxRecord {
    const { limits, now, workstation, socketPathOf } = this.#options;
    const createdAt = now();
    const id = uuidv7();
    return {
      id,
      userId: request.user.id,
      userKind: request.user.kind,
      address: request.address,
      lesson: request.lesson,
      driver: this.#driverFor(request),
      workstation,
      createdAt,
      uidIndex: this.#freeUidIndex(),
      socketPath: socketPathOf(id),
      terminal: request.terminal,
      lifetime: { idleMs: limits.idleMs, lifetimeMs: limits.lifetimeMs },
      state: { phase: "queued", since: createdAt.toISOString(), position: 1 },
      lastActiveAt: createdAt,
      terminals: [FIRST_TERMINAL],
      savedAt: undefined,
      unsaved: false,
      verdicts: [],
      passed: new Set(),
    };
  }

  /** Clusters that are the machine's own are never for somebody nobody knows. @throws SandboxError `driver-refused` */
  #driverFor({ user, driver }: SandboxCreate): Driver {
    const { drivers } = this.#options;
    const guest = user.kind === "guest";
    if (driver === "kind" && guest) throw new SandboxError("driver-refused", "guests get no kind clusters");
    const chosen = driver ?? drivers.find((one) => one !== "kind" || !guest) ?? "simulated";
    if (!drivers.includes(chosen)) throw new SandboxError("driver-unavailable", chosen);
    return chosen;
  }

  #freeUidIndex(): number {
    const taken = new Set(this.#all().map(({ record }) => record.uidIndex));
    let index = 0;
    while (taken.has(index)) index++;
    return index;
  }

  #add(record: SandboxRecord, content: StartWith | undefined): LiveSandbox {
    const sandbox = new LiveSandbox(record, content, {
      ...this.#options,
      onGone: (gone) => this.#forget(gone),
      patienceMs: () => this.#patienceMs(),
    });
    this.#live.set(record.id, sandbox);
    return sandbox;
  }

  /** While it closes, somebody waits. */
  #patienceMs(): number {
    return this.#closing ? LAST_PATIENCE_MS : Infinity;
  }

  #forget({ record }: LiveSandbox): void {
    this.#live.delete(record.id);
    this.#down.delete(record.id);
    this.#freed = [...this.#freed, this.#options.now().getTime()].slice(-FREED_KEPT);
    this.#placeInQueue();
  }

  /** Lets in those for whom there is room now and tells the others where they stand. */
  #placeInQueue(): void {
    const { limits } = this.#options;
    const all = this.#all();
    const waiting = all.filter((sandbox) => this.#held(sandbox).phase === "queued");
    const free = this.#closing
      ? 0
      : startable(
          all.map((sandbox) => this.#held(sandbox)),
          limits,
        );
    for (const sandbox of waiting.slice(0, free)) sandbox.begin();
    const left = waiting.slice(free);
    const expected = expectedStarts(left.length, this.#queueSigns());
    for (const [index, sandbox] of left.entries()) sandbox.queueAt(index + 1, expected[index]);
  }

  #held({ phase, record: { id, driver } }: LiveSandbox): { phase: SandboxPhase; driver: Driver } {
    return { phase: this.#admitted.has(id) ? "starting" : phase, driver };
  }

  #queueSigns(): QueueSigns {
    const ends = this.#all().flatMap(({ record }) => endOf(record)?.at ?? []);
    return { ends: ends.map((at) => Date.parse(at)), freed: this.#freed, now: this.#options.now().getTime() };
  }

  #get(sandboxId: string): LiveSandbox {
    const sandbox = this.#live.get(sandboxId);
    if (!sandbox) throw new SandboxError("sandbox-not-found");
    return sandbox;
  }

  #all(): LiveSandbox[] {
    return [...this.#live.values()];
  }
}
