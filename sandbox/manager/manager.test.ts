import { describe, expect, it } from "vitest";
import { PATIENCE, processesWith, PROMPT, openManager } from "./manager-suite";

const suite = openManager("mgr");

describe("a manager", () => {
  it("ends everything it started, and only that", async () => {
    const other = suite.another("other");
    await other.start();
    const theirs = await other.create(await suite.database.addUser());
    await expect.poll(() => other.phase(theirs.id), PATIENCE).toBe("ready");
    const view = await suite.ready(await suite.bed.create(suite.userId));
    await suite.bed.close("end");
    expect(processesWith(view.id)).toEqual([]);
    expect(processesWith(`SLIPWAY_INSTANCE=${suite.bed.instance}\0`)).toEqual([]);
    expect(await other.phase(theirs.id)).toBe("ready");
    const terminal = await other.openTerminal(theirs);
    await expect.poll(() => terminal.text, PATIENCE).toMatch(PROMPT);
    const [row] = await suite.database.query("select phase, reason from sandboxes where id = $1", [view.id]);
    expect(row).toEqual({ phase: "stopped", reason: "shutdown" });
    await suite.bed.start();
  });

  it("is refused beside one that lives, which goes on undisturbed", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    await expect(suite.bed.rival().start()).rejects.toThrow("another process serves");
    expect(await suite.bed.phase(view.id)).toBe("ready");
    const terminal = await suite.bed.openTerminal(view);
    await expect.poll(() => terminal.text, PATIENCE).toMatch(PROMPT);
  });

  it("that cannot start leaves no process behind", async () => {
    const broken = suite.another("broken", { DATABASE_URL: "postgres://nobody:x@127.0.0.1:1/none" });
    await expect(broken.start()).rejects.toThrow();
    await expect.poll(() => processesWith(`SLIPWAY_INSTANCE=${broken.instance}\0`), PATIENCE).toEqual([]);
  });

  it("limits an address and makes others wait their turn", async () => {
    const small = suite.another("small", {
      SLIPWAY_MAX_SANDBOXES: "1",
      SLIPWAY_SANDBOXES_PER_ADDRESS: "1",
    });
    await small.start();
    const first = await small.create(suite.userId);
    await expect(small.create(await suite.database.addUser())).rejects.toMatchObject({ code: "address-limit" });
    const second = await small.create(await suite.database.addUser(), { address: "192.0.2.2" });
    const third = await small.create(await suite.database.addUser(), { address: "192.0.2.3" });
    expect([second.state, third.state]).toMatchObject([
      { phase: "queued", position: 1 },
      { phase: "queued", position: 2 },
    ]);
    const body = { reason: "learner", actorId: suite.userId };
    await small.client.call("POST", `/v1/sandboxes/${first.id}/stop`, { body });
    await expect.poll(() => small.phase(second.id), PATIENCE).toBe("ready");
    expect((await small.get(third.id)).state).toMatchObject({ phase: "queued", position: 1 });
  });
});
