import { hostname } from "node:os";
import { z } from "zod";
import { databaseAdapter } from "@/prisma/adapter";
import { PrismaClient, type Prisma, type Sandbox, type Verdict } from "@/prisma/generated/client/client";
import { checkMessageSchema } from "../protocol/check-messages";
import {
  driverSchema,
  sandboxStateSchema,
  terminalNameSchema,
  type SandboxState,
  type SandboxView,
} from "../protocol/sandbox-view";
import { terminalSizeSchema } from "../protocol/terminal-host-api";
import type { VerdictEvent } from "../protocol/verdict";
import { PROTOCOL } from "../protocol/version";
import { endOf } from "./lifetime";
import type { JournalStore } from "./journal/store";
import { PrismaJournal } from "./prisma-journal";
import { FIRST_TERMINAL, type SandboxRecord } from "./sandbox-record";
import { LEASE_MS, ManagerFenced, type AuditEntry, type ManagerStore, type NewVerdict } from "./store";

const CONNECTIONS = 5;

const workstationSchema = z.enum(["oci", "host"]);

/** What only the manager needs to know of a sandbox, in `Sandbox.detail`. */
const detailSchema = z.object({
  format: z.literal(1),
  userKind: z.enum(["guest", "account"]),
  uidIndex: z.number().int().nonnegative(),
  socketPath: z.string(),
  terminal: terminalSizeSchema,
  /** Rows of the first version have none. */
  lifetime: z
    .object({ idleMs: z.number(), lifetimeMs: z.number() })
    .default({ idleMs: 3_600_000, lifetimeMs: 28_800_000 }),
  terminals: z.array(terminalNameSchema).min(1).default([FIRST_TERMINAL]),
  savedAt: z.iso.datetime().nullable().default(null),
  /** Rows of a manager that did not know of it have none: then whatever was ever ready may be. */
  unsaved: z.boolean().optional(),
  /** What of its state has no column: position, steps done. */
  state: z.record(z.string(), z.unknown()),
});

/** The manager's tables, through its own database role. */
export class PrismaStore implements ManagerStore {
  readonly #prisma: PrismaClient;
  readonly #instance: string;
  readonly #place: string;
  readonly journal: JournalStore;
  #self: { managerId: string; managerEpoch: number } | undefined;

  /** `place` names the machine and folder where this manager's sandboxes run. */
  constructor(databaseUrl: string, instance: string, place: string) {
    this.#prisma = new PrismaClient({ adapter: databaseAdapter(databaseUrl, CONNECTIONS) });
    this.#instance = instance;
    this.#place = place;
    this.journal = new PrismaJournal(this.#prisma, () => this.#me());
  }

  async open(): Promise<{ unfinished: SandboxRecord[] }> {
    const instanceId = this.#instance;
    const last = await this.#prisma.manager.aggregate({ where: { instanceId }, _max: { epoch: true } });
    const epoch = (last._max.epoch ?? 0) + 1;
    const manager = await this.#prisma.manager.create({
      data: { instanceId, hostname: hostname(), place: this.#place, protocol: PROTOCOL, epoch },
      select: { id: true },
    });
    this.#self = { managerId: manager.id, managerEpoch: epoch };
    await this.#prisma.manager.updateMany({
      where: { instanceId, place: this.#place, id: { not: manager.id }, stoppedAt: null },
      data: { stoppedAt: new Date() },
    });
    return { unfinished: await this.takeOver() };
  }

  async heartbeat(): Promise<void> {
    const { managerId, managerEpoch } = this.#me();
    // One statement, so that a lease that has been taken over cannot be renewed.
    const renewed = await this.#prisma.$executeRaw`
      update managers set heartbeat_at = now() where id = ${managerId}::uuid and stopped_at is null`;
    if (renewed === 0) throw new ManagerFenced(`epoch ${managerEpoch}`);
  }

  async takeOver(): Promise<SandboxRecord[]> {
    const { managerId, managerEpoch } = this.#me();
    // Whose lease has run out is fenced before its sandboxes are taken; all by the database's clock.
    await this.#prisma.$executeRaw`
      update managers set stopped_at = now() where instance_id = ${this.#instance} and stopped_at is null
        and heartbeat_at < now() - make_interval(secs => ${LEASE_MS / 1000})`;
    // Of two that come at once, the second finds that the rows have a living owner.
    const taken = await this.#prisma.$queryRaw<{ id: string }[]>`
      update sandboxes set manager_id = ${managerId}::uuid, manager_epoch = ${managerEpoch}
      where phase <> 'stopped' and manager_id in (
        select id from managers where instance_id = ${this.#instance} and stopped_at is not null)
      returning id`;
    if (taken.length === 0) return [];
    const rows = await this.#prisma.sandbox.findMany({
      where: { id: { in: taken.map(({ id }) => id) } },
      orderBy: { createdAt: "asc" },
    });
    return Promise.all(rows.map((row) => this.#recordOf(row)));
  }

  async unfinished(forMs: number): Promise<SandboxRecord[]> {
    const rows = await this.#prisma.sandbox.findMany({
      where: { ...this.#me(), phase: { not: "stopped" }, phaseSince: { lt: new Date(Date.now() - forMs) } },
    });
    return Promise.all(rows.map((row) => this.#recordOf(row)));
  }

  async insertSandbox(record: SandboxRecord): Promise<void> {
    const { id, userId, lesson, driver, workstation, address, createdAt } = record;
    await this.#prisma.sandbox.create({
      data: {
        id,
        userId,
        lessonId: lesson.lessonId,
        revision: lesson.revision,
        driver,
        workstation,
        address,
        createdAt,
        ...this.#me(),
        ...columnsOf(record),
      },
      select: { id: true },
    });
  }

  async saveSandbox(record: SandboxRecord): Promise<void> {
    const { count } = await this.#prisma.sandbox.updateMany({
      where: { id: record.id, ...this.#me() },
      data: columnsOf(record),
    });
    if (count === 1) return;
    // Its user may have been deleted, and it with them; else somebody else owns it now.
    const owned = await this.#prisma.sandbox.findUnique({ where: { id: record.id }, select: { managerEpoch: true } });
    if (owned) throw new ManagerFenced(`sandbox ${record.id} is of epoch ${owned.managerEpoch}`);
  }

  async findSandbox(id: string): Promise<SandboxView | undefined> {
    if (!z.uuid().safeParse(id).success) return undefined;
    const row = await this.#prisma.sandbox.findFirst({ where: { id, manager: { instanceId: this.#instance } } });
    return row ? storedView(row) : undefined;
  }

  async listSandboxes({ userId, limit }: { userId?: string; limit: number }): Promise<SandboxView[]> {
    const rows = await this.#prisma.sandbox.findMany({
      where: { userId, manager: { instanceId: this.#instance } },
      // Of two made in the same millisecond the later id comes first, as ids are in the order of time.
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: limit,
    });
    return rows.map(storedView);
  }

  async insertVerdict(record: SandboxRecord, { taskId, passed, message }: NewVerdict): Promise<VerdictEvent> {
    const row = await this.#prisma.verdict.create({
      data: {
        sandboxId: record.id,
        userId: record.userId,
        lessonId: record.lesson.lessonId,
        revision: record.lesson.revision,
        taskId,
        passed,
        code: message?.code,
        params: message?.params ?? {},
      },
    });
    return verdictOf(row);
  }

  async verdictsAfter(sequence: number, limit: number): Promise<VerdictEvent[]> {
    const rows = await this.#prisma.verdict.findMany({
      where: { sequence: { gt: sequence } },
      orderBy: { sequence: "asc" },
      take: limit,
    });
    return rows.map(verdictOf);
  }

  async forgetOld(): Promise<number> {
    const results = await this.#prisma.$transaction([
      this.#prisma.journal.deleteMany({ where: { sandbox: { phase: "stopped", stoppedAt: { lt: daysAgo(30) } } } }),
      this.#prisma.sandbox.deleteMany({ where: { phase: "stopped", stoppedAt: { lt: daysAgo(90) } } }),
      this.#prisma.manager.deleteMany({ where: { heartbeatAt: { lt: daysAgo(30) }, sandboxes: { none: {} } } }),
    ]);
    return results.reduce((sum, { count }) => sum + count, 0);
  }

  async audit({ action, sandboxId, actorId, address, detail = {} }: AuditEntry): Promise<void> {
    // Many rows, because to create one asks to read it back, and the manager may only append here.
    await this.#prisma.auditEvent.createMany({
      data: [{ action, subject: "sandbox", subjectId: sandboxId, actorId, address, detail: { ...detail } }],
    });
  }

  async close(sandboxes: "keep" | "end"): Promise<void> {
    if (this.#self && sandboxes === "keep") await this.heartbeat();
    else if (this.#self) {
      await this.#prisma.manager.update({ where: { id: this.#self.managerId }, data: { stoppedAt: new Date() } });
    }
    await this.#prisma.$disconnect();
  }

  #me(): { managerId: string; managerEpoch: number } {
    if (!this.#self) throw new Error("the store has not been opened");
    return this.#self;
  }

  async #recordOf(row: Sandbox): Promise<SandboxRecord> {
    const detail = detailSchema.parse(row.detail);
    const { workstation, driver, userId, id, createdAt } = row;
    return {
      id,
      userId,
      userKind: detail.userKind,
      address: row.address ?? "",
      lesson: { lessonId: row.lessonId, revision: row.revision },
      driver: driverSchema.parse(driver),
      workstation: workstationSchema.parse(workstation),
      createdAt,
      uidIndex: detail.uidIndex,
      socketPath: detail.socketPath,
      terminal: detail.terminal,
      lifetime: detail.lifetime,
      state: stateOf(row),
      lastActiveAt: row.activeAt,
      terminals: detail.terminals,
      savedAt: detail.savedAt === null ? undefined : new Date(detail.savedAt),
      unsaved: detail.unsaved ?? row.readyAt !== null,
      verdicts: [],
      passed: await this.#passedTasks(id),
    };
  }

  async #passedTasks(sandboxId: string): Promise<Set<string>> {
    const rows = await this.#prisma.verdict.findMany({
      where: { sandboxId },
      orderBy: { sequence: "asc" },
      select: { taskId: true, passed: true },
    });
    const passed = new Set<string>();
    for (const row of rows) {
      if (row.passed) passed.add(row.taskId);
      else passed.delete(row.taskId);
    }
    return passed;
  }
}

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * 86_400_000);
}

function columnsOf(record: SandboxRecord) {
  const { state, userKind, uidIndex, socketPath, terminal, lifetime, terminals, savedAt, unsaved } = record;
  const since = new Date(state.since);
  const ending = state.phase === "stopping" || state.phase === "stopped" ? state : undefined;
  return {
    phase: state.phase,
    phaseSince: since,
    step: state.phase === "starting" ? state.step : null,
    reason: ending?.reason ?? null,
    cause: ending?.cause ?? null,
    activeAt: record.lastActiveAt,
    detail: {
      format: 1,
      userKind,
      uidIndex,
      socketPath,
      terminal: { ...terminal },
      lifetime: { ...lifetime },
      terminals: [...terminals],
      savedAt: savedAt?.toISOString() ?? null,
      unsaved,
      state: { ...state },
    },
    ...(state.phase === "ready" && { readyAt: since }),
    ...(state.phase === "stopped" && { stoppedAt: since }),
  } satisfies Prisma.SandboxUncheckedUpdateManyInput;
}

/** Columns win over the copy in `detail`, which only fills in what has no column. */
function stateOf(row: Sandbox): SandboxState {
  const { state } = detailSchema.parse(row.detail);
  return sandboxStateSchema.parse({
    ...state,
    phase: row.phase,
    since: row.phaseSince.toISOString(),
    ...(row.step !== null && { step: row.step }),
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.cause !== null && { cause: row.cause }),
  });
}

function storedView(row: Sandbox): SandboxView {
  const state = stateOf(row);
  const { lifetime, terminals, savedAt } = detailSchema.parse(row.detail);
  const end = endOf({ state, lifetime, createdAt: row.createdAt, lastActiveAt: row.activeAt });
  return {
    id: row.id,
    userId: row.userId,
    lesson: { lessonId: row.lessonId, revision: row.revision },
    driver: driverSchema.parse(row.driver),
    workstation: workstationSchema.parse(row.workstation),
    state,
    createdAt: row.createdAt.toISOString(),
    lastActiveAt: row.activeAt.toISOString(),
    end: end ?? null,
    terminals,
    savedAt,
  };
}

function verdictOf(row: Verdict): VerdictEvent {
  const { id, sandboxId, userId, lessonId, revision, taskId, passed } = row;
  return {
    id,
    sequence: Number(row.sequence),
    at: row.createdAt.toISOString(),
    sandboxId,
    userId,
    lessonId,
    revision,
    taskId,
    passed,
    message: row.code === null ? null : checkMessageSchema.parse({ code: row.code, params: row.params }),
  };
}
