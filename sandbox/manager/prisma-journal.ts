import type { Journal, PrismaClient } from "@/prisma/generated/client/client";
import { journalKindSchema, type JournalEntry } from "./journal/entry";
import type { ExportedEntry, JournalStore } from "./journal/store";
import type { SandboxRecord } from "./sandbox-record";
import { ManagerFenced } from "./store";

/** A home of many megabytes takes its time on a busy machine. */
const TRANSACTION = { maxWait: 10_000, timeout: 30_000 };

/** The journal table. `owner` says who this manager is: who owns a sandbox no more writes no more about it. */
export class PrismaJournal implements JournalStore {
  readonly #prisma: PrismaClient;
  readonly #owner: () => { managerId: string; managerEpoch: number };

  constructor(prisma: PrismaClient, owner: () => { managerId: string; managerEpoch: number }) {
    this.#prisma = prisma;
    this.#owner = owner;
  }

  async appendJournal({ id }: SandboxRecord, entries: readonly JournalEntry[]): Promise<void> {
    const owned = { id, ...this.#owner() };
    await this.#prisma.$transaction(async (tx) => {
      if ((await tx.sandbox.count({ where: owned })) === 0) {
        // Its user may have been deleted, and it with them.
        if ((await tx.sandbox.count({ where: { id } })) === 0) return;
        throw new ManagerFenced(`the journal of ${id}`);
      }
      // Of an earlier attempt that was stored although the answer never came.
      const [first] = entries;
      if (first) await tx.journal.deleteMany({ where: { sandboxId: id, sequence: { gte: first.sequence } } });
      for (const { kind, part, whole, sequence } of entries) {
        if (!whole) continue;
        await tx.journal.deleteMany({ where: { sandboxId: id, kind, part, mark: null, sequence: { lt: sequence } } });
      }
      await tx.journal.createMany({
        data: entries.map(({ sequence, kind, part, format, whole, mark, data }) => ({
          sandboxId: id,
          sequence,
          kind,
          part,
          format,
          whole,
          mark: mark ?? null,
          data: Uint8Array.from(data),
        })),
      });
    }, TRANSACTION);
  }

  async takeJournal({ id, userId, lesson, driver, workstation }: SandboxRecord): Promise<JournalEntry[]> {
    const last = await this.#prisma.sandbox.findFirst({
      where: { id: { not: id }, userId, lessonId: lesson.lessonId, driver, workstation, journal: { some: {} } },
      orderBy: { createdAt: "desc" },
      select: { id: true },
    });
    if (last) await this.#prisma.journal.updateMany({ where: { sandboxId: last.id }, data: { sandboxId: id } });
    const rows = await this.#prisma.journal.findMany({ where: { sandboxId: id }, orderBy: { sequence: "asc" } });
    return rows.map(entryOf);
  }

  async journalHead({ id: sandboxId }: SandboxRecord): Promise<{ lastSequence: number; marks: string[] }> {
    const rows = await this.#prisma.journal.findMany({
      where: { sandboxId },
      orderBy: { sequence: "asc" },
      select: { sequence: true, mark: true },
    });
    const marks = new Set(rows.flatMap(({ mark }) => mark ?? []));
    return { lastSequence: Number(rows.at(-1)?.sequence ?? 0), marks: [...marks] };
  }

  async *exportJournals(userId: string): AsyncIterable<ExportedEntry> {
    const keys = await this.#prisma.journal.findMany({
      where: { sandbox: { userId } },
      orderBy: [{ sandboxId: "asc" }, { sequence: "asc" }],
      select: { id: true },
    });
    // One at a time: a home may be large.
    for (const { id } of keys) {
      const row = await this.#prisma.journal.findUnique({
        where: { id },
        include: { sandbox: { select: { lessonId: true } } },
      });
      if (!row) continue;
      const { sandboxId, createdAt, sandbox } = row;
      yield { ...entryOf(row), sandboxId, createdAt, lessonId: sandbox.lessonId };
    }
  }

  async eraseJournals(userId: string): Promise<number> {
    const { count } = await this.#prisma.journal.deleteMany({ where: { sandbox: { userId } } });
    return count;
  }

  async cutJournal({ id }: SandboxRecord, sequence: number | undefined): Promise<void> {
    const later = sequence === undefined ? {} : { kind: { not: "terminal" }, sequence: { gt: sequence } };
    await this.#prisma.journal.deleteMany({ where: { sandboxId: id, ...later } });
  }
}

function entryOf({ sequence, kind, part, format, whole, mark, data }: Journal): JournalEntry {
  return {
    sequence: Number(sequence),
    kind: journalKindSchema.parse(kind),
    part,
    format,
    whole,
    mark: mark ?? undefined,
    data,
  };
}
