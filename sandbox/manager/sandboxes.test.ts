import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { SandboxError } from "../protocol/codes";
import type { ClusterSave } from "../protocol/cluster-host-api";
import { sandboxCreateSchema, type SandboxCreate } from "../protocol/manager-api";
import type { Driver, SandboxView } from "../protocol/sandbox-view";
import type { TerminalView } from "../protocol/terminal-host-api";
import { Journal } from "./journal/journal";
import { JournalInMemory } from "./journal/journal-in-memory";
import type { SandboxParts } from "./sandbox-life";
import type { SandboxRecord } from "./sandbox-record";
import { Metrics } from "./metrics";
import { Sandboxes, type SandboxesOptions } from "./sandboxes";
import { DEADLINE_MS } from "./sandbox-state";
import type { ManagerStore } from "./store";
import { VerdictLog } from "./verdict-log";

const MINUTE = 60_000;
const folder = mkdtempSync(join(tmpdir(), "slipway-"));
afterAll(() => rmSync(folder, { recursive: true }));

let time: Date;
let parts: ScriptedParts;
let store: RowsInMemory;
let sandboxes: Sandboxes;

beforeEach(() => {
  time = new Date("2026-01-01T00:00:00.000Z");
  parts = new ScriptedParts();
  store = new RowsInMemory();
  sandboxes = new Sandboxes(options());
});

function options(): SandboxesOptions {
  return {
    parts,
    store,
    journal: new Journal({
      parts,
      store: store.journal,
      now: () => time,
      log: () => undefined,
      onSaved: () => undefined,
    }),
    metrics: new Metrics(),
    verdicts: new VerdictLog(store, unexpected),
    limits: { maxSandboxes: 2, maxQueue: 5, perAddress: 5, idleMs: 60 * MINUTE, lifetimeMs: 480 * MINUTE },
    workstation: "oci",
    drivers: ["kind", "simulated"],
    socketPathOf: (sandboxId) => join(folder, sandboxId.slice(-12), "api.sock"),
    now: () => time,
    log: () => undefined,
    onStoreError: unexpected,
  };
}

describe("time", () => {
  it("stops a sandbox that nobody uses, counted from the last keystroke or API write", async () => {
    const { id } = await ready();
    await pass(59 * MINUTE);
    expect(phase(id)).toBe("ready");
    parts.typedAt = time;
    await pass(59 * MINUTE);
    sandboxes.onClusterEvent({ type: "activity", sandboxId: id, at: time.toISOString() });
    await pass(59 * MINUTE);
    expect(phase(id)).toBe("ready");
    await pass(2 * MINUTE);
    expect(await ending(id)).toMatchObject({ phase: "stopped", reason: "idle" });
    expect(parts.present()).toEqual([]);
  });

  it("says beforehand when it stops and why, and lets the learner put it off once it is soon", async () => {
    const { id } = await ready();
    const started = time.getTime();
    const end = () => sandboxes.views()[0]?.end;
    expect(end()).toEqual({ at: after(60), warnAt: after(55), reason: "idle" });
    await pass(58 * MINUTE);
    const heard: unknown[] = [];
    sandboxes.watch(id, (event) => heard.push(event.type === "sandbox" ? event.sandbox.end : undefined));
    expect(sandboxes.extend(id).end).toEqual({ at: after(118), warnAt: after(113), reason: "idle" });
    expect(heard.at(-1)).toEqual(end());
    await pass(59 * MINUTE);
    expect(phase(id)).toBe("ready");

    function after(minutes: number): string {
      return new Date(started + minutes * MINUTE).toISOString();
    }
  });

  it("cannot put off the longest life", async () => {
    const { id } = await ready();
    for (let hour = 0; hour < 15; hour++) {
      parts.typedAt = time;
      await pass(30 * MINUTE);
    }
    const before = sandboxes.views()[0]?.end;
    expect(before?.reason).toBe("lifetime");
    expect(sandboxes.extend(id).end).toEqual(before);
  });

  it("ends the longest life, however busy it is", async () => {
    const { id } = await ready();
    for (let hour = 0; hour < 16; hour++) {
      parts.typedAt = time;
      await pass(30 * MINUTE);
      expect(phase(id)).toBe("ready");
    }
    await pass(MINUTE);
    expect(await ending(id)).toMatchObject({ reason: "lifetime" });
  });

  it("gives a start a deadline", async () => {
    parts.clusterIsReady = new Promise(() => undefined);
    const { view } = await sandboxes.createOrGet(request(1));
    await expect.poll(() => phase(view.id)).toBe("starting");
    await pass(DEADLINE_MS.starting + 1);
    expect(await ending(view.id)).toMatchObject({ reason: "start-timeout", cause: "cluster" });
    expect(parts.present()).toEqual([]);
  });

  it("does not let anybody wait for ever", async () => {
    await Promise.all([ready(1), ready(2)]);
    const { view } = await sandboxes.createOrGet(request(3));
    expect(view.state).toMatchObject({ phase: "queued", position: 1 });
    await pass(DEADLINE_MS.queued + 1);
    expect(await ending(view.id)).toMatchObject({ reason: "queue-timeout" });
  });

  it("sends nobody to the queue for whom there is room, however many come at once", async () => {
    sandboxes = new Sandboxes({ ...options(), limits: { ...options().limits, maxQueue: 0 } });
    const asked = [1, 2, 3].map((user) => sandboxes.createOrGet(request(user)));
    const answers = await Promise.allSettled(asked);
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(sandboxes.views().map(({ state }) => state.phase)).toEqual(["starting", "starting"]);
  });

  it("shows that a workstation has vanished", async () => {
    const { id } = await ready();
    parts.workstations.clear();
    await pass(MINUTE);
    expect(await ending(id)).toMatchObject({ reason: "workstation-lost" });
  });
});

describe("taking over", () => {
  it("goes on with what is whole, ends what is not, and removes what nobody knows", async () => {
    const { id } = await ready(1);
    const broken = await ready(2);
    const records = [id, broken.id].flatMap((one) => sandboxes.find(one) ?? []);
    parts.workstations.delete(broken.id);
    parts.workstations.add("stray");
    const next = new Sandboxes(options());
    await next.adopt(records);
    expect(next.find(id)?.state.phase).toBe("ready");
    expect(await ending(broken.id)).toMatchObject({ reason: "orphaned" });
    expect([...parts.workstations]).toEqual([id]);
  });

  it("ends what a dead manager elsewhere left, as its parts are not here", async () => {
    const { id } = await ready();
    const record = sandboxes.find(id);
    if (!record) throw new Error("not there");
    const elsewhere = new ScriptedParts();
    const rescuer = new Sandboxes({ ...options(), parts: elsewhere });
    await rescuer.adopt([]);
    await rescuer.takeOver([record]);
    expect(await ending(id)).toMatchObject({ reason: "orphaned" });
  });

  it("carries a stop on to its end", async () => {
    const { id } = await ready();
    const record = sandboxes.find(id);
    if (!record) throw new Error("not there");
    record.state = { phase: "stopping", since: time.toISOString(), reason: "learner" };
    await new Sandboxes(options()).adopt([record]);
    expect(await ending(id)).toMatchObject({ reason: "learner" });
    expect(parts.present()).toEqual([]);
  });
});

describe("what a journal lacks", () => {
  it("is stored before anything is removed, also by the manager that comes after one that was killed", async () => {
    const { id } = await ready();
    const record = recordOf(id);
    record.state = { phase: "stopping", since: time.toISOString(), reason: "learner" };
    parts.cluster = { format: 1, revision: "7", whole: true, data: Buffer.from("last") };
    await new Sandboxes(options()).adopt([record]);
    expect(await ending(id)).toMatchObject({ reason: "learner" });
    expect(saved(record)).toContain("last");
    expect(parts.present()).toEqual([]);
  });

  it("keeps all of a sandbox in place while it cannot be stored, and who comes back waiting", async () => {
    const { id } = await ready();
    parts.cluster = new SandboxError("peer-unreachable", "its host is being started");
    sandboxes.stop(id, "learner");
    const again = await sandboxes.createOrGet(request(1));
    await pass(DEADLINE_MS.stopping + 1);
    expect(phase(id)).toBe("stopping");
    expect(parts.present()).toEqual(["cluster", "workstation", "shell"]);
    expect(phase(again.view.id)).toBe("starting");
    parts.cluster = { format: 1, revision: "7", whole: true, data: Buffer.from("last") };
    expect(await ending(id)).toMatchObject({ reason: "learner" });
    await expect.poll(() => phase(again.view.id)).toBe("ready");
    expect(parts.restored).toEqual(["bGFzdA=="]);
  });

  it("is nothing before it was ready: a start that was cut off does not end up in it", async () => {
    parts.clusterIsReady = new Promise(() => undefined);
    const { view } = await sandboxes.createOrGet(request(1));
    await expect.poll(() => sandboxes.find(view.id)?.state).toMatchObject({ done: ["workstation"] });
    const record = recordOf(view.id);
    parts.cluster = { format: 1, revision: "7", whole: true, data: Buffer.from("half") };
    await new Sandboxes(options()).adopt([record]);
    expect(await ending(view.id)).toMatchObject({ reason: "orphaned" });
    expect(saved(record)).toEqual([]);
  });

  it("is not given up for a workstation that does not start just now", async () => {
    const { id } = await ready();
    parts.revival = new Error("no room for runc's log");
    await pass(MINUTE);
    await pass(4 * MINUTE);
    expect(phase(id)).toBe("ready");
    const taken = new Sandboxes(options());
    await taken.adopt([recordOf(id)]);
    expect(taken.find(id)?.state.phase).toBe("ready");
    await pass(2 * MINUTE);
    expect(await ending(id)).toMatchObject({ reason: "workstation-lost" });
  });

  function recordOf(id: string): SandboxRecord {
    const record = sandboxes.find(id);
    if (!record) throw new Error("not there");
    return { ...record };
  }

  function saved(record: SandboxRecord): string[] {
    return store.journal.of(record).flatMap(({ kind, data }) => (kind === "cluster" ? [data.toString()] : []));
  }
});

describe("a start", () => {
  it("reports its steps, and what of them is done", async () => {
    let release = (): void => undefined;
    parts.clusterIsReady = new Promise<void>((resolve) => (release = resolve));
    const { view } = await sandboxes.createOrGet(request(1));
    const steps: unknown[] = [];
    sandboxes.watch(view.id, (event) => {
      if (event.type === "sandbox" && event.sandbox.state.phase === "starting") {
        steps.push([event.sandbox.state.step, event.sandbox.state.done]);
      }
    });
    await expect.poll(() => steps).toContainEqual(["cluster", ["workstation"]]);
    release();
    await expect.poll(() => phase(view.id)).toBe("ready");
    expect(steps.at(-1)).toEqual(["shell", ["cluster", "workstation"]]);
  });

  it.each([
    ["cluster", "cluster-failed"],
    ["workstation", "workstation-failed"],
    ["shell", "shell-failed"],
  ] as const)("that fails at its %s says so and leaves nothing", async (fault, reason) => {
    parts.fault = fault;
    const { view } = await sandboxes.createOrGet(request(1));
    expect(await ending(view.id)).toMatchObject({ phase: "stopped", reason });
    expect(JSON.stringify(store.rows.get(view.id))).toContain(`no ${fault}`);
    expect(parts.present()).toEqual([]);
  });

  it("that is called off ends what it was making", async () => {
    let release = (): void => undefined;
    parts.clusterIsReady = new Promise<void>((resolve) => (release = resolve));
    const { view } = await sandboxes.createOrGet(request(1));
    await expect.poll(() => parts.present()).toContain("workstation");
    sandboxes.stop(view.id, "learner");
    release();
    expect(await ending(view.id)).toMatchObject({ reason: "learner" });
    expect(parts.present()).toEqual([]);
  });

  it("is not begun for a learner who is not in the store", async () => {
    store.refuse = true;
    await expect(sandboxes.createOrGet(request(1))).rejects.toThrow("no such user");
    expect(sandboxes.views()).toEqual([]);
    expect(parts.present()).toEqual([]);
  });
});

describe("the kind of cluster", () => {
  const account = (n: number, driver?: Driver): SandboxCreate => ({
    ...request(n),
    user: { id: request(n).user.id, kind: "account" },
    driver,
  });

  it("is the installation's for accounts, or the one that was chosen; guests never get one of the machine's", async () => {
    await sandboxes.createOrGet(account(1));
    await sandboxes.createOrGet(request(2));
    await expect.poll(() => parts.drivers).toEqual(["kind", "simulated"]);
    await expect(sandboxes.createOrGet({ ...request(3), driver: "kind" })).rejects.toMatchObject({
      code: "driver-refused",
    });
    await expect(sandboxes.createOrGet(account(4, "existing"))).rejects.toMatchObject({ code: "driver-unavailable" });
  });

  it("says where it stands while it is made", async () => {
    parts.clusterIsReady = new Promise(() => undefined);
    const { view } = await sandboxes.createOrGet(account(1));
    await expect.poll(() => sandboxes.find(view.id)?.state).toMatchObject({ phase: "starting", cluster: "nodes" });
    sandboxes.stop(view.id, "learner");
    await ending(view.id);
  });

  it("is said to be too small for a lesson that needs more", async () => {
    parts.fault = "lesson";
    const { view } = await sandboxes.createOrGet(account(1));
    expect(await ending(view.id)).toMatchObject({ reason: "lesson-needs-more" });
  });
});

const request = (n: number): SandboxCreate =>
  sandboxCreateSchema.parse({
    user: { id: `0198a5f0-0000-7000-8000-00000000000${n}`, kind: "guest" },
    address: `192.0.2.${n}`,
    lesson: { lessonId: "l", revision: "r" },
    checks: { version: 1, checks: [] },
  });

async function ready(n = 1): Promise<SandboxView> {
  const { view } = await sandboxes.createOrGet(request(n));
  await expect.poll(() => phase(view.id)).toBe("ready");
  return view;
}

const phase = (id: string): string | undefined => sandboxes.find(id)?.state.phase;

async function pass(ms: number): Promise<void> {
  time = new Date(time.getTime() + ms);
  await sandboxes.tick();
}

async function ending(id: string): Promise<SandboxRecord["state"] | undefined> {
  await expect.poll(() => store.rows.get(id)?.phase).toBe("stopped");
  return store.rows.get(id);
}

function unexpected(error: unknown): void {
  throw error;
}

/** Parts that are made and removed at once, or as the test says. */
class ScriptedParts implements SandboxParts {
  readonly drivers: Driver[] = [];
  fault: "cluster" | "lesson" | "workstation" | "shell" | undefined;
  clusterIsReady: Promise<unknown> = Promise.resolve();
  typedAt: Date | undefined;
  /** What a save of a cluster gives. */
  cluster: ClusterSave | SandboxError | undefined;
  /** Saves that the last cluster was made from. */
  restored: readonly string[] | undefined;
  /** Why workstations that do not run any more are not revived. */
  revival: Error | undefined;
  readonly #clusters = new Set<string>();
  readonly workstations = new Set<string>();
  readonly #terminals = new Set<string>();

  readonly clusters: SandboxParts["clusters"] = {
    start: () => Promise.resolve(),
    create: async ({ sandboxId, socketPath, restore }, { signal, onAccess, onStep, driver }) => {
      this.restored = restore;
      this.drivers.push(driver);
      onStep?.("nodes");
      if (this.fault === "lesson") throw new SandboxError("lesson-needs-more", "a namespace of its own");
      if (this.fault === "cluster") throw new SandboxError("start-failed", "no cluster");
      this.#clusters.add(sandboxId);
      const made = { sandboxId, socketPath, kubeconfig: "k" };
      onAccess?.(made);
      const calledOff = new Promise<never>((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new SandboxError("peer-unreachable")));
      });
      await Promise.race([this.clusterIsReady, calledOff]);
      return made;
    },
    remove: (id) => Promise.resolve(void this.#clusters.delete(id)),
    save: () => (this.cluster instanceof Error ? Promise.reject(this.cluster) : Promise.resolve(this.cluster)),
    list: () =>
      Promise.resolve([...this.#clusters].map((sandboxId) => ({ sandboxId, socketPath: "/s", kubeconfig: "k" }))),
  };

  readonly workstation: SandboxParts["workstation"] = {
    start: ({ sandboxId }) => {
      if (this.fault === "workstation") return Promise.reject(new Error("no workstation"));
      this.workstations.add(sandboxId);
      return Promise.resolve();
    },
    command: () => Promise.resolve({ argv: ["/bin/cat"], env: {}, cwd: "/" }),
    folders: () => Promise.resolve({ home: folder, state: folder }),
    remove: (id) => Promise.resolve(void this.workstations.delete(id)),
    list: () => {
      const phase = this.revival ? "stopped" : "running";
      return Promise.resolve([...this.workstations].map((sandboxId) => ({ sandboxId, phase })));
    },
    revive: (id) => (this.revival ? Promise.reject(this.revival) : Promise.resolve(this.workstations.has(id))),
  };

  readonly terminals: SandboxParts["terminals"] = {
    ensure: ({ id }) => {
      if (this.fault === "shell") return Promise.reject(new Error("no shell"));
      this.#terminals.add(id);
      return Promise.resolve();
    },
    remove: (id) => Promise.resolve(void this.#terminals.delete(id)),
    list: () => Promise.resolve([...this.#terminals].map((id) => this.#viewOf(id))),
    output: () => Promise.resolve(undefined),
  };

  present(): string[] {
    const kinds = { cluster: this.#clusters, workstation: this.workstations, shell: this.#terminals };
    return Object.entries(kinds).flatMap(([name, ids]) => [...ids].map(() => name));
  }

  #viewOf(id: string): TerminalView {
    const lastInputAt = this.typedAt?.toISOString() ?? null;
    const createdAt = time.toISOString();
    return {
      id,
      state: { phase: "running", pid: 1 },
      columns: 80,
      rows: 24,
      viewers: 0,
      seq: 0,
      createdAt,
      lastInputAt,
    };
  }
}

/** The states that were saved. */
class RowsInMemory implements ManagerStore {
  readonly rows = new Map<string, SandboxRecord["state"]>();
  readonly journal = new JournalInMemory();
  refuse = false;

  open = () => Promise.resolve({ unfinished: [] });
  heartbeat = () => Promise.resolve();
  takeOver = () => Promise.resolve([]);
  unfinished = () => Promise.resolve([]);
  insertSandbox = (record: SandboxRecord) =>
    this.refuse ? Promise.reject(new Error("no such user")) : this.saveSandbox(record);
  saveSandbox = ({ id, state }: SandboxRecord) => Promise.resolve(void this.rows.set(id, state));
  findSandbox = () => Promise.resolve(undefined);
  listSandboxes = () => Promise.resolve([]);
  insertVerdict = () => Promise.reject(new Error("there are no verdicts"));
  verdictsAfter = () => Promise.resolve([]);
  forgetOld = () => Promise.resolve(0);
  audit = () => Promise.resolve();
  close = () => Promise.resolve();
}
