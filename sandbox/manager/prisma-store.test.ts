import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sandboxViewSchema, type SandboxState } from "../protocol/sandbox-view";
import { verdictEventSchema } from "../protocol/verdict";
import type { JournalEntry } from "./journal/entry";
import { PrismaStore } from "./prisma-store";
import { viewOf, type SandboxRecord } from "./sandbox-record";
import { LEASE_MS, ManagerFenced } from "./store";
import { startTestDatabase, type TestDatabase } from "./test-database";

let database: TestDatabase;
let userId: string;
const stores: PrismaStore[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
  userId = await database.addUser();
}, 60_000);

afterAll(async () => {
  for (const store of stores) await store.close("end");
  await database.stop();
});

function open(instance: string, place = "here"): PrismaStore {
  const store = new PrismaStore(database.managerUrl, instance, place);
  stores.push(store);
  return store;
}

function record(state: SandboxState): SandboxRecord {
  return {
    id: uuidv7(),
    userId,
    userKind: "guest",
    address: "192.0.2.1",
    lesson: { lessonId: "pods-come-and-go", revision: "r1" },
    driver: "simulated",
    workstation: "oci",
    createdAt: new Date("2026-01-01T00:00:00.000Z"),
    uidIndex: 7,
    socketPath: "/var/lib/slipway/x/s/y/api.sock",
    terminal: { columns: 100, rows: 30 },
    lifetime: { idleMs: 60_000, lifetimeMs: 3_600_000 },
    state,
    lastActiveAt: new Date("2026-01-01T00:01:00.000Z"),
    terminals: ["main"],
    savedAt: undefined,
    unsaved: false,
    verdicts: [],
    passed: new Set(),
  };
}

const since = "2026-01-01T00:00:01.000Z";

describe("the manager's store", () => {
  it.each<SandboxState>([
    { phase: "queued", since, position: 3 },
    { phase: "starting", since, step: "shell", done: ["cluster", "workstation"] },
    { phase: "ready", since },
    { phase: "stopping", since, reason: "idle" },
    { phase: "stopped", since, reason: "cluster-failed", cause: "no room" },
  ])("gives back what it was given: $phase", async (state) => {
    const store = open(`phase-${state.phase}`);
    await store.open();
    const sandbox = record({ phase: "queued", since, position: 1 });
    await store.insertSandbox(sandbox);
    sandbox.state = state;
    await store.saveSandbox(sandbox);
    const view = await store.findSandbox(sandbox.id);
    expect(sandboxViewSchema.parse(view)).toEqual(viewOf(sandbox));
    expect(await store.listSandboxes({ userId, limit: 10 })).toEqual([view]);
  });

  it("hands what is unfinished to the next manager of the instance, and fences the one before", async () => {
    const first = open("succession");
    await first.open();
    const ready = record({ phase: "ready", since });
    const stopped = record({ phase: "stopped", since, reason: "idle" });
    for (const sandbox of [ready, stopped]) {
      await first.insertSandbox(sandbox);
      await first.saveSandbox(sandbox);
    }
    await first.insertVerdict(ready, { taskId: "a", passed: true, message: undefined });
    await first.insertVerdict(ready, { taskId: "b", passed: true, message: undefined });
    await first.insertVerdict(ready, {
      taskId: "b",
      passed: false,
      message: { code: "pod-starting", params: { pod: "p" } },
    });
    await first.heartbeat();

    const second = open("succession");
    const { unfinished } = await second.open();
    expect(unfinished).toEqual([{ ...ready, passed: new Set(["a"]) }]);
    await expect(first.saveSandbox(ready)).rejects.toBeInstanceOf(ManagerFenced);
    await expect(first.heartbeat()).rejects.toBeInstanceOf(ManagerFenced);
    await second.saveSandbox(ready);
  });

  it("lets managers in two places each own their sandboxes", async () => {
    const [here, there] = [open("two-places", "here"), open("two-places", "there")];
    await here.open();
    const ours = record({ phase: "ready", since });
    await here.insertSandbox(ours);
    expect((await there.open()).unfinished).toEqual([]);
    const theirs = record({ phase: "ready", since });
    await there.insertSandbox(theirs);
    expect([await here.takeOver(), await there.takeOver()]).toEqual([[], []]);
    await Promise.all([here.heartbeat(), there.heartbeat(), here.saveSandbox(ours), there.saveSandbox(theirs)]);
    // Either may be asked for any of them.
    expect((await there.listSandboxes({ limit: 10 })).map(({ id }) => id)).toEqual([theirs.id, ours.id]);
  });

  it("takes over from a place whose manager died, once, and fences it should it come back", async () => {
    const [dead, one, two] = [open("lease", "dead"), open("lease", "one"), open("lease", "two")];
    await dead.open();
    const left = record({ phase: "ready", since });
    await dead.insertSandbox(left);
    await Promise.all([one.open(), two.open()]);
    expect(await one.takeOver()).toEqual([]);
    await database.query(
      `update managers set heartbeat_at = now() - interval '${LEASE_MS + 1_000} ms' where instance_id = 'lease' and place = 'dead'`,
    );
    const taken = (await Promise.all([one.takeOver(), two.takeOver()])).flat();
    expect(taken.map(({ id }) => id)).toEqual([left.id]);
    await expect(dead.saveSandbox(left)).rejects.toBeInstanceOf(ManagerFenced);
    await expect(dead.heartbeat()).rejects.toBeInstanceOf(ManagerFenced);
    expect(await one.takeOver()).toEqual([]);
  });

  it("leaves what a manager keeps for its successor to that place", async () => {
    const [first, elsewhere] = [open("keep", "here"), open("keep", "elsewhere")];
    await Promise.all([first.open(), elsewhere.open()]);
    const kept = record({ phase: "ready", since });
    await first.insertSandbox(kept);
    stores.splice(stores.indexOf(first), 1);
    await first.close("keep");
    expect(await elsewhere.takeOver()).toEqual([]);
    expect((await open("keep", "here").open()).unfinished.map(({ id }) => id)).toEqual([kept.id]);
  });

  it("sees nothing of another instance", async () => {
    const one = open("one");
    const two = open("two");
    await one.open();
    const sandbox = record({ phase: "ready", since });
    await one.insertSandbox(sandbox);
    expect((await two.open()).unfinished).toEqual([]);
    expect(await two.findSandbox(sandbox.id)).toBeUndefined();
    expect(await two.listSandboxes({ limit: 10 })).toEqual([]);
  });

  it("does not mind that a sandbox went away with its user", async () => {
    const store = open("gone");
    await store.open();
    const other = { ...record({ phase: "ready", since }), userId: await database.addUser() };
    await store.insertSandbox(other);
    await database.query("delete from users where id = $1", [other.userId]);
    await store.saveSandbox(other);
  });

  it("orders verdicts for readers that catch up", async () => {
    const store = open("verdicts");
    await store.open();
    const sandbox = record({ phase: "ready", since });
    await store.insertSandbox(sandbox);
    const message = { code: "service-selects-nothing", params: { service: "web", selector: "app=wep" } } as const;
    const first = await store.insertVerdict(sandbox, { taskId: "a", passed: false, message });
    const second = await store.insertVerdict(sandbox, { taskId: "a", passed: true, message: undefined });
    expect(verdictEventSchema.parse(first)).toMatchObject({
      taskId: "a",
      passed: false,
      message,
      userId,
      revision: "r1",
    });
    expect(await store.verdictsAfter(first.sequence, 10)).toEqual([second]);
    expect(await store.verdictsAfter(first.sequence - 1, 1)).toEqual([first]);
  });

  it("keeps journals in order, replaces what stands alone, hands them on to the next sandbox, and fences late writers", async () => {
    const store = open("journal");
    await store.open();
    const { journal } = store;
    const first = record({ phase: "ready", since });
    await store.insertSandbox(first);
    const entry = (sequence: number, changes: Partial<JournalEntry> = {}): JournalEntry => ({
      ...{ sequence, kind: "cluster", part: "", format: 1, whole: true, mark: undefined },
      data: Uint8Array.of(sequence),
      ...changes,
    });
    await journal.appendJournal(first, [
      entry(1),
      entry(2, { whole: false }),
      entry(3, { kind: "terminal", part: "2" }),
    ]);
    await journal.appendJournal(first, [entry(4, { mark: "passed:a" })]);
    await journal.appendJournal(first, [entry(5, { whole: false })]);
    // Once more, as the answer may not have come although it was stored.
    await journal.appendJournal(first, [entry(5, { whole: false })]);
    expect(await journal.journalHead(first)).toEqual({ lastSequence: 5, marks: ["passed:a"] });
    await journal.appendJournal(first, [entry(6)]);

    const next = { ...record({ phase: "ready", since }), lesson: first.lesson };
    await store.insertSandbox(next);
    const taken = await journal.takeJournal(next);
    expect(taken.map(({ sequence, mark }) => [sequence, mark])).toEqual([
      [3, undefined],
      [4, "passed:a"],
      [6, undefined],
    ]);
    expect(taken[0]?.data).toEqual(Uint8Array.of(3));
    expect(await journal.journalHead(first)).toEqual({ lastSequence: 0, marks: [] });
    await journal.cutJournal(next, 4);
    expect((await journal.takeJournal(next)).map(({ sequence }) => sequence)).toEqual([3, 4]);
    const stranger = { ...record({ phase: "ready", since }), userId: await database.addUser() };
    await store.insertSandbox(stranger);
    expect(await journal.takeJournal(stranger)).toEqual([]);

    await open("journal").open();
    await expect(journal.appendJournal(next, [entry(7)])).rejects.toBeInstanceOf(ManagerFenced);
  });

  it("takes what was ready under an older manager, and says nothing of it, for unsaved", async () => {
    const store = open("older");
    await store.open();
    const [fresh, known, older] = [record({ phase: "starting", since, step: "cluster", done: [] }), ready(), ready()];
    for (const one of [fresh, known, older]) await store.insertSandbox(one);
    await database.query("update sandboxes set detail = detail - 'unsaved' where id in ($1, $2)", [fresh.id, older.id]);
    const { unfinished } = await open("older").open();
    const unsaved = new Map(unfinished.map((one) => [one.id, one.unsaved]));
    expect([fresh, known, older].map(({ id }) => unsaved.get(id))).toEqual([false, false, true]);

    function ready(): SandboxRecord {
      return record({ phase: "ready", since });
    }
  });

  it("forgets a journal 30 days after its sandbox stopped, and the sandbox after 90", async () => {
    const store = open("retention");
    await store.open();
    const ages = [29, 31, 91];
    const ids = [];
    for (const days of ages) {
      const old = record({ phase: "stopped", since, reason: "idle" });
      await store.insertSandbox(old);
      const data = Uint8Array.of(1);
      await store.journal.appendJournal(old, [
        { sequence: 1, kind: "home", part: "", format: 1, whole: true, mark: undefined, data },
      ]);
      await database.query("update sandboxes set stopped_at = now() - make_interval(days => $2) where id = $1", [
        old.id,
        days,
      ]);
      ids.push(old.id);
    }
    expect(await store.forgetOld()).toBeGreaterThanOrEqual(3);
    const left = await database.query(
      "select s.id, count(j.id)::int as entries from sandboxes s left join journal j on j.sandbox_id = s.id where s.id = any($1::uuid[]) group by s.id",
      [ids],
    );
    expect(new Map(left.map(({ id, entries }) => [id, entries]))).toEqual(
      new Map([
        [ids[0], 1],
        [ids[1], 0],
      ]),
    );
  });

  it("appends to the audit log", async () => {
    const store = open("audit");
    const sandboxId = uuidv7();
    await store.open();
    await store.audit({
      action: "sandbox.stop",
      sandboxId,
      actorId: userId,
      address: "192.0.2.1",
      detail: { reason: "idle" },
    });
    const rows = await database.query(
      "select action, subject, actor_id, detail from audit_events where subject_id = $1",
      [sandboxId],
    );
    expect(rows).toEqual([
      { action: "sandbox.stop", subject: "sandbox", actor_id: userId, detail: { reason: "idle" } },
    ]);
  });

  it("finds nothing under an id that is none", async () => {
    const store = open("ids");
    await store.open();
    expect(await store.findSandbox("x' or 1=1")).toBeUndefined();
  });
});
