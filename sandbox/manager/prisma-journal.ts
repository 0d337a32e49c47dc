import { v7 as uuidv7 } from "uuid";
import { Prisma, type Journal, type PrismaClient } from "@/prisma/generated/client/client";
import { journalKindSchema, type JournalEntry } from "./journal/entry";
import type { ExportedEntry, JournalStore } from "./journal/store";
import type { SandboxRecord } from "./sandbox-record";
import { ManagerFenced } from "./store";

/** The journal table. `owner` says who this manager is: who owns a sandbox no more writes no more about it. */
export class PrismaJournal implements JournalStore {
  readonly #prisma: PrismaClient;
  readonly #owner: () => { managerId: string; managerEpoch: number };

  constructor(prisma: PrismaClient, owner: () => { managerId: string; managerEpoch: number }) {
    this.#prisma = prisma;
    this.#owner = owner;
  }

  /** Few statements of its own making: it is what the manager does most. */
  async appendJournal({ id }: SandboxRecord, entries: readonly JournalEntry[]): Promise<void> {
    const { managerId, managerEpoch } = this.#owner();
    const owned = Prisma.sql`exists (select 1 from sandboxes where id = ${id}::uuid
      and manager_id = ${managerId}::uuid and manager_epoch = ${managerEpoch})`;
    const insert = this.#prisma.$executeRaw`
      insert into journal (id, sandbox_id, sequence, kind, part, format, whole, mark, data)
      select new.id, ${id}::uuid, new.sequence, new.kind, new.part, new.format, new.whole, new.mark, new.data
      from (values ${Prisma.join(entries.map(rowOf))})
        as new (id, sequence, kind, part, format, whole, mark, data)
      where ${owned}
      -- An earlier attempt may have been stored although the answer never came.
      on conflict (sandbox_id, sequence) do update set kind = excluded.kind, part = excluded.part,
        format = excluded.format, whole = excluded.whole, mark = excluded.mark, data = excluded.data`;
    const replaced = entries
      .filter(({ whole }) => whole)
      .map(
        ({ kind, part, sequence }) => this.#prisma.$executeRaw`
        delete from journal where sandbox_id = ${id}::uuid and kind = ${kind} and part = ${part} and mark is null
          and sequence < ${sequence} and ${owned}`,
      );
    const counts = replaced.length === 0 ? [await insert] : await this.#prisma.$transaction([...replaced, insert]);
    if (counts.at(-1) !== 0) return;
    // Its user may have been deleted, and it with them.
    if ((await this.#prisma.sandbox.count({ where: { id } })) > 0) throw new ManagerFenced(`the journal of ${id}`);
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

function rowOf({ sequence, kind, part, format, whole, mark, data }: JournalEntry): Prisma.Sql {
  return Prisma.sql`(${uuidv7()}::uuid, ${sequence}::bigint, ${kind}::text, ${part}::text, ${format}::int,
    ${whole}::boolean, ${mark ?? null}::text, ${Uint8Array.from(data)}::bytea)`;
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
