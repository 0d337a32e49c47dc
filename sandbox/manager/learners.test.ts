import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SandboxError } from "../protocol/codes";
import { sandboxListSchema } from "../protocol/manager-api";
import { sandboxViewSchema } from "../protocol/sandbox-view";
import { CLOSE } from "../protocol/terminal-frames";
import { verdictEventSchema, type VerdictEvent } from "../protocol/verdict";
import { environmentOf, PATIENCE, processesWith, PROMPT, openManager } from "./manager-suite";

const suite = openManager("learn");

describe("a sandbox", () => {
  it("is made once for each learner and lesson, and gives way to the next lesson's", async () => {
    const [first, same] = await Promise.all([suite.bed.create(suite.userId), suite.bed.create(suite.userId)]);
    expect(same.id).toBe(first.id);
    await suite.ready(first);
    const next = await suite.bed.create(suite.userId, { lesson: { lessonId: "services", revision: "r1" } });
    expect(next.id).not.toBe(first.id);
    await expect
      .poll(() => suite.bed.get(first.id), PATIENCE)
      .toMatchObject({ state: { phase: "stopped", reason: "replaced" } });
    await suite.ready(next);
    const { sandboxes } = await suite.bed.client.call("GET", `/v1/sandboxes?userId=${suite.userId}`, {
      schema: sandboxListSchema,
    });
    expect(sandboxes.map(({ id }) => id)).toEqual([next.id, first.id]);
    const path = `/v1/sandboxes?userId=${suite.userId}&active=1`;
    const active = await suite.bed.client.call("GET", path, { schema: sandboxListSchema });
    expect(active.sandboxes.map(({ id }) => id)).toEqual([next.id]);
  });

  it("is refused to guests where shells run as the owner of the machine", async () => {
    const create = suite.bed.create(suite.userId, { user: { id: suite.userId, kind: "guest" } });
    await expect(create).rejects.toMatchObject({ code: "guest-refused" });
  });

  it("has a shell that a second viewer shares and a reload finds again", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const one = await suite.bed.openTerminal(view);
    await expect.poll(() => one.text, PATIENCE).toMatch(PROMPT);
    one.type("echo $((6*7))-there\r");
    await expect.poll(() => one.text, PATIENCE).toContain("42-there");
    const two = await suite.bed.openTerminal(view);
    await expect.poll(() => two.text, PATIENCE).toContain("42-there");
    one.socket.terminate();
    two.type("echo $((7*7))-more\r");
    await expect.poll(() => two.text, PATIENCE).toContain("49-more");
    const resumed = await suite.bed.openTerminal(view, one.seq);
    await expect.poll(() => resumed.text, PATIENCE).toContain("49-more");
    expect(resumed.text).not.toContain("42-there");
    two.type("exit 3\r");
    await expect.poll(() => two.exitCode, PATIENCE).toBe(3);
    const anew = await suite.bed.openTerminal(view);
    await expect.poll(() => anew.text, PATIENCE).toMatch(PROMPT);
    expect(anew.text).not.toContain("42-there");
  });

  it("turns a task green within a second, and the verdict can be read once from the start or from the middle", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const events = await suite.bed.openEvents(view);
    await expect.poll(() => events.passed().at(-1), PATIENCE).toBe(false);
    const terminal = await suite.bed.openTerminal(view);
    await expect.poll(() => terminal.text, PATIENCE).toMatch(PROMPT);
    terminal.type("kubectl create configmap made\r");
    await expect.poll(() => terminal.text, PATIENCE).toContain("configmap/made created");
    const created = performance.now();
    await expect.poll(() => events.passed().at(-1), PATIENCE).toBe(true);
    expect(performance.now() - created).toBeLessThan(1_000);

    const read = async (after: number, count: number): Promise<VerdictEvent[]> => {
      const reading = new AbortController();
      const found: VerdictEvent[] = [];
      for await (const verdict of suite.bed.client.lines(
        `/v1/verdicts?after=${after}`,
        verdictEventSchema,
        reading.signal,
      )) {
        found.push(verdict);
        if (found.filter(({ sandboxId }) => sandboxId === view.id).length === count) reading.abort();
      }
      return found.filter(({ sandboxId }) => sandboxId === view.id);
    };
    const [passed] = await read(0, 1);
    expect(passed).toMatchObject({
      userId: suite.userId,
      lessonId: "pods",
      revision: "r1",
      taskId: "make-it",
      passed: true,
    });
    const next = read(passed?.sequence ?? 0, 1);
    terminal.type("kubectl delete configmap made\r");
    expect(await next).toMatchObject([{ taskId: "make-it", passed: false, message: { code: "object-missing" } }]);
  });

  it("tells the learner why an admin stopped it, and leaves nothing behind", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const events = await suite.bed.openEvents(view);
    const terminal = await suite.bed.openTerminal(view);
    const terminalClosed = new Promise((resolve) => terminal.socket.once("close", resolve));
    await expect.poll(() => events.phases()).toEqual(["ready"]);
    const body = { reason: "admin-maintenance", actorId: await suite.database.addUser() };
    const stopping = await suite.bed.client.call("POST", `/v1/sandboxes/${view.id}/stop`, {
      body,
      schema: sandboxViewSchema,
    });
    expect(stopping.state).toMatchObject({ phase: "stopping", reason: "admin-maintenance" });
    expect(await events.closed).toEqual({ code: CLOSE.stopped, reason: "admin-maintenance" });
    expect(events.phases()).toEqual(["ready", "stopping", "stopped"]);
    await terminalClosed;
    expect(readdirSync(join(suite.bed.folder, "s"))).not.toContain(view.id.slice(-12));
    expect(readdirSync(join(suite.bed.folder, "workstations"))).not.toContain(view.id);
    expect(processesWith(view.id)).toEqual([]);
    // Once more is harmless, and its last word can still be heard.
    expect(
      await suite.bed.client.call("POST", `/v1/sandboxes/${view.id}/stop`, { body, schema: sandboxViewSchema }),
    ).toMatchObject({
      state: { phase: "stopped" },
    });
    const lateTerminal = await suite.bed.openTerminal(view);
    expect(await new Promise((resolve) => lateTerminal.socket.once("close", resolve))).toBe(CLOSE.stopped);
    const late = await suite.bed.openEvents(view);
    expect(await late.closed).toEqual({ code: CLOSE.stopped, reason: "admin-maintenance" });
    const audit = await suite.database.query(
      "select action from audit_events where subject_id = $1 order by created_at",
      [view.id],
    );
    expect(audit.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["sandbox.create", "sandbox.stop", "sandbox.stopped"]),
    );
  });

  it("that cannot start stops with what failed", async () => {
    const view = await suite.bed.create(suite.userId, { startObjects: [{ apiVersion: "v1", kind: "Nothing" }] });
    await expect.poll(() => suite.bed.phase(view.id), PATIENCE).toBe("stopped");
    expect((await suite.bed.get(view.id)).state).toMatchObject({
      reason: "cluster-failed",
      cause: expect.stringContaining("Nothing") as string,
    });
    // The learner can try again at once.
    expect((await suite.bed.create(suite.userId)).id).not.toBe(view.id);
  });

  it("stops with a reason when the process that holds its cluster dies, and nothing of it is left", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    rmSync(join(suite.bed.folder, "cluster-host-0.clusters", view.id), { recursive: true });
    const [pid] = processesWith(`SLIPWAY_HOST_INDEX=0\0`).filter((one) =>
      environmentOf(one).includes(suite.bed.instance),
    );
    process.kill(pid ?? 0, "SIGKILL");
    await expect
      .poll(() => suite.bed.get(view.id), PATIENCE)
      .toMatchObject({ state: { phase: "stopped", reason: "cluster-lost" } });
    await suite.ready(await suite.bed.create(suite.userId));
  });
});

describe("a terminal", () => {
  it("is one of several, and is gone once it was closed", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const second = await suite.bed.openTerminal(view, undefined, "2");
    second.type("sleep 1000; echo $?-ended\r");
    expect((await suite.bed.get(view.id)).terminals).toEqual(["main", "2"]);
    const close = `/v1/sandboxes/${view.id}/terminals/2/close`;
    expect((await suite.bed.client.call("POST", close, { schema: sandboxViewSchema })).terminals).toEqual(["main"]);
    await expect.poll(() => second.socket.readyState, PATIENCE).toBe(second.socket.CLOSED);
    const first = `/v1/sandboxes/${view.id}/terminals/main/close`;
    await expect(suite.bed.client.call("POST", first)).rejects.toMatchObject({ code: "terminal-not-found" });
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
      const refused: unknown = await suite.bed.client.call(method, path, { body }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(SandboxError);
      expect([path, refused]).toMatchObject([path, { code }]);
    }
  });
});
