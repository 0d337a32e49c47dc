import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { serviceListSchema } from "../protocol/cluster-host-api";
import { SandboxError } from "../protocol/codes";
import { journalLineSchema, sandboxListSchema, type JournalLine } from "../protocol/manager-api";
import { openTunnel } from "../protocol/node/tunnel";
import { CLOSE } from "../protocol/terminal-frames";
import { USER_HEADER } from "../protocol/version";
import { verdictEventSchema, type VerdictEvent } from "../protocol/verdict";
import { sandboxViewSchema, type SandboxView } from "../protocol/sandbox-view";
import { ManagerBed, ORIGIN } from "./manager-bed";
import { startTestDatabase, type TestDatabase } from "./test-database";

/** Of a shell on the host; `#` where the tests run as root. */
const PROMPT = /host.*[$#]/;
// Processes of several kinds come and go in each test.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const PATIENCE = { timeout: 15_000, interval: 20 };
let database: TestDatabase;
let bed: ManagerBed;
const others: ManagerBed[] = [];
let userId: string;

beforeAll(async () => {
  database = await startTestDatabase();
  bed = new ManagerBed(database, `t${process.pid}`);
  await bed.start();
}, 60_000);
afterAll(async () => {
  await bed.clean();
  await database.stop();
}, 30_000);

beforeEach(async () => {
  userId = await database.addUser();
});
afterEach(async () => {
  for (const other of others.splice(0)) await other.clean();
  const active = await bed.client.call("GET", "/v1/sandboxes?active=1", { schema: sandboxListSchema });
  const body = { reason: "admin-other", actorId: userId };
  for (const { id } of active.sandboxes) await bed.client.call("POST", `/v1/sandboxes/${id}/stop`, { body });
});

/** Another installation, ended after the test whatever comes of it. */
function another(name: string, environment: Readonly<Record<string, string>> = {}): ManagerBed {
  const other = new ManagerBed(database, `${bed.instance}-${name}`, environment);
  others.push(other);
  return other;
}

async function ready(view: SandboxView): Promise<SandboxView> {
  await expect.poll(() => bed.phase(view.id), PATIENCE).toBe("ready");
  return bed.get(view.id);
}

describe("a sandbox", () => {
  it("is made once for each learner and lesson, and gives way to the next lesson's", async () => {
    const [first, same] = await Promise.all([bed.create(userId), bed.create(userId)]);
    expect(same.id).toBe(first.id);
    await ready(first);
    const next = await bed.create(userId, { lesson: { lessonId: "services", revision: "r1" } });
    expect(next.id).not.toBe(first.id);
    await expect
      .poll(() => bed.get(first.id), PATIENCE)
      .toMatchObject({ state: { phase: "stopped", reason: "replaced" } });
    await ready(next);
    const { sandboxes } = await bed.client.call("GET", `/v1/sandboxes?userId=${userId}`, { schema: sandboxListSchema });
    expect(sandboxes.map(({ id }) => id)).toEqual([next.id, first.id]);
    const path = `/v1/sandboxes?userId=${userId}&active=1`;
    const active = await bed.client.call("GET", path, { schema: sandboxListSchema });
    expect(active.sandboxes.map(({ id }) => id)).toEqual([next.id]);
  });

  it("is refused to guests where shells run as the owner of the machine", async () => {
    const create = bed.create(userId, { user: { id: userId, kind: "guest" } });
    await expect(create).rejects.toMatchObject({ code: "guest-refused" });
  });

  it("has a shell that a second viewer shares and a reload finds again", async () => {
    const view = await ready(await bed.create(userId));
    const one = await bed.openTerminal(view);
    await expect.poll(() => one.text, PATIENCE).toMatch(PROMPT);
    one.type("echo $((6*7))-there\r");
    await expect.poll(() => one.text, PATIENCE).toContain("42-there");
    const two = await bed.openTerminal(view);
    await expect.poll(() => two.text, PATIENCE).toContain("42-there");
    one.socket.terminate();
    two.type("echo $((7*7))-more\r");
    await expect.poll(() => two.text, PATIENCE).toContain("49-more");
    const resumed = await bed.openTerminal(view, one.seq);
    await expect.poll(() => resumed.text, PATIENCE).toContain("49-more");
    expect(resumed.text).not.toContain("42-there");
    two.type("exit 3\r");
    await expect.poll(() => two.exitCode, PATIENCE).toBe(3);
    const anew = await bed.openTerminal(view);
    await expect.poll(() => anew.text, PATIENCE).toMatch(PROMPT);
    expect(anew.text).not.toContain("42-there");
  });

  it("turns a task green within a second, and the verdict can be read once from the start or from the middle", async () => {
    const view = await ready(await bed.create(userId));
    const events = await bed.openEvents(view);
    await expect.poll(() => events.passed().at(-1), PATIENCE).toBe(false);
    const terminal = await bed.openTerminal(view);
    await expect.poll(() => terminal.text, PATIENCE).toMatch(PROMPT);
    terminal.type("kubectl create configmap made\r");
    await expect.poll(() => terminal.text, PATIENCE).toContain("configmap/made created");
    const created = performance.now();
    await expect.poll(() => events.passed().at(-1), PATIENCE).toBe(true);
    expect(performance.now() - created).toBeLessThan(1_000);

    const read = async (after: number, count: number): Promise<VerdictEvent[]> => {
      const reading = new AbortController();
      const found: VerdictEvent[] = [];
      for await (const verdict of bed.client.lines(`/v1/verdicts?after=${after}`, verdictEventSchema, reading.signal)) {
        found.push(verdict);
        if (found.filter(({ sandboxId }) => sandboxId === view.id).length === count) reading.abort();
      }
      return found.filter(({ sandboxId }) => sandboxId === view.id);
    };
    const [passed] = await read(0, 1);
    expect(passed).toMatchObject({ userId, lessonId: "pods", revision: "r1", taskId: "make-it", passed: true });
    const next = read(passed?.sequence ?? 0, 1);
    terminal.type("kubectl delete configmap made\r");
    expect(await next).toMatchObject([{ taskId: "make-it", passed: false, message: { code: "object-missing" } }]);
  });

  it("tells the learner why an admin stopped it, and leaves nothing behind", async () => {
    const view = await ready(await bed.create(userId));
    const events = await bed.openEvents(view);
    const terminal = await bed.openTerminal(view);
    const terminalClosed = new Promise((resolve) => terminal.socket.once("close", resolve));
    await expect.poll(() => events.phases()).toEqual(["ready"]);
    const body = { reason: "admin-maintenance", actorId: await database.addUser() };
    const stopping = await bed.client.call("POST", `/v1/sandboxes/${view.id}/stop`, {
      body,
      schema: sandboxViewSchema,
    });
    expect(stopping.state).toMatchObject({ phase: "stopping", reason: "admin-maintenance" });
    expect(await events.closed).toEqual({ code: CLOSE.stopped, reason: "admin-maintenance" });
    expect(events.phases()).toEqual(["ready", "stopping", "stopped"]);
    await terminalClosed;
    expect(readdirSync(join(bed.folder, "s"))).not.toContain(view.id.slice(-12));
    expect(readdirSync(join(bed.folder, "workstations"))).not.toContain(view.id);
    expect(processesWith(view.id)).toEqual([]);
    // Once more is harmless, and its last word can still be heard.
    expect(
      await bed.client.call("POST", `/v1/sandboxes/${view.id}/stop`, { body, schema: sandboxViewSchema }),
    ).toMatchObject({
      state: { phase: "stopped" },
    });
    const lateTerminal = await bed.openTerminal(view);
    expect(await new Promise((resolve) => lateTerminal.socket.once("close", resolve))).toBe(CLOSE.stopped);
    const late = await bed.openEvents(view);
    expect(await late.closed).toEqual({ code: CLOSE.stopped, reason: "admin-maintenance" });
    const audit = await database.query("select action from audit_events where subject_id = $1 order by created_at", [
      view.id,
    ]);
    expect(audit.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["sandbox.create", "sandbox.stop", "sandbox.stopped"]),
    );
  });

  it("that cannot start stops with what failed", async () => {
    const view = await bed.create(userId, { startObjects: [{ apiVersion: "v1", kind: "Nothing" }] });
    await expect.poll(() => bed.phase(view.id), PATIENCE).toBe("stopped");
    expect((await bed.get(view.id)).state).toMatchObject({
      reason: "cluster-failed",
      cause: expect.stringContaining("Nothing") as string,
    });
    // The learner can try again at once.
    expect((await bed.create(userId)).id).not.toBe(view.id);
  });

  it("stops with a reason when the process that holds its cluster dies, and nothing of it is left", async () => {
    const view = await ready(await bed.create(userId));
    rmSync(join(bed.folder, "cluster-host-0.clusters", view.id), { recursive: true });
    const [pid] = processesWith(`SLIPWAY_HOST_INDEX=0\0`).filter((one) => environmentOf(one).includes(bed.instance));
    process.kill(pid ?? 0, "SIGKILL");
    await expect
      .poll(() => bed.get(view.id), PATIENCE)
      .toMatchObject({ state: { phase: "stopped", reason: "cluster-lost" } });
    await ready(await bed.create(userId));
  });
});

describe("what a learner did", () => {
  it("is there again within two seconds after a stop: objects, files, history, screen, folder, a second terminal", async () => {
    const began = performance.now();
    const view = await ready(await bed.create(userId));
    const terminal = await bed.openTerminal(view);
    await expect.poll(() => terminal.text, PATIENCE).toMatch(/[#$] $/);
    const firstStartMs = performance.now() - began;
    terminal.type("mkdir -p work/deep && cd work/deep && echo mine >note.txt\r");
    terminal.type("kubectl create configmap made; kubectl config set-context --current --namespace=kube-system\r");
    await expect.poll(() => terminal.text, PATIENCE).toContain('Context "kind-kind" modified');
    const second = await bed.openTerminal(view, undefined, "2");
    second.type("cd work; echo in-the-second\r");
    await expect.poll(() => second.text, PATIENCE).toContain("in-the-second\r\n");
    await bed.stop(view, userId);
    await expect.poll(() => bed.phase(view.id), PATIENCE).toBe("stopped");
    expect((await bed.get(view.id)).savedAt).not.toBeNull();

    const cameBack = performance.now();
    const back = await bed.create(userId);
    expect(back.id).not.toBe(view.id);
    await ready(back);
    const resumed = await bed.openTerminal(back);
    resumed.type(
      "pwd; cat note.txt; kubectl get cm made -n default -o name; kubectl config view --minify | grep namespace:\r",
    );
    await expect.poll(() => resumed.text, PATIENCE).toMatch(/namespace:\S* kube-system/);
    expect(performance.now() - cameBack).toBeLessThan(Math.max(2_000, 3 * firstStartMs));
    expect(resumed.text).toContain('Context "kind-kind" modified');
    expect(resumed.text).toMatch(/home\/work\/deep\r\nmine\r\nconfigmap\/made/);
    resumed.type("history | grep -c set-context\r");
    await expect.poll(() => resumed.text, PATIENCE).toMatch(/grep -c set-context\r\n[^\n]*[12]\r\n/);
    expect((await bed.get(back.id)).terminals).toEqual(["main", "2"]);
    const secondBack = await bed.openTerminal(back, undefined, "2");
    await expect.poll(() => secondBack.text, PATIENCE).toContain("in-the-second");
    const [passed] = await database.query("select count(*) from journal where sandbox_id = $1", [view.id]);
    expect(passed).toEqual({ count: "0" });
  });

  it("goes on when its cluster-host and terminal-host are killed at once, with all that was acknowledged", async () => {
    const view = await ready(await bed.create(userId));
    const terminal = await bed.openTerminal(view);
    terminal.type("echo kept >kept.txt; kubectl create configmap made\r");
    await expect.poll(() => terminal.text, PATIENCE).toContain("configmap/made created");
    for (const pid of processesWith(`SLIPWAY_INSTANCE=${bed.instance}\0`)) process.kill(pid, "SIGKILL");
    await expect.poll(() => terminal.socket.readyState, PATIENCE).toBe(terminal.socket.CLOSED);
    const resumed = await bed.openTerminal(view);
    resumed.type("cat kept.txt; until kubectl get configmap made -o name; do sleep 0.2; done\r");
    await expect.poll(() => resumed.text, PATIENCE).toMatch(/kept\r\n[^]*configmap\/made\r\n/);
    expect((await bed.create(userId)).id).toBe(view.id);
  });

  it("goes on in another place when the manager that had it is dead", async () => {
    const dead = new ManagerBed(database, bed.instance);
    others.push(dead);
    await dead.start();
    const view = await dead.create(userId);
    await expect.poll(() => dead.phase(view.id), PATIENCE).toBe("ready");
    const terminal = await dead.openTerminal(view);
    terminal.type("kubectl create configmap made\r");
    await expect.poll(() => journalOf(view, "cluster"), PATIENCE).toContain('"name":"made"');
    // As if its lease had run out: it is fenced, and renews it no more.
    const fence = "update managers set stopped_at = now() where instance_id = $1 and place like $2";
    await database.query(fence, [bed.instance, `%${dead.folder}`]);
    await expect
      .poll(() => bed.get(view.id), { timeout: 40_000 })
      .toMatchObject({ state: { phase: "stopped", reason: "orphaned" } });
    const back = await ready(await bed.create(userId));
    const resumed = await bed.openTerminal(back);
    resumed.type("kubectl get configmap made -o name\r");
    await expect.poll(() => resumed.text, PATIENCE).toContain("configmap/made\r\n");
  });

  it("can be handed out to them, and erased", async () => {
    const view = await ready(await bed.create(userId));
    const exported = async (): Promise<JournalLine[]> => {
      const lines: JournalLine[] = [];
      const { signal } = new AbortController();
      for await (const line of bed.client.lines(`/v1/users/${userId}/journal`, journalLineSchema, signal))
        lines.push(line);
      return lines;
    };
    await expect.poll(exported, PATIENCE).toContainEqual(expect.objectContaining({ kind: "home", lessonId: "pods" }));
    expect((await exported()).every(({ sandboxId }) => sandboxId === view.id)).toBe(true);
    await bed.stop(view, userId);
    await expect.poll(() => bed.phase(view.id), PATIENCE).toBe("stopped");
    await bed.client.call("DELETE", `/v1/users/${userId}/journal`);
    expect(await exported()).toEqual([]);
    await expect(bed.client.call("DELETE", "/v1/users/x/journal")).rejects.toMatchObject({ code: "bad-request" });
  });

  it("can be taken back to the start of a task", async () => {
    const view = await ready(await bed.create(userId));
    const terminal = await bed.openTerminal(view);
    terminal.type("echo before >file.txt; kubectl create configmap made\r");
    const marked = "select 1 from journal where sandbox_id = $1 and mark = 'passed:make-it' and kind = 'home'";
    await expect.poll(() => database.query(marked, [view.id]), PATIENCE).not.toEqual([]);
    terminal.type("echo after >file.txt; kubectl delete configmap made; kubectl create configmap later\r");
    await expect.poll(() => terminal.text, PATIENCE).toContain("configmap/later created");

    const second = await bed.create(userId, { from: { passed: ["make-it"] } });
    expect(second.id).not.toBe(view.id);
    expect((await bed.get(view.id)).state).toMatchObject({ reason: "rewound" });
    await ready(second);
    const events = await bed.openEvents(second);
    await expect.poll(() => events.passed().at(-1), PATIENCE).toBe(true);
    const look = await bed.openTerminal(second);
    look.type("clear; cat file.txt; kubectl get configmap later -o name\r");
    await expect.poll(() => look.text, PATIENCE).toMatch(/before\r\nError from server \(NotFound\)/);

    const anew = await ready(await bed.create(userId, { from: { passed: [] } }));
    const fresh = await bed.openTerminal(anew);
    fresh.type("ls file.txt; kubectl get configmap made\r");
    await expect.poll(() => fresh.text, PATIENCE).toMatch(/No such file[\s\S]*"made" not found/);
  });
});

describe("a terminal", () => {
  it("is one of several, and is gone once it was closed", async () => {
    const view = await ready(await bed.create(userId));
    const second = await bed.openTerminal(view, undefined, "2");
    second.type("sleep 1000; echo $?-ended\r");
    expect((await bed.get(view.id)).terminals).toEqual(["main", "2"]);
    const close = `/v1/sandboxes/${view.id}/terminals/2/close`;
    expect((await bed.client.call("POST", close, { schema: sandboxViewSchema })).terminals).toEqual(["main"]);
    await expect.poll(() => second.socket.readyState, PATIENCE).toBe(second.socket.CLOSED);
    const first = `/v1/sandboxes/${view.id}/terminals/main/close`;
    await expect(bed.client.call("POST", first)).rejects.toMatchObject({ code: "terminal-not-found" });
  });
});

describe("a manager", () => {
  it("is replaced under live learners", async () => {
    const view = await ready(await bed.create(userId));
    const before = await bed.openTerminal(view);
    before.type("echo $$-kept\r");
    await expect.poll(() => /\d+-kept/.test(before.text), PATIENCE).toBe(true);
    await bed.close("keep");
    await bed.start();
    expect(await bed.phase(view.id)).toBe("ready");
    expect((await bed.create(userId)).id).toBe(view.id);
    const after = await bed.openTerminal(view);
    after.type("kubectl create configmap made\r");
    await expect.poll(() => after.text, PATIENCE).toContain("configmap/made created");
    expect(/(\d+)-kept/.exec(after.text)?.[1]).toBe(/(\d+)-kept/.exec(before.text)?.[1]);
    const events = await bed.openEvents(view);
    await expect.poll(() => events.passed().at(-1), PATIENCE).toBe(true);
  });

  it("ends everything it started, and only that", async () => {
    const other = another("other");
    await other.start();
    const theirs = await other.create(await database.addUser());
    await expect.poll(() => other.phase(theirs.id), PATIENCE).toBe("ready");
    const view = await ready(await bed.create(userId));
    await bed.close("end");
    expect(processesWith(view.id)).toEqual([]);
    expect(processesWith(`SLIPWAY_INSTANCE=${bed.instance}\0`)).toEqual([]);
    expect(await other.phase(theirs.id)).toBe("ready");
    const terminal = await other.openTerminal(theirs);
    await expect.poll(() => terminal.text, PATIENCE).toMatch(PROMPT);
    const [row] = await database.query("select phase, reason from sandboxes where id = $1", [view.id]);
    expect(row).toEqual({ phase: "stopped", reason: "shutdown" });
    await bed.start();
  });

  it("is refused beside one that lives, which goes on undisturbed", async () => {
    const view = await ready(await bed.create(userId));
    await expect(bed.rival().start()).rejects.toThrow("another process serves");
    expect(await bed.phase(view.id)).toBe("ready");
    const terminal = await bed.openTerminal(view);
    await expect.poll(() => terminal.text, PATIENCE).toMatch(PROMPT);
  });

  it("that cannot start leaves no process behind", async () => {
    const broken = another("broken", { DATABASE_URL: "postgres://nobody:x@127.0.0.1:1/none" });
    await expect(broken.start()).rejects.toThrow();
    await expect.poll(() => processesWith(`SLIPWAY_INSTANCE=${broken.instance}\0`), PATIENCE).toEqual([]);
  });

  it("limits an address and makes others wait their turn", async () => {
    const small = another("small", {
      SLIPWAY_MAX_SANDBOXES: "1",
      SLIPWAY_SANDBOXES_PER_ADDRESS: "1",
    });
    await small.start();
    const first = await small.create(userId);
    await expect(small.create(await database.addUser())).rejects.toMatchObject({ code: "address-limit" });
    const second = await small.create(await database.addUser(), { address: "192.0.2.2" });
    const third = await small.create(await database.addUser(), { address: "192.0.2.3" });
    expect([second.state, third.state]).toMatchObject([
      { phase: "queued", position: 1 },
      { phase: "queued", position: 2 },
    ]);
    const body = { reason: "learner", actorId: userId };
    await small.client.call("POST", `/v1/sandboxes/${first.id}/stop`, { body });
    await expect.poll(() => small.phase(second.id), PATIENCE).toBe("ready");
    expect((await small.get(third.id)).state).toMatchObject({ phase: "queued", position: 1 });
  });
});

describe("a tunnel", () => {
  it("leads the sandbox's own user to a Service, as long as the sandbox lives", async () => {
    const view = await ready(await bed.create(userId));
    const path = `/v1/sandboxes/${view.id}`;
    const { services } = await bed.client.call("GET", `${path}/services`, { schema: serviceListSchema });
    expect(services).toContainEqual(expect.objectContaining({ namespace: "default", service: "kubernetes", ready: 1 }));
    const open = (user: string, query = "namespace=default&service=kubernetes&port=443") =>
      openTunnel({ socketPath: join(bed.folder, "manager.sock") }, `${path}/dial?${query}`, { [USER_HEADER]: user });
    const socket = connectTls({ socket: await open(userId), rejectUnauthorized: false });
    const ended = new Promise((resolve) => socket.once("close", resolve));
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    await expect(open(await database.addUser())).rejects.toMatchObject({ code: "sandbox-not-found" });
    await expect(open(userId, "namespace=default&service=none&port=1")).rejects.toMatchObject({
      code: "service-not-found",
    });
    await expect(open(userId, "namespace=default&service=none&port=x")).rejects.toMatchObject({ code: "bad-request" });
    await bed.stop(view, userId);
    await ended;
    await expect(open(userId)).rejects.toMatchObject({
      code: expect.stringMatching(/^sandbox-(stopped|not-found)$/) as string,
    });
  });
});

describe("a socket", () => {
  it("opens once for each ticket", async () => {
    const view = await ready(await bed.create(userId));
    const ticket = await bed.ticket(view, "sandbox");
    const headers = { origin: ORIGIN, [USER_HEADER]: userId };
    const path = `/ws/sandbox?ticket=${ticket}`;
    const first = bed.open(path, headers);
    await new Promise((resolve) => first.once("open", resolve));
    expect(await refusal(path, headers)).toEqual({ status: 401, code: "ticket-unknown" });
    first.close();
  });

  it("is refused by code, and the manager goes on", async () => {
    const view = await ready(await bed.create(userId));
    const other = await database.addUser();
    const good = { origin: ORIGIN, [USER_HEADER]: userId };
    const table: [
      path: string,
      headers: Record<string, string>,
      purpose: "terminal" | "sandbox" | undefined,
      refusal: object,
    ][] = [
      ["/ws/nothing", good, "terminal", { status: 404, code: "not-found" }],
      ["/ws/terminal", good, undefined, { status: 401, code: "ticket-missing" }],
      ["/ws/terminal?ticket=x", good, undefined, { status: 401, code: "ticket-malformed" }],
      ["/ws/terminal", good, "sandbox", { status: 403, code: "ticket-mismatch" }],
      ["/ws/sandbox", good, "terminal", { status: 403, code: "ticket-mismatch" }],
      [
        "/ws/terminal",
        { ...good, origin: "http://localhost:3001" },
        "terminal",
        { status: 403, code: "origin-refused" },
      ],
      ["/ws/terminal", { [USER_HEADER]: userId }, "terminal", { status: 403, code: "origin-refused" }],
      ["/ws/terminal", { ...good, [USER_HEADER]: other }, "terminal", { status: 403, code: "ticket-mismatch" }],
      ["/ws/terminal", { origin: ORIGIN }, "terminal", { status: 403, code: "ticket-mismatch" }],
      ["/ws/terminal?terminal=9", good, "terminal", { status: 400, code: "bad-request" }],
      ["/ws/terminal?from=-1", good, "terminal", { status: 400, code: "bad-request" }],
    ];
    for (const [path, headers, purpose, expected] of table) {
      const ticket = purpose && `${path.includes("?") ? "&" : "?"}ticket=${await bed.ticket(view, purpose)}`;
      expect([path, await refusal(`${path}${ticket ?? ""}`, headers)]).toEqual([path, expected]);
    }
    expect(await bed.phase(view.id)).toBe("ready");
  });

  it("gives no ticket for another learner's sandbox", async () => {
    const view = await ready(await bed.create(userId));
    const stranger = { ...view, userId: await database.addUser() };
    await expect(bed.ticket(stranger, "terminal")).rejects.toMatchObject({ code: "sandbox-not-found" });
  });

  it("is closed with a code when a frame is malformed", async () => {
    const view = await ready(await bed.create(userId));
    const terminal = await bed.openTerminal(view);
    const closed = new Promise((resolve) => terminal.socket.once("close", resolve));
    terminal.socket.send(Uint8Array.of(0x7f, 1, 2));
    expect(await closed).toBe(CLOSE.malformed);
    const events = await bed.openEvents(view);
    await expect.poll(() => events.events.length, PATIENCE).toBeGreaterThan(0);
    events.socket.send("hello");
    expect(await events.closed).toMatchObject({ code: CLOSE.malformed });
    expect(await bed.phase(view.id)).toBe("ready");
  });
});

describe("the API", () => {
  it("refuses by code", async () => {
    const table = [
      ["POST", "/v1/sandboxes", undefined, "bad-body"],
      ["POST", "/v1/sandboxes", { user: 1 }, "bad-body"],
      ["POST", "/v1/sandboxes/x/stop", {}, "bad-body"],
      ["GET", "/v1/sandboxes/x", undefined, "sandbox-not-found"],
      ["GET", "/v1/verdicts?after=x", undefined, "bad-request"],
      ["GET", "/v2/sandboxes", undefined, "not-found"],
    ] as const;
    for (const [method, path, body, code] of table) {
      const refused: unknown = await bed.client.call(method, path, { body }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(SandboxError);
      expect([path, refused]).toMatchObject([path, { code }]);
    }
  });
});

function refusal(
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number | undefined; code: unknown }> {
  return new Promise((resolve, reject) => {
    const socket = bed.open(path, headers);
    socket.once("open", () => reject(new Error(`${path} was opened`)));
    socket.once("error", () => undefined);
    socket.once("unexpected-response", (_request, response: IncomingMessage) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode, code: (JSON.parse(text) as { error: { code: string } }).error.code }),
      );
    });
  });
}

/** What is stored of a sandbox, unpacked. */
async function journalOf(view: SandboxView, kind: "cluster" | "home"): Promise<string> {
  const rows = await database.query("select data from journal where sandbox_id = $1 and kind = $2", [view.id, kind]);
  return rows
    .map(({ data }) => {
      const bytes = data instanceof Buffer ? data : Buffer.alloc(0);
      return gunzipSync(kind === "home" ? bytes.subarray(bytes.indexOf("\n") + 1) : bytes).toString();
    })
    .join("");
}

/** Processes with this in their environment. */
function processesWith(text: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && environmentOf(pid).includes(text));
}

function environmentOf(pid: number): string {
  const file = `/proc/${pid}/environ`;
  try {
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  } catch {
    return ""; // it has ended, or is not ours to read
  }
}
