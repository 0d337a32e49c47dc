import type { TerminalName } from "../../protocol/sandbox-view";
import { HOME_FORMAT, saveHome } from "../../workstation/home-archive";
import type { HomeManifest } from "../../workstation/home-files";
import type { SandboxParts } from "../sandbox-life";
import { terminalIdOf, type SandboxRecord } from "../sandbox-record";
import type { JournalEntry, JournalKind, NewEntry } from "./entry";
import type { JournalStart } from "./restore-point";
import type { JournalStore } from "./store";
import { TERMINAL_FORMAT } from "./terminal-entry";

/** What to look at. A `mark` makes entries that stand alone, and stay. */
export interface Capture {
  readonly cluster: boolean;
  readonly home: boolean;
  /** Names of terminals. */
  readonly terminals: readonly TerminalName[];
  readonly mark?: string;
}

/** What was found to be new. */
export type Captured = Readonly<Record<"cluster" | "home", boolean>> & { readonly bytes: number };

/** A part that could not be read; `cause` says why. Whatever else is wrong is the store's. */
export class PartFault extends Error {
  override readonly name = "PartFault";
  readonly part: JournalKind;

  constructor(part: JournalKind, cause: unknown) {
    super(`the ${part}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.part = part;
  }
}

/** So many changes in a row, then one entry that stands alone takes their place. */
const LONGEST_CHAIN = { cluster: 40, home: 12, terminal: 40 } as const;

/** Writes the journal of one sandbox: only what changed since it was last asked. */
export class JournalKeeper {
  readonly record: SandboxRecord;
  readonly #parts: SandboxParts;
  readonly #store: JournalStore;
  readonly #marks: Set<string>;
  readonly #chains = new Map<string, number>();
  #sequence: number;
  #revision: string | undefined;
  #manifest: HomeManifest | undefined;
  /** Terminal → the offset up to which its output is stored. */
  readonly #stored = new Map<string, number>();
  #working: Promise<unknown> = Promise.resolve();

  constructor(record: SandboxRecord, start: JournalStart, parts: SandboxParts, store: JournalStore) {
    this.record = record;
    this.#parts = parts;
    this.#store = store;
    this.#sequence = start.lastSequence;
    this.#marks = new Set(start.marks);
  }

  hasMark(mark: string): boolean {
    return this.#marks.has(mark);
  }

  /**
   * One after the other. Rejects when something could not be read or stored; the next one then takes it again.
   * @throws PartFault, and what the store throws
   */
  capture(what: Capture): Promise<Captured> {
    const next = this.#working.catch(() => undefined).then(() => this.#capture(what));
    this.#working = next;
    return next;
  }

  async #capture(what: Capture): Promise<Captured> {
    const { id } = this.record;
    const whole = what.mark !== undefined;
    const [cluster, home, ...terminals] = await Promise.all([
      what.cluster
        ? reading("cluster", this.#parts.clusters.save(id, this.#goesOn("cluster", whole) ? this.#revision : undefined))
        : undefined,
      what.home
        ? reading(
            "home",
            saveHome(this.#parts.workstation, id, this.#goesOn("home", whole) ? this.#manifest : undefined),
          )
        : undefined,
      ...what.terminals.map((name) => reading("terminal", this.#newOutput(name))),
    ]);
    const entries: NewEntry[] = [];
    const { mark } = what;
    if (cluster) {
      const { format, whole, data } = cluster;
      entries.push({ kind: "cluster", part: "", format, whole, mark, data });
    }
    if (home) {
      entries.push({ kind: "home", part: "", format: HOME_FORMAT, whole: home.whole, mark, data: home.data });
    }
    for (const output of terminals) {
      if (!output || output.data.length === 0) continue;
      const { part, whole, data } = output;
      entries.push({ kind: "terminal", part, format: TERMINAL_FORMAT, whole, mark: undefined, data });
    }
    await this.#append(entries);
    if (cluster) this.#revision = cluster.revision;
    if (home) this.#manifest = home.manifest;
    for (const output of terminals) if (output) this.#stored.set(output.part, output.until);
    if (mark !== undefined) this.#marks.add(mark);
    const bytes = entries.reduce((sum, { data }) => sum + data.length, 0);
    return { cluster: cluster !== undefined, home: home !== undefined, bytes };
  }

  #goesOn(chain: "cluster" | "home", whole: boolean): boolean {
    return !whole && (this.#chains.get(`${chain}.`) ?? 0) < LONGEST_CHAIN[chain];
  }

  async #newOutput(
    name: TerminalName,
  ): Promise<{ part: string; whole: boolean; data: Uint8Array; until: number } | undefined> {
    const known = this.#stored.get(name);
    const goesOn = known !== undefined && (this.#chains.get(`terminal.${name}`) ?? 0) < LONGEST_CHAIN.terminal;
    const output = await this.#parts.terminals.output(terminalIdOf(this.record, name), goesOn ? known : 0);
    if (!output) return undefined;
    const data = output.bytes;
    return { part: name, whole: !goesOn || output.from !== known, data, until: output.from + data.length };
  }

  async #append(added: readonly NewEntry[]): Promise<void> {
    if (added.length === 0) return;
    const entries: JournalEntry[] = added.map((entry, index) => ({ ...entry, sequence: this.#sequence + 1 + index }));
    await this.#store.appendJournal(this.record, entries);
    this.#sequence += entries.length;
    for (const { kind, part, whole } of entries) {
      const chain = `${kind}.${part}`;
      this.#chains.set(chain, whole ? 0 : (this.#chains.get(chain) ?? 0) + 1);
    }
  }
}

function reading<T>(part: JournalKind, result: Promise<T>): Promise<T> {
  return result.catch((error: unknown) => {
    throw new PartFault(part, error);
  });
}
