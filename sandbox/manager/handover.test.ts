import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { JsonClient } from "../protocol/node/json-client";
import { serveJson } from "../protocol/node/json-server";
import type { SandboxView } from "../protocol/sandbox-view";
import type { ManagerBed } from "./manager-bed";
import { openManager, PATIENCE, processesWith } from "./manager-suite";
import { StayingLearner } from "./staying-learner";

const suite = openManager("hand");

/** What a release speaks that knows nothing newer. */
const RELEASE = { previous: { SLIPWAY_PROTOCOL_VERSION: "1" }, current: {} } as const;

/** Reconnecting is to take no longer; a machine so busy that the first start takes longer may be slow at this, too. */
const RECONNECT_MS = 2_000;

describe("a manager that is replaced under live terminals", () => {
  it.each([{ order: ["current", "previous", "current"] }, { order: ["previous", "current", "previous"] }] as const)(
    "of $order.0, $order.1 and $order.2 protocol version one after the other keeps sandboxes, shells and every echoed byte",
    async ({ order: [first, ...successors] }) => {
      const bed = suite.another(`from-${first}`, {});
      const began = performance.now();
      await bed.start(RELEASE[first]);
      const views = await Promise.all([1, 2].map(async () => bed.create(await suite.database.addUser())));
      for (const view of views) await expect.poll(() => bed.phase(view.id), PATIENCE).toBe("ready");
      const startMs = performance.now() - began;
      const hosts = processesWith(`SLIPWAY_INSTANCE=${bed.instance}\0`).sort();
      // What is sent to the manager's process group or terminal does not reach them.
      expect(hosts.map(sessionOf)).toEqual(hosts);
      const pages = [page(bed, views[0], "main"), page(bed, views[0], "2"), page(bed, views[1], "main")];
      const typing = new AbortController();
      const work = pages.map((one) => typeUntil(one, typing.signal));
      for (const one of pages) await expect.poll(() => one.text, PATIENCE).toMatch(/pid-\d+/);
      const shells = pages.map((one) => /pid-(\d+)/.exec(one.text)?.[1]);
      expect(await spokenBy(bed)).toEqual({
        manager: first === "previous" ? 1 : 2,
        host: first === "previous" ? 1 : 2,
      });

      for (const [index, release] of successors.entries()) {
        const echoed = pages.map((one) => lastTick(one.text));
        for (const [at, one] of pages.entries())
          await expect.poll(() => lastTick(one.text), PATIENCE).not.toBe(echoed[at]);
        await bed.close("keep");
        await bed.start(RELEASE[release]);
        expect((await spokenBy(bed)).manager).toBe(release === "previous" ? 1 : 2);
        for (const view of views) expect(await bed.phase(view.id)).toBe("ready");
        for (const one of pages)
          await expect.poll(() => one.live && one.gapsMs.length === index + 1, PATIENCE).toBe(true);
      }
      // It is taken note of what happens, too: verdicts, and the journal, whose bytes this manager asks the hosts for.
      const made = page(bed, views[1], "3");
      await expect.poll(() => made.live, PATIENCE).toBe(true);
      made.type("kubectl create configmap made\r");
      await expect.poll(() => made.text, PATIENCE).toContain("configmap/made created");
      const events = await bed.openEvents(views[1] ?? fail());
      await expect.poll(() => events.passed().at(-1), PATIENCE).toBe(true);
      await expect.poll(() => journalled(views[1], "3"), PATIENCE).toContain("configmap/made created");

      typing.abort();
      const typed = await Promise.all(work);
      for (const [at, one] of pages.entries()) {
        expect(one.lost).toBe(0);
        const ticks = [...one.text.matchAll(/^tick-(\d+)\r$/gm)].map(([, tick]) => Number(tick));
        expect(ticks).toEqual(Array.from({ length: typed[at] ?? 0 }, (_, tick) => tick + 1));
        const anew = page(bed, views[at === 2 ? 1 : 0], at === 1 ? "2" : "main");
        await expect.poll(() => anew.live, PATIENCE).toBe(true);
        expect(anew.text).toBe(one.text);
        expect(/pid-(\d+)/.exec(anew.text)?.[1]).toBe(shells[at]);
        anew.leave();
        expect(Math.max(...one.gapsMs)).toBeLessThan(Math.max(RECONNECT_MS, startMs));
      }
      for (const one of [made, ...pages]) one.leave();
      expect(processesWith(`SLIPWAY_INSTANCE=${bed.instance}\0`).sort()).toEqual(hosts);
    },
  );

  it("does not begin beside a host that speaks nothing it does, says so, and leaves it alone", async () => {
    const bed = suite.another("apart");
    const host = await serveJson({
      socketPath: join(bed.folder, "terminal-host.sock"),
      identity: { instance: bed.instance, process: "terminal-host" },
      speaks: { oldest: 3, newest: 4 },
      routes: [],
      onInternalError: () => undefined,
    });
    await expect(bed.start()).rejects.toThrow(/terminal-host \(process \d+\) speaks protocol 3-4, this release 1-2/);
    await expect.poll(() => processesWith(`SLIPWAY_INSTANCE=${bed.instance}\0`), PATIENCE).toEqual([]);
    await host.close();
  });

  it("ends although somebody holds a socket open and reads nothing", async () => {
    const bed = suite.another("deaf");
    await bed.start();
    const view = await bed.create(await suite.database.addUser());
    await expect.poll(() => bed.phase(view.id), PATIENCE).toBe("ready");
    const terminal = await bed.openTerminal(view);
    const events = await bed.openEvents(view);
    await expect.poll(() => events.events.length, PATIENCE).toBeGreaterThan(0);
    for (const { socket } of [terminal, events]) socket.pause();
    await bed.close("keep");
    for (const { socket } of [terminal, events]) socket.terminate();
    await bed.start();
    expect(await bed.phase(view.id)).toBe("ready");
  });
});

function page(bed: ManagerBed, view: SandboxView | undefined, terminal: string): StayingLearner {
  return new StayingLearner(bed, view ?? fail(), terminal);
}

function fail(): never {
  throw new Error("no sandbox");
}

/** A line, and the next one when that was echoed and answered; none while the page is cut off. Returns how many. */
async function typeUntil(learner: StayingLearner, end: AbortSignal): Promise<number> {
  await expect.poll(() => learner.text, PATIENCE).toMatch(/[$#] $/);
  learner.type("echo pid-$$\r");
  for (let tick = 1; ; tick++) {
    const waiting = (): boolean => lastTick(learner.text) < tick;
    while (waiting()) {
      const connections = learner.gapsMs.length;
      if (learner.live) learner.type(`[[ $last == ${tick} ]] || echo tick-$((last=${tick}))\r`);
      while (waiting() && learner.gapsMs.length === connections) await sleep(5);
    }
    if (end.aborted) return tick;
    await sleep(20);
  }
}

function lastTick(text: string): number {
  return Number([...text.matchAll(/^tick-(\d+)\r$/gm)].at(-1)?.[1] ?? 0);
}

/** The id of the session that a process is in: its leader's process id. */
function sessionOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[3]);
}

async function spokenBy(bed: ManagerBed): Promise<{ manager: number; host: number }> {
  const manager = await bed.client.greet(bed.instance, "manager");
  const client = new JsonClient({ socketPath: join(bed.folder, "terminal-host.sock") });
  return { manager: manager.protocol, host: (await client.greet(bed.instance, "terminal-host")).protocol };
}

/** What is stored of a terminal's output. */
async function journalled(view: SandboxView | undefined, terminal: string): Promise<string> {
  const sql = "select data from journal where sandbox_id = $1 and kind = 'terminal' and part = $2 order by sequence";
  const rows = await suite.database.query(sql, [view?.id, terminal]);
  return rows.map(({ data }) => String(data)).join("");
}
