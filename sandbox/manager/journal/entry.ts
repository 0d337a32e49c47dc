import { z } from "zod";

export const journalKindSchema = z.enum(["cluster", "home", "terminal"]);
export type JournalKind = z.infer<typeof journalKindSchema>;

/** One thing that was saved of a sandbox. */
export interface JournalEntry {
  /** Their order within one sandbox's journal. */
  readonly sequence: number;
  readonly kind: JournalKind;
  /** Which terminal; empty for the others. */
  readonly part: string;
  /** The version of `data`, as its kind counts them. */
  readonly format: number;
  /** Whether it stands alone; else it is what changed since the one before of its kind and part. */
  readonly whole: boolean;
  /** The point of the lesson at which it was made: the task that had just been passed. Such entries stay. */
  readonly mark: string | undefined;
  readonly data: Uint8Array;
}

export type NewEntry = Omit<JournalEntry, "sequence">;
