import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { journalLineSchema, type JournalLine } from "../protocol/manager-api";
import type { SandboxView } from "../protocol/sandbox-view";
import { PATIENCE, processesWith, openManager } from "./manager-suite";

// It looks around ten times in that while: nobody waits long for what it finds.
const suite = openManager("back", { SLIPWAY_IDLE_MINUTES: "1" });

describe("what a learner did", () => {
  it("is there again within two seconds after a stop: objects, files, history, screen, folder, a second terminal", async () => {
    const began = performance.now();
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const terminal = await suite.bed.openTerminal(view);
    await expect.poll(() => terminal.text, PATIENCE).toMatch(/[#$] $/);
    const firstStartMs = performance.now() - began;
    terminal.type("mkdir -p work/deep && cd work/deep && echo mine >note.txt\r");
    terminal.type("kubectl create configmap made; kubectl config set-context --current --namespace=kube-system\r");
    await expect.poll(() => terminal.text, PATIENCE).toContain('Context "kind-kind" modified');
    const second = await suite.bed.openTerminal(view, undefined, "2");
    second.type("cd work; echo in-the-second\r");
    await expect.poll(() => second.text, PATIENCE).toContain("in-the-second\r\n");
    await suite.bed.stop(view, suite.userId);
    await expect.poll(() => suite.bed.phase(view.id), PATIENCE).toBe("stopped");
    expect((await suite.bed.get(view.id)).savedAt).not.toBeNull();

    const cameBack = performance.now();
    const back = await suite.bed.create(suite.userId);
    expect(back.id).not.toBe(view.id);
    await suite.ready(back);
    const resumed = await suite.bed.openTerminal(back);
    resumed.type(
      "pwd; cat note.txt; kubectl get cm made -n default -o name; kubectl config view --minify | grep namespace:\r",
    );
    await expect.poll(() => resumed.text, PATIENCE).toMatch(/namespace:\S* kube-system/);
    expect(performance.now() - cameBack).toBeLessThan(Math.max(2_000, 3 * firstStartMs));
    expect(resumed.text).toContain('Context "kind-kind" modified');
    expect(resumed.text).toMatch(/home\/work\/deep\r\nmine\r\nconfigmap\/made/);
    resumed.type("history | grep -c set-context\r");
    await expect.poll(() => resumed.text, PATIENCE).toMatch(/grep -c set-context\r\n[^\n]*[12]\r\n/);
    expect((await suite.bed.get(back.id)).terminals).toEqual(["main", "2"]);
    const secondBack = await suite.bed.openTerminal(back, undefined, "2");
    await expect.poll(() => secondBack.text, PATIENCE).toContain("in-the-second");
    const [passed] = await suite.database.query("select count(*) from journal where sandbox_id = $1", [view.id]);
    expect(passed).toEqual({ count: "0" });
  });

  it("goes on when its cluster-host and terminal-host are killed at once, with all that was acknowledged", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const terminal = await suite.bed.openTerminal(view);
    terminal.type("echo kept >kept.txt; kubectl create configmap made\r");
    await expect.poll(() => terminal.text, PATIENCE).toContain("configmap/made created");
    for (const pid of processesWith(`SLIPWAY_INSTANCE=${suite.bed.instance}\0`)) process.kill(pid, "SIGKILL");
    await expect.poll(() => terminal.socket.readyState, PATIENCE).toBe(terminal.socket.CLOSED);
    const resumed = await suite.bed.openTerminal(view);
    resumed.type("cat kept.txt; until kubectl get configmap made -o name; do sleep 0.2; done\r");
    await expect.poll(() => resumed.text, PATIENCE).toMatch(/kept\r\n[^]*configmap\/made\r\n/);
    expect((await suite.bed.create(suite.userId)).id).toBe(view.id);
  });

  it("goes on in another place when the manager that had it is dead", async () => {
    const dead = suite.elsewhere();
    await dead.start();
    const view = await dead.create(suite.userId);
    await expect.poll(() => dead.phase(view.id), PATIENCE).toBe("ready");
    const terminal = await dead.openTerminal(view);
    terminal.type("kubectl create configmap made\r");
    await expect.poll(() => journalOf(view, "cluster"), PATIENCE).toContain('"name":"made"');
    // As if its lease had run out: it is fenced, and renews it no more.
    const fence = "update managers set stopped_at = now() where instance_id = $1 and place like $2";
    await suite.database.query(fence, [suite.bed.instance, `%${dead.folder}`]);
    await expect
      .poll(() => suite.bed.get(view.id), { timeout: 40_000 })
      .toMatchObject({ state: { phase: "stopped", reason: "orphaned" } });
    const back = await suite.ready(await suite.bed.create(suite.userId));
    const resumed = await suite.bed.openTerminal(back);
    resumed.type("kubectl get configmap made -o name\r");
    await expect.poll(() => resumed.text, PATIENCE).toContain("configmap/made\r\n");
  });

  it("can be handed out to them, and erased", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const exported = async (): Promise<JournalLine[]> => {
      const lines: JournalLine[] = [];
      const { signal } = new AbortController();
      for await (const line of suite.bed.client.lines(`/v1/users/${suite.userId}/journal`, journalLineSchema, signal))
        lines.push(line);
      return lines;
    };
    await expect.poll(exported, PATIENCE).toContainEqual(expect.objectContaining({ kind: "home", lessonId: "pods" }));
    expect((await exported()).every(({ sandboxId }) => sandboxId === view.id)).toBe(true);
    await suite.bed.stop(view, suite.userId);
    await expect.poll(() => suite.bed.phase(view.id), PATIENCE).toBe("stopped");
    await suite.bed.client.call("DELETE", `/v1/users/${suite.userId}/journal`);
    expect(await exported()).toEqual([]);
    await expect(suite.bed.client.call("DELETE", "/v1/users/x/journal")).rejects.toMatchObject({ code: "bad-request" });
  });

  it("can be taken back to the start of a task", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const terminal = await suite.bed.openTerminal(view);
    terminal.type("echo before >file.txt; kubectl create configmap made\r");
    const marked = "select 1 from journal where sandbox_id = $1 and mark = 'passed:make-it' and kind = 'home'";
    await expect.poll(() => suite.database.query(marked, [view.id]), PATIENCE).not.toEqual([]);
    terminal.type("echo after >file.txt; kubectl delete configmap made; kubectl create configmap later\r");
    await expect.poll(() => terminal.text, PATIENCE).toContain("configmap/later created");

    const second = await suite.bed.create(suite.userId, { from: { passed: ["make-it"] } });
    expect(second.id).not.toBe(view.id);
    expect((await suite.bed.get(view.id)).state).toMatchObject({ reason: "rewound" });
    await suite.ready(second);
    const events = await suite.bed.openEvents(second);
    await expect.poll(() => events.passed().at(-1), PATIENCE).toBe(true);
    const look = await suite.bed.openTerminal(second);
    look.type("clear; cat file.txt; kubectl get configmap later -o name\r");
    await expect.poll(() => look.text, PATIENCE).toMatch(/before\r\nError from server \(NotFound\)/);

    const anew = await suite.ready(await suite.bed.create(suite.userId, { from: { passed: [] } }));
    const fresh = await suite.bed.openTerminal(anew);
    fresh.type("ls file.txt; kubectl get configmap made\r");
    await expect.poll(() => fresh.text, PATIENCE).toMatch(/No such file[\s\S]*"made" not found/);
  });
});

/** What is stored of a sandbox, unpacked. */
async function journalOf(view: SandboxView, kind: "cluster" | "home"): Promise<string> {
  const rows = await suite.database.query("select data from journal where sandbox_id = $1 and kind = $2", [
    view.id,
    kind,
  ]);
  return rows
    .map(({ data }) => {
      const bytes = data instanceof Buffer ? data : Buffer.alloc(0);
      return gunzipSync(kind === "home" ? bytes.subarray(bytes.indexOf("\n") + 1) : bytes).toString();
    })
    .join("");
}
