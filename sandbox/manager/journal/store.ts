import type { SandboxRecord } from "../sandbox-record";
import type { JournalEntry } from "./entry";

export interface ExportedEntry extends JournalEntry {
  readonly sandboxId: string;
  readonly lessonId: string;
  readonly createdAt: Date;
}

/** Where journals are kept. */
export interface JournalStore {
  /**
   * All of them or none. One that stands alone replaces what there is of its kind and part, marks excepted.
   * @throws ManagerFenced
   */
  appendJournal(record: SandboxRecord, entries: readonly JournalEntry[]): Promise<void>;
  /**
   * Hands the journal of the user's last sandbox for this lesson on to `record`, and gives all of it, in order. Empty
   * when there is none.
   */
  takeJournal(record: SandboxRecord): Promise<JournalEntry[]>;
  /** Where the journal of a sandbox stands. */
  journalHead(record: SandboxRecord): Promise<{ lastSequence: number; marks: string[] }>;
  /** All there is of a user, sandbox by sandbox, in order: for them to keep. */
  exportJournals(userId: string): AsyncIterable<ExportedEntry>;
  /** Removes all there is of a user. Sandboxes that run go on, and are written down anew. */
  eraseJournals(userId: string): Promise<number>;
  /** Drops what is later than `sequence`, screens excepted; all of it when undefined. */
  cutJournal(record: SandboxRecord, sequence: number | undefined): Promise<void>;
}
