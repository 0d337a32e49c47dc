import { v7 as uuidv7 } from "uuid";
import { SandboxError, type StartStep, type StopReason } from "../protocol/codes";
import type { SandboxCreate } from "../protocol/manager-api";
import type { SandboxEvent as PushedEvent } from "../protocol/sandbox-events";
import type { SandboxView } from "../protocol/sandbox-view";
import type { ClusterDriverEvent } from "../cluster/cluster";
import { admission } from "./admission";
import type { SandboxLimits } from "./config";
import { bringUp, ensureShell, StartFailure, tearDown, type SandboxContent, type SandboxParts } from "./sandbox-life";
import { viewOf, type SandboxRecord } from "./sandbox-record";
import { advance, isActive, overdue, type SandboxEvent } from "./sandbox-state";
import type { ManagerStore } from "./store";
import { removeStrays } from "./strays";
import type { VerdictLog } from "./verdict-log";

export interface SandboxesOptions {
  readonly parts: SandboxParts;
  readonly store: ManagerStore;
  readonly verdicts: VerdictLog;
  readonly limits: SandboxLimits;
  readonly workstation: "oci" | "host";
  /** Where a sandbox's API socket lies: in a folder of its own. */
  readonly socketPathOf: (sandboxId: string) => string;
  readonly now: () => Date;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Something could not be stored. */
  readonly onStoreError: (error: unknown) => void;
}

interface Entry {
  readonly record: SandboxRecord;
  /** Kept until it has started; a sandbox that was taken over has none. */
  content: SandboxContent | undefined;
  readonly abort: AbortController;
  starting: Promise<void>;
  stopping: Promise<void> | undefined;
  /** Active since it was last saved. */
  touched: boolean;
  /** Writes about one sandbox go one after the other. */
  saving: Promise<void>;
  readonly listeners: Set<(event: PushedEvent) => void>;
}

/** How long a stop waits for a start that does not notice it was called off. */
const ABANDON_START_MS = 15_000;

/** All sandboxes of this installation that have not stopped, and everything that moves them on. */
export class Sandboxes {
  readonly #options: SandboxesOptions;
  readonly #entries = new Map<string, Entry>();
  #closing = false;

  constructor(options: SandboxesOptions) {
    this.#options = options;
  }

  /**
   * The sandbox that the user has for this lesson, or a new one. One for another lesson gives way to it.
   * @throws SandboxError `guest-refused`, `address-limit`, `queue-full`
   */
  async createOrGet(request: SandboxCreate): Promise<{ view: SandboxView; created: boolean }> {
    if (this.#closing) throw new SandboxError("driver-unavailable", "shutting down");
    if (this.#options.workstation === "host" && request.user.kind === "guest") throw new SandboxError("guest-refused");
    const own = [...this.#entries.values()].filter(
      ({ record }) => record.userId === request.user.id && isActive(record.state),
    );
    const same = own.find(({ record }) => record.lesson.lessonId === request.lesson.lessonId);
    if (same) {
      await same.saving;
      return { view: viewOf(same.record), created: false };
    }
    const others = [...this.#entries.values()].filter((entry) => !own.includes(entry)).map(({ record }) => record);
    const verdict = admission(
      others.map(({ address, state }) => ({ address, phase: state.phase })),
      request.address,
      this.#options.limits,
    );
    if (verdict === "address-limit" || verdict === "queue-full") throw new SandboxError(verdict);
    // Before anything is awaited, so that a second request at the same time finds it.
    const entry = this.#add(this.#newRecord(request), request);
    for (const { record } of own) this.stop(record.id, "replaced");
    try {
      await this.#options.store.insertSandbox(entry.record);
    } catch (error) {
      this.#entries.delete(entry.record.id);
      throw error;
    }
    this.#audit(entry, "sandbox.create");
    if (verdict === "start") this.#begin(entry);
    else this.#placeInQueue();
    return { view: viewOf(entry.record), created: true };
  }

  /**
   * Takes over what an earlier manager left: ready ones go on when all their parts are there, the others are ended.
   * Starts the cluster driver, once it is known whose events are to come.
   */
  async adopt(records: readonly SandboxRecord[]): Promise<void> {
    const { parts } = this.#options;
    const entries = records.map((record) => this.#add(record, undefined));
    await parts.clusters.start();
    const clusters = new Set((await parts.clusters.list()).map(({ sandboxId }) => sandboxId));
    const running = (await parts.workstation.list()).filter(({ phase }) => phase === "running");
    const workstations = new Set(running.map(({ sandboxId }) => sandboxId));
    for (const entry of entries) {
      const { record } = entry;
      const whole = clusters.has(record.id) && workstations.has(record.id);
      if (record.state.phase === "ready" && whole) this.#options.log("sandbox adopted", { sandbox: record.id });
      else if (record.state.phase === "stopping") this.#end(entry);
      else this.stop(record.id, "orphaned");
    }
    await removeStrays(parts, clusters, (sandboxId) => this.#entries.has(sandboxId), this.#options.log);
  }

  find(sandboxId: string): SandboxRecord | undefined {
    return this.#entries.get(sandboxId)?.record;
  }

  views(): SandboxView[] {
    return [...this.#entries.values()].map(({ record }) => viewOf(record));
  }

  /** Harmless when it is stopping already. @throws SandboxError `sandbox-not-found` */
  stop(sandboxId: string, reason: StopReason, options: { cause?: string; actorId?: string } = {}): SandboxView {
    const entry = this.#entries.get(sandboxId);
    if (!entry) throw new SandboxError("sandbox-not-found");
    if (this.#apply(entry, { type: "stop", reason, cause: options.cause })) {
      this.#options.log("sandbox stopping", { sandbox: sandboxId, reason, cause: options.cause });
      this.#audit(entry, "sandbox.stop", { reason }, options.actorId);
      this.#end(entry);
    }
    return viewOf(entry.record);
  }

  /** A shell for a viewer that is about to attach. @throws SandboxError `sandbox-not-ready` */
  async openShell(record: SandboxRecord): Promise<void> {
    if (record.state.phase !== "ready") throw new SandboxError("sandbox-not-ready", record.state.phase);
    await ensureShell(this.#options.parts, record);
  }

  /** Tells how the sandbox stands, then every change. The last event is its `stopped`. */
  watch(sandboxId: string, listener: (event: PushedEvent) => void): () => void {
    const entry = this.#entries.get(sandboxId);
    if (!entry) throw new SandboxError("sandbox-not-found");
    listener({ type: "sandbox", sandbox: viewOf(entry.record) });
    listener({ type: "verdicts", verdicts: [...entry.record.verdicts] });
    entry.listeners.add(listener);
    return () => void entry.listeners.delete(listener);
  }

  onClusterEvent(event: ClusterDriverEvent): void {
    const entry = this.#entries.get(event.sandboxId);
    if (!entry) return;
    const { record } = entry;
    switch (event.type) {
      case "activity":
        this.#touch(entry, event.at);
        return;
      case "verdicts":
        record.verdicts = event.verdicts;
        this.#publish(entry, { type: "verdicts", verdicts: event.verdicts });
        this.#options.verdicts.note(record, event.verdicts);
        return;
      case "lost":
        if (isActive(record.state)) this.stop(record.id, "cluster-lost");
    }
  }

  /** Moves on what time moves: deadlines, idleness, the longest life, parts that have vanished. */
  async tick(): Promise<void> {
    const { parts, limits, now } = this.#options;
    const [terminals, workstations] = await Promise.all([parts.terminals.list(), parts.workstation.list()]);
    const lastInput = new Map(terminals.map(({ id, lastInputAt }) => [id.split(".")[0], lastInputAt]));
    const running = new Set(workstations.filter(({ phase }) => phase === "running").map(({ sandboxId }) => sandboxId));
    const time = now();
    for (const entry of [...this.#entries.values()]) {
      const { record } = entry;
      const typedAt = lastInput.get(record.id);
      if (typedAt) this.#touch(entry, typedAt);
      const due = overdue(record.state, time);
      if (due?.type === "stop") this.stop(record.id, due.reason, { cause: due.cause });
      else if (due) this.#finish(entry);
      if (record.state.phase !== "ready") continue;
      if (time.getTime() - record.createdAt.getTime() > limits.lifetimeMs) this.stop(record.id, "lifetime");
      else if (time.getTime() - record.lastActiveAt.getTime() > limits.idleMs) this.stop(record.id, "idle");
      // One that has just become ready may be missing from a list asked for before.
      else if (!running.has(record.id) && time.getTime() - Date.parse(record.state.since) > 5_000) {
        this.stop(record.id, "workstation-lost");
      } else if (entry.touched) this.#save(entry);
    }
  }

  /** `end` stops all with `shutdown`; `keep` leaves those that are ready to the next manager. */
  async close(sandboxes: "keep" | "end"): Promise<void> {
    this.#closing = true;
    for (const entry of [...this.#entries.values()]) {
      if (sandboxes === "end" || entry.record.state.phase !== "ready") this.stop(entry.record.id, "shutdown");
    }
    await Promise.all([...this.#entries.values()].map((entry) => entry.stopping ?? Promise.resolve()));
    await Promise.all([...this.#entries.values()].map((entry) => entry.saving));
    await this.#options.verdicts.flush();
  }

  #newRecord(request: SandboxCreate): SandboxRecord {
    const now = this.#options.now();
    const id = uuidv7();
    return {
      id,
      userId: request.user.id,
      userKind: request.user.kind,
      address: request.address,
      lesson: request.lesson,
      driver: request.driver,
      workstation: this.#options.workstation,
      createdAt: now,
      uidIndex: this.#freeUidIndex(),
      socketPath: this.#options.socketPathOf(id),
      terminal: request.terminal,
      state: { phase: "queued", since: now.toISOString(), position: 1 },
      lastActiveAt: now,
      verdicts: [],
      passed: new Set(),
    };
  }

  #freeUidIndex(): number {
    const taken = new Set([...this.#entries.values()].map(({ record }) => record.uidIndex));
    let index = 0;
    while (taken.has(index)) index++;
    return index;
  }

  #add(record: SandboxRecord, content: SandboxContent | undefined): Entry {
    const entry: Entry = {
      record,
      content,
      abort: new AbortController(),
      starting: Promise.resolve(),
      stopping: undefined,
      touched: false,
      saving: Promise.resolve(),
      listeners: new Set(),
    };
    this.#entries.set(record.id, entry);
    return entry;
  }

  #begin(entry: Entry): void {
    if (!this.#apply(entry, { type: "admitted" })) return;
    entry.starting = this.#start(entry);
  }

  async #start(entry: Entry): Promise<void> {
    const { record, content, abort } = entry;
    if (!content) return;
    const began = this.#options.now().getTime();
    try {
      const onStep = (step: StartStep, done: readonly StartStep[]): void =>
        void this.#apply(entry, { type: "step", step, done });
      await bringUp(this.#options.parts, record, content, onStep, abort.signal);
      entry.content = undefined;
      if (!this.#apply(entry, { type: "ready" })) return;
      this.#options.log("sandbox ready", { sandbox: record.id, ms: this.#options.now().getTime() - began });
      this.#audit(entry, "sandbox.ready");
    } catch (error) {
      if (abort.signal.aborted) return;
      const reason = error instanceof StartFailure ? error.reason : "start-timeout";
      this.#options.log("sandbox does not start", { sandbox: record.id, reason, err: error });
      this.stop(record.id, reason, { cause: error instanceof Error ? error.message : String(error) });
    }
  }

  #end(entry: Entry): void {
    entry.abort.abort();
    entry.stopping ??= this.#takeDown(entry);
  }

  async #takeDown(entry: Entry): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, ABANDON_START_MS)));
    await Promise.race([entry.starting, patience]);
    clearTimeout(timer);
    const faults = await tearDown(this.#options.parts, entry.record);
    for (const err of faults) this.#options.log("sandbox leaves something behind", { sandbox: entry.record.id, err });
    this.#finish(entry);
    await entry.saving;
  }

  #finish(entry: Entry): void {
    if (!this.#apply(entry, { type: "gone" })) return;
    // Until it is stored, only memory knows that it has stopped.
    void entry.saving.then(() => this.#entries.delete(entry.record.id));
    this.#options.log("sandbox stopped", { sandbox: entry.record.id });
    this.#audit(entry, "sandbox.stopped");
    this.#placeInQueue();
  }

  /** Lets in those for whom there is room now and tells the others where they stand. */
  #placeInQueue(): void {
    const entries = [...this.#entries.values()];
    let present = entries.filter(
      ({ record: { state } }) => state.phase !== "queued" && state.phase !== "stopped",
    ).length;
    let position = 0;
    for (const entry of entries.filter(({ record }) => record.state.phase === "queued")) {
      if (present < this.#options.limits.maxSandboxes && !this.#closing) {
        present++;
        this.#begin(entry);
      } else this.#apply(entry, { type: "queued-behind", position: ++position });
    }
  }

  /** The one place where a sandbox's state changes. False when the event came too late. */
  #apply(entry: Entry, event: SandboxEvent): boolean {
    const next = advance(entry.record.state, event, this.#options.now());
    if (!next) return false;
    entry.record.state = next;
    this.#publish(entry, { type: "sandbox", sandbox: viewOf(entry.record) });
    this.#save(entry);
    return true;
  }

  #publish(entry: Entry, event: PushedEvent): void {
    for (const listener of [...entry.listeners]) listener(event);
  }

  #touch(entry: Entry, at: string): void {
    if (Date.parse(at) <= entry.record.lastActiveAt.getTime()) return;
    entry.record.lastActiveAt = new Date(at);
    entry.touched = true;
  }

  #save(entry: Entry): void {
    entry.touched = false;
    const snapshot = { ...entry.record };
    entry.saving = entry.saving
      .then(() => this.#options.store.saveSandbox(snapshot))
      .catch((error: unknown) => this.#options.onStoreError(error));
  }

  #audit(
    entry: Entry,
    action: Parameters<ManagerStore["audit"]>[0]["action"],
    detail: Readonly<Record<string, string>> = {},
    actorId = entry.record.userId,
  ): void {
    const { id, address } = entry.record;
    this.#options.store
      .audit({ action, sandboxId: id, actorId, address, detail })
      .catch((error: unknown) => this.#options.onStoreError(error));
  }
}
