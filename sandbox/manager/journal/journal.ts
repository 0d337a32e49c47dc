import type { TerminalView } from "../../protocol/terminal-host-api";
import { inTurn } from "../in-turn";
import type { SandboxParts } from "../sandbox-life";
import type { SandboxRecord } from "../sandbox-record";
import { requireReadable } from "./formats";
import { JournalKeeper, type Capture } from "./keeper";
import { saveLast } from "./last-save";
import { marksIn, positionOf, restorePoint, type JournalStart } from "./restore-point";
import type { JournalStore } from "./store";

export interface JournalOptions {
  readonly parts: SandboxParts;
  readonly store: JournalStore;
  readonly now: () => Date;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  /** What was known to have changed is saved. */
  readonly onSaved: (sandboxId: string, at: Date) => void;
  /** How long a part of a sandbox that stops is tried to be read; five minutes if not given. */
  readonly partPatienceMs?: number;
}

/** One sandbox whose journal is kept: what may have changed, and when that is looked at next. */
interface Kept {
  readonly keeper: JournalKeeper;
  readonly due: { cluster: number | undefined; home: number | undefined; terminals: number | undefined };
  readonly seen: Map<string, { seq: number; lastInputAt: string | null }>;
  working: boolean;
  /** After much was written. */
  pausedUntil: number;
}

/** How long after the first sign of a change it is taken; what came until then comes with it. */
const AFTER_MS = { cluster: 1_000, home: 4_000, terminals: 1_000 } as const;
/** A cluster that changed goes on changing for a while by itself. */
const SETTLES_MS = 5_000;
/** A screen that floods, or a large file that changes all the time, is not written down more often than this. */
const FLOOD_BYTES = 64 * 1024;
const FLOOD_PAUSE_MS = 10_000;
const AFTER_FAULT_MS = 15_000;
const AT_ONCE = 4;
/** The rest waits for the next look: those who have waited longest come first. */
const MOST_IN_A_LOOK = 40;
const PART_PATIENCE_MS = 5 * 60_000;

/** The journals of all sandboxes that run here. It looks from time to time and never stands between key and shell. */
export class Journal {
  readonly #options: JournalOptions;
  readonly #kept = new Map<string, Kept>();
  #working = 0;
  #looking = false;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /**
   * Where a new sandbox goes on: at the end of the last one's journal, or at the first of `marks` that is in it, which
   * drops what came after; with none of them at the lesson's own start.
   * @throws SandboxError `restore-failed` when a later release wrote what it would go on from: nothing is dropped then
   */
  async begin(record: SandboxRecord, marks: readonly string[] | undefined): Promise<JournalStart> {
    const { store } = this.#options;
    const entries = await store.takeJournal(record);
    const lastSequence = entries.at(-1)?.sequence ?? 0;
    if (marks === undefined || marks.some((one) => marksIn(entries).includes(one)))
      requireReadable(entries, record.driver);
    if (marks === undefined) return { point: restorePoint(entries), lastSequence, marks: marksIn(entries) };
    const present = new Set(marksIn(entries));
    const mark = marks.find((one) => present.has(one));
    const position = mark === undefined ? undefined : positionOf(entries, mark);
    await store.cutJournal(record, position);
    if (mark === undefined || position === undefined) return { point: undefined, lastSequence, marks: [] };
    const left = entries.filter(({ sequence }) => sequence <= position);
    return { point: restorePoint(entries, mark), lastSequence, marks: marksIn(left) };
  }

  /** From now on its changes are written down; the first time all of it. */
  follow(record: SandboxRecord, start: JournalStart): void {
    this.#follow(new JournalKeeper(record, start, this.#options.parts, this.#options.store));
  }

  #follow(keeper: JournalKeeper): void {
    const now = this.#options.now().getTime();
    this.#kept.set(keeper.record.id, {
      keeper,
      due: { cluster: now, home: now, terminals: now },
      seen: new Map(),
      working: false,
      pausedUntil: 0,
    });
  }

  /** Goes on with the journal of a sandbox that was taken over: from now on, beginning with all of it. */
  async rejoin(record: SandboxRecord): Promise<void> {
    this.#follow(await this.#keeperOf(record));
  }

  /** One that goes on with what is stored, beginning with all of it. */
  async #keeperOf(record: SandboxRecord): Promise<JournalKeeper> {
    const { parts, store } = this.#options;
    return new JournalKeeper(record, { point: undefined, ...(await store.journalHead(record)) }, parts, store);
  }

  /** The learner wrote to the cluster. */
  noteWrite(sandboxId: string): void {
    const kept = this.#kept.get(sandboxId);
    if (kept) this.#expect(kept, "cluster");
  }

  /** Something was reached that the learner may want to come back to. */
  async mark(sandboxId: string, mark: string): Promise<void> {
    const kept = this.#kept.get(sandboxId);
    if (!kept || kept.keeper.hasMark(mark)) return;
    await this.#take(kept, { cluster: true, home: true, terminals: [], mark });
  }

  /** For how long what waits longest has been due. */
  lagMs(): number {
    const dues = [...this.#kept.values()].flatMap(({ due }) => Object.values(due));
    const first = Math.min(...dues.flatMap((at) => at ?? []));
    return Number.isFinite(first) ? Math.max(0, this.#options.now().getTime() - first) : 0;
  }

  /** Takes what is due. To be called about once a second; a call that comes before the last one is done does nothing. */
  async tick(): Promise<void> {
    if (this.#looking || this.#kept.size === 0) return;
    this.#looking = true;
    try {
      for (const view of await this.#options.parts.terminals.list()) this.#look(view);
      await this.#takeAllDue();
    } finally {
      this.#looking = false;
    }
  }

  /**
   * The last time, for a sandbox that stops, whoever followed it until now: resolves when all there is of it is stored,
   * or with false when `patienceMs` is over or somebody else owns it. Its journal is kept no longer.
   */
  async finish(record: SandboxRecord, patienceMs: () => number): Promise<boolean> {
    const { log, now, onSaved, partPatienceMs = PART_PATIENCE_MS } = this.#options;
    let keeper = this.#kept.get(record.id)?.keeper;
    this.#kept.delete(record.id);
    const whole = async (): Promise<JournalKeeper> => (keeper ??= await this.#keeperOf(record));
    const saved = await saveLast({ record, keeper: whole, log, patienceMs, partPatienceMs });
    if (saved) onSaved(record.id, now());
    return saved;
  }

  /** What happens to it from now on is not written down. */
  forget(sandboxId: string): void {
    this.#kept.delete(sandboxId);
  }

  async #takeAllDue(): Promise<void> {
    const now = this.#options.now().getTime();
    const isReady = ({ working, due, pausedUntil }: Kept): boolean =>
      !working && pausedUntil <= now && Object.values(due).some((at) => at !== undefined && at <= now);
    const dueSince = ({ due }: Kept): number => Math.min(...Object.values(due).flatMap((at) => at ?? []));
    const ready = [...this.#kept.values()].filter(isReady).sort((a, b) => dueSince(a) - dueSince(b));
    await inTurn(ready.slice(0, MOST_IN_A_LOOK), Math.max(1, AT_ONCE - this.#working), async (kept) => {
      if (this.#kept.get(kept.keeper.record.id) === kept) await this.#takeDue(kept, now);
    });
  }

  #look({ id, seq, lastInputAt }: TerminalView): void {
    const [sandboxId = "", name = ""] = id.split(".");
    const kept = this.#kept.get(sandboxId);
    if (!kept) return;
    const seen = kept.seen.get(name);
    kept.seen.set(name, { seq, lastInputAt });
    if (seen?.seq !== seq) this.#expect(kept, "terminals");
    // A command that still prints may still write.
    if (seen?.seq !== seq || seen.lastInputAt !== lastInputAt) this.#expect(kept, "home");
  }

  #expect(kept: Kept, what: keyof Kept["due"]): void {
    const at = this.#options.now().getTime() + AFTER_MS[what];
    kept.due[what] = Math.min(kept.due[what] ?? at, at);
  }

  async #takeDue(kept: Kept, now: number): Promise<void> {
    const { keeper, due } = kept;
    const isDue = (what: keyof Kept["due"]): boolean => {
      const at = due[what];
      if (at === undefined || at > now) return false;
      due[what] = undefined;
      return true;
    };
    const what: Capture = {
      cluster: isDue("cluster"),
      home: isDue("home"),
      terminals: isDue("terminals") ? keeper.record.terminals : [],
    };
    if (await this.#take(kept, what)) this.#options.onSaved(keeper.record.id, new Date(now));
  }

  /** Whether all of it was stored; a fault is told and tried again later. */
  async #take(kept: Kept, what: Capture): Promise<boolean> {
    const { keeper, due } = kept;
    const time = (): number => this.#options.now().getTime();
    kept.working = true;
    this.#working++;
    try {
      const { cluster, bytes } = await keeper.capture(what);
      if (cluster) due.cluster ??= time() + SETTLES_MS;
      if (bytes > FLOOD_BYTES) kept.pausedUntil = time() + FLOOD_PAUSE_MS;
      return true;
    } catch (err) {
      this.#options.log("journal not written", { sandbox: keeper.record.id, err });
      if (what.cluster) due.cluster ??= time() + AFTER_FAULT_MS;
      if (what.home) due.home ??= time() + AFTER_FAULT_MS;
      if (what.terminals.length > 0) due.terminals ??= time() + AFTER_FAULT_MS;
      return false;
    } finally {
      kept.working = false;
      this.#working--;
    }
  }
}
