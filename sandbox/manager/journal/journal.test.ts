import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { ClusterSave } from "../../protocol/cluster-host-api";
import type { TerminalView } from "../../protocol/terminal-host-api";
import type { SandboxParts } from "../sandbox-life";
import type { SandboxRecord } from "../sandbox-record";
import { SandboxError } from "../../protocol/codes";
import { Journal, type JournalOptions } from "./journal";
import { JournalInMemory } from "./journal-in-memory";

const START = { point: undefined, lastSequence: 0, marks: [] };

const home = mkdtempSync(join(tmpdir(), "slipway-home-"));
writeFileSync(join(home, "file"), "1");
afterAll(() => rmSync(home, { recursive: true }));

let time: number;
let store: JournalInMemory;
let world: World;
let journal: Journal;
let faults: string[];
let savedAt: Date | undefined;

beforeEach(() => {
  time = Date.parse("2026-01-01T00:00:00.000Z");
  store = new JournalInMemory();
  world = new World();
  faults = [];
  savedAt = undefined;
  journal = open();
});

function open(options: Partial<JournalOptions> = {}): Journal {
  return new Journal({
    parts: world.parts,
    store,
    now: () => new Date(time),
    log: (event) => faults.push(event),
    onSaved: (_id, at) => (savedAt = at),
    ...options,
  });
}

const forEver = (): number => Infinity;

describe("a journal", () => {
  it("begins with all there is, and then writes only what changed", async () => {
    journal.follow(record, START);
    world.revision = 5;
    world.print("$ ");
    await pass(0);
    expect(written()).toEqual(["cluster 5 whole", "home whole", "terminal $  whole"]);
    expect(savedAt).toEqual(new Date(time));
    await pass(60_000);
    expect(written()).toHaveLength(3);

    world.revision = 6;
    journal.noteWrite(record.id);
    world.print("ls\n");
    await pass(500);
    expect(written()).toHaveLength(3);
    await pass(1_000);
    expect(written().slice(3)).toEqual(["cluster 6", "terminal ls\n"]);
  });

  it("does not let many wait for few: whatever is due is taken in one look", async () => {
    const many = Array.from({ length: 10 }, (_, index) => ({ ...record, id: `${record.id.slice(0, -1)}${index}` }));
    for (const one of many) journal.follow(one, START);
    await pass(0);
    expect(many.filter((one) => store.of(one).length > 0)).toHaveLength(10);
    expect(journal.lagMs()).toBe(0);
  });

  it("looks again after a change, for a cluster goes on by itself", async () => {
    journal.follow(record, START);
    await pass(0);
    world.revision = 7;
    await pass(5_000);
    expect(written().at(-1)).toBe("cluster 7");
    await pass(5_000);
    const asked = world.asked;
    await pass(60_000);
    expect(world.asked).toBe(asked);
  });

  it("does not lose what could not be stored", async () => {
    journal.follow(record, START);
    await pass(0);
    world.revision = 8;
    journal.noteWrite(record.id);
    store.fault = new Error("disk full");
    await pass(1_000);
    expect(faults).toEqual(["journal not written"]);
    expect(written().at(-1)).not.toBe("cluster 8 whole");
    await pass(20_000);
    // The driver has moved on meanwhile: it is asked from where the journal stands, and gives all of it.
    expect(written()).toContain("cluster 8 whole");
  });

  it("starts a new chain when one has become long", async () => {
    journal.follow(record, START);
    await pass(0);
    for (let change = 2; change < 60; change++) {
      world.revision = change;
      journal.noteWrite(record.id);
      await pass(1_000);
    }
    const cluster = written().filter((line) => line.startsWith("cluster"));
    expect(cluster[0]).toMatch(/whole$/);
    expect(cluster.length).toBeLessThan(45);
  });

  it("keeps the moments that are marked, once each", async () => {
    journal.follow(record, START);
    await pass(0);
    world.revision = 9;
    await journal.mark(record.id, "passed:a");
    await journal.mark(record.id, "passed:a");
    expect(
      store
        .of(record)
        .filter(({ mark }) => mark === "passed:a")
        .map(({ kind }) => kind),
    ).toEqual(["cluster", "home"]);
    world.revision = 10;
    await journal.finish(record, forEver);

    const again = await journal.begin(record, undefined);
    expect(again.marks).toEqual(["passed:a"]);
    expect(revisions(again.point?.cluster)).toEqual([9, 10]);
    const back = await journal.begin(record, ["passed:b", "passed:a"]);
    expect(revisions(back.point?.cluster)).toEqual([9]);
    const start = await journal.begin(record, ["passed:c"]);
    expect(start.point).toBeUndefined();
    expect(store.of(record)).toEqual([]);
  });

  it.each(["cluster", "home", "terminal"] as const)(
    "goes on from nothing that a later release wrote of a %s, and drops nothing of it",
    async (kind) => {
      journal.follow(record, START);
      world.print("$ ");
      await pass(0);
      await journal.mark(record.id, "passed:a");
      await journal.finish(record, forEver);
      const last = store.of(record).findLast((entry) => entry.kind === kind);
      await store.appendJournal(record, last ? [{ ...last, sequence: 99, whole: false, format: 2 }] : []);
      const before = [...store.of(record)];
      for (const marks of [undefined, ["passed:a"]]) {
        await expect(journal.begin(record, marks)).rejects.toMatchObject({
          code: "restore-failed",
          message: expect.stringContaining(`the ${kind} was saved in format 2, this release reads up to 1`) as string,
        });
      }
      expect(store.of(record)).toEqual(before);
      // To go back to the lesson's own start is to give all of it up.
      expect((await journal.begin(record, [])).point).toBeUndefined();
    },
  );

  it("takes everything once more when a sandbox stops", async () => {
    journal.follow(record, START);
    await pass(0);
    world.revision = 11;
    world.print("bye");
    expect(await journal.finish(record, forEver)).toBe(true);
    expect(written()).toEqual(expect.arrayContaining(["cluster 11", "terminal bye"]));
  });

  it("takes everything of a sandbox that stops although its manager was killed meanwhile", async () => {
    journal.follow(record, START);
    await pass(0);
    world.revision = 12;
    const next = open();
    expect(await next.finish(record, forEver)).toBe(true);
    expect(written()).toEqual(["cluster 12 whole", "home whole"]);
  });

  it("stays with a sandbox that stops until a store that was away, and a cluster whose host was, are back", async () => {
    journal.follow(record, START);
    await pass(0);
    world.revision = 13;
    store.fault = new Error("the server closed the connection");
    world.clusterFault = new SandboxError("peer-unreachable", "its host is being started");
    expect(await journal.finish(record, forEver)).toBe(true);
    expect(faults).toEqual(["last save not written", "last save not written"]);
    expect(written()).toContain("cluster 13 whole");
  });

  it("leaves a sandbox that stops to somebody else when the store stays away", async () => {
    journal.follow(record, START);
    await pass(0);
    world.revision = 14;
    store.fault = new Error("away");
    expect(await journal.finish(record, () => 0)).toBe(false);
  });

  it("expects nothing of a cluster that is no more", async () => {
    journal.follow(record, START);
    world.clusterFault = new SandboxError("cluster-not-found");
    world.print("bye");
    expect(await journal.finish(record, forEver)).toBe(true);
    expect(written()).toEqual(["home whole", "terminal bye whole"]);
  });

  it("does not wait for ever for a part that is there and cannot be read", async () => {
    journal = open({ partPatienceMs: 0 });
    journal.follow(record, START);
    world.clusterFault = new Error("out of memory");
    expect(await journal.finish(record, forEver)).toBe(true);
    expect(written()).toEqual(["home whole"]);
  });

  it("goes on with one that was taken over, after what is stored of it", async () => {
    journal.follow(record, START);
    await pass(0);
    const last = store.of(record).at(-1)?.sequence ?? 0;
    journal.forget(record.id);
    await journal.rejoin(record);
    await pass(0);
    expect(store.of(record).every(({ whole, sequence }) => whole && sequence > last)).toBe(true);
  });
});

async function pass(ms: number): Promise<void> {
  time += ms;
  await journal.tick();
}

function written(): string[] {
  return store.of(record).map(({ kind, whole, data }) => {
    const what = {
      cluster: ` ${Buffer.from(data).toString()}`,
      home: "",
      terminal: ` ${Buffer.from(data).toString()}`,
    }[kind];
    return `${kind}${what}${whole ? " whole" : ""}`;
  });
}

function revisions(saves: readonly string[] | undefined): number[] | undefined {
  return saves?.map((save) => Number(Buffer.from(save, "base64").toString()));
}

/** A sandbox's parts, of which the test says what changes. The home stays as it is. */
class World {
  revision = 1;
  asked = 0;
  /** Why it cannot be saved: once when its host is out of reach, for good otherwise. */
  clusterFault: Error | undefined;
  #output = "";
  #last: string | undefined;

  print(text: string): void {
    this.#output += text;
  }

  readonly parts: SandboxParts = {
    clusters: {
      start: unused,
      create: unused,
      remove: unused,
      list: unused,
      save: (_id, since) => {
        const { clusterFault: fault } = this;
        if (fault instanceof SandboxError && fault.code === "peer-unreachable") this.clusterFault = undefined;
        return fault ? Promise.reject(fault) : Promise.resolve(this.#save(since));
      },
    },
    workstation: {
      start: unused,
      remove: unused,
      list: unused,
      revive: unused,
      command: unused,
      folders: () => Promise.resolve({ home, state: home }),
    },
    terminals: {
      ensure: unused,
      remove: unused,
      list: () => Promise.resolve([this.#view()]),
      output: (_id, from) => Promise.resolve({ from, bytes: Buffer.from(this.#output.slice(from)) }),
    },
  };

  #save(since: string | undefined): ClusterSave | undefined {
    this.asked++;
    const revision = String(this.revision);
    const goesOn = since !== undefined && since === this.#last;
    if (goesOn && since === revision) return undefined;
    this.#last = revision;
    return { format: 1, revision, whole: !goesOn, data: Buffer.from(revision) };
  }

  #view(): TerminalView {
    const createdAt = new Date(0).toISOString();
    const state = { phase: "running", pid: 1 } as const;
    const seq = this.#output.length;
    return { id: `${record.id}.main`, state, columns: 80, rows: 24, viewers: 0, seq, createdAt, lastInputAt: null };
  }
}

const record: SandboxRecord = {
  id: "0198a5f0-0000-7000-8000-000000000001",
  userId: "0198a5f0-0000-7000-8000-000000000002",
  userKind: "guest",
  address: "192.0.2.1",
  lesson: { lessonId: "l", revision: "r" },
  driver: "simulated",
  workstation: "oci",
  createdAt: new Date(0),
  uidIndex: 0,
  socketPath: "/s",
  terminal: { columns: 80, rows: 24 },
  lifetime: { idleMs: 60_000, lifetimeMs: 3_600_000 },
  state: { phase: "ready", since: new Date(0).toISOString() },
  lastActiveAt: new Date(0),
  terminals: ["main"],
  savedAt: undefined,
  unsaved: false,
  verdicts: [],
  passed: new Set(),
};

function unused(): never {
  throw new Error("not asked for");
}
