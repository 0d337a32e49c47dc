import type { SandboxRecord } from "../sandbox-record";
import type { JournalEntry } from "./entry";
import type { ExportedEntry, JournalStore } from "./store";

/** For tests: journals as the database keeps them. */
export class JournalInMemory implements JournalStore {
  readonly #lessons = new Map<string, JournalEntry[]>();
  /** Makes the next write fail. */
  fault: Error | undefined;

  of(record: SandboxRecord): JournalEntry[] {
    return this.#lessons.get(`${record.userId} ${record.lesson.lessonId}`) ?? [];
  }

  appendJournal(record: SandboxRecord, entries: readonly JournalEntry[]): Promise<void> {
    if (this.fault) {
      const { fault } = this;
      this.fault = undefined;
      return Promise.reject(fault);
    }
    const kept = this.of(record).filter(
      (old) =>
        old.mark !== undefined ||
        !entries.some(({ kind, part, whole }) => whole && kind === old.kind && part === old.part),
    );
    this.#put(record, [...kept, ...entries]);
    return Promise.resolve();
  }

  takeJournal(record: SandboxRecord): Promise<JournalEntry[]> {
    return Promise.resolve([...this.of(record)]);
  }

  journalHead(record: SandboxRecord): Promise<{ lastSequence: number; marks: string[] }> {
    const entries = this.of(record);
    const marks = new Set(entries.flatMap(({ mark }) => mark ?? []));
    return Promise.resolve({ lastSequence: entries.at(-1)?.sequence ?? 0, marks: [...marks] });
  }

  async *exportJournals(): AsyncIterable<ExportedEntry> {
    // Nobody asks for it where this is used.
  }

  eraseJournals(): Promise<number> {
    this.#lessons.clear();
    return Promise.resolve(0);
  }

  cutJournal(record: SandboxRecord, sequence: number | undefined): Promise<void> {
    const isKept = (entry: JournalEntry): boolean =>
      sequence !== undefined && (entry.kind === "terminal" || entry.sequence <= sequence);
    this.#put(record, this.of(record).filter(isKept));
    return Promise.resolve();
  }

  #put(record: SandboxRecord, entries: JournalEntry[]): void {
    this.#lessons.set(`${record.userId} ${record.lesson.lessonId}`, entries);
  }
}
