import { expect, describe, it } from "vitest";
import type { VerdictEvent } from "../protocol/verdict";
import type { SandboxRecord } from "./sandbox-record";
import type { ManagerStore, NewVerdict } from "./store";
import { VerdictLog } from "./verdict-log";

/** A table in memory that answers late. */
class SlowTable implements Pick<ManagerStore, "insertVerdict" | "verdictsAfter"> {
  readonly rows: VerdictEvent[] = [];
  failNext = false;

  async insertVerdict(record: SandboxRecord, { taskId, passed }: NewVerdict): Promise<VerdictEvent> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failNext) {
      this.failNext = false;
      throw new Error("the database is gone");
    }
    const sequence = this.rows.length + 1;
    const row: VerdictEvent = {
      id: `0198a5f0-0000-7000-8000-${String(sequence).padStart(12, "0")}`,
      sequence,
      at: "2026-01-01T00:00:00.000Z",
      sandboxId: record.id,
      userId: record.userId,
      lessonId: "l",
      revision: "r",
      taskId,
      passed,
      message: null,
    };
    this.rows.push(row);
    return row;
  }

  async verdictsAfter(sequence: number, limit: number): Promise<VerdictEvent[]> {
    const page = this.rows.filter((row) => row.sequence > sequence).slice(0, limit);
    await new Promise((resolve) => setImmediate(resolve));
    return page;
  }
}

const verdict = (taskId: string, passed: boolean) => ({ taskId, passed, checks: [] });

function record(): SandboxRecord {
  const id = "0198a5f0-0000-7000-8000-00000000000b";
  return {
    id,
    userId: "0198a5f0-0000-7000-8000-00000000000a",
    userKind: "guest",
    address: "x",
    lesson: { lessonId: "l", revision: "r" },
    driver: "simulated",
    workstation: "oci",
    createdAt: new Date(0),
    uidIndex: 0,
    socketPath: "/x",
    terminal: { columns: 80, rows: 24 },
    lifetime: { idleMs: 60_000, lifetimeMs: 3_600_000 },
    state: { phase: "ready", since: "2026-01-01T00:00:00.000Z" },
    lastActiveAt: new Date(0),
    terminals: ["main"],
    savedAt: undefined,
    unsaved: false,
    verdicts: [],
    passed: new Set(),
  };
}

describe("the verdict log", () => {
  it("stores only what changes about a task's being done", async () => {
    const table = new SlowTable();
    const log = new VerdictLog(table, unexpected);
    const sandbox = record();
    log.note(sandbox, [verdict("a", false), verdict("b", false)]);
    log.note(sandbox, [verdict("a", true), verdict("b", false)]);
    log.note(sandbox, [verdict("a", true), verdict("b", true)]);
    log.note(sandbox, [verdict("a", false), verdict("b", true)]);
    await log.flush();
    expect(table.rows.map((row) => [row.taskId, row.passed])).toEqual([
      ["a", true],
      ["b", true],
      ["a", false],
    ]);
  });

  it("catches a reader up and goes on with it, each verdict once and in order", async () => {
    const table = new SlowTable();
    const log = new VerdictLog(table, unexpected);
    const sandbox = record();
    log.note(sandbox, [verdict("a", true), verdict("b", true)]);
    await log.flush();
    const seen: number[] = [];
    const reading = new AbortController();
    const read = log.read(1, (event) => seen.push(event.sequence), reading.signal);
    log.note(sandbox, [verdict("c", true)]);
    await log.flush();
    log.note(sandbox, [verdict("d", true)]);
    await expect.poll(() => seen).toEqual([2, 3, 4]);
    reading.abort();
    await read;
    log.note(sandbox, [verdict("e", true)]);
    await log.flush();
    expect(seen).toEqual([2, 3, 4]);
  });

  it("goes on after a verdict that could not be stored, and says so", async () => {
    const table = new SlowTable();
    const faults: unknown[] = [];
    const log = new VerdictLog(table, (error) => faults.push(error));
    table.failNext = true;
    log.note(record(), [verdict("a", true), verdict("b", true)]);
    await log.flush();
    expect(faults).toHaveLength(1);
    expect(table.rows.map((row) => row.taskId)).toEqual(["b"]);
  });
});

function unexpected(error: unknown): void {
  throw error;
}
