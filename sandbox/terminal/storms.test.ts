import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASH, bundleTerminalHost, TerminalHostBed, type TestViewer } from "./terminal-host-bed";

/** Fewer than the 500 of the benchmark, which measures: here it counts that none is missing. */
const TERMINALS = 100;
const CYCLES = 100;
const PATIENCE_MS = 60_000;

let script: string;
let host: TerminalHostBed;

beforeAll(async () => {
  script = await bundleTerminalHost();
  host = new TerminalHostBed(script);
  await host.start();
});
afterAll(async () => {
  await host.clean();
  await rm(script, { force: true });
});

async function make(id: string): Promise<void> {
  expect((await host.call("POST", "/v1/terminals", { id, ...BASH })).status).toBe(201);
}

async function allAnswer(viewers: readonly TestViewer[], word: string): Promise<void> {
  for (const viewer of viewers) viewer.type(`echo ${word}-$((6 * 7))\r`);
  const seen = (viewer: TestViewer): boolean => viewer.text.includes(`${word}-42\r\n`);
  await Promise.all(viewers.map((viewer) => viewer.until(seen, `${word}-42`, PATIENCE_MS)));
}

describe("many terminals", () => {
  it("R1, R3, R5: are all there when they come at once, and again when all sockets break at once", async () => {
    const ids = Array.from({ length: TERMINALS }, (_, index) => `storm-${index}`);
    await Promise.all(ids.map(make));
    const viewers = ids.map((id) => host.attach(id));
    await Promise.all(
      viewers.map((viewer) => viewer.until(({ text }) => text.includes("ready> "), "a prompt", PATIENCE_MS)),
    );
    await allAnswer(viewers, "first");

    for (const viewer of viewers) viewer.type("for i in {1..50}; do echo line-$i; done\r");
    for (const viewer of viewers) viewer.socket.terminate();
    await Promise.all(viewers.map((viewer) => viewer.closed()));
    const again = viewers.map((viewer, index) => host.attach(`storm-${index}`, viewer.seq));
    const isLive = ({ frames }: TestViewer): boolean => frames.some(({ type }) => type === "replayed");
    await Promise.all(again.map((viewer) => viewer.until(isLive, "what was missed", PATIENCE_MS)));
    await allAnswer(again, "second");
    for (const [index, viewer] of again.entries()) {
      expect(viewer.frames[0]).toMatchObject({ type: "replay", from: viewers[index]?.seq, lost: 0 });
      const whole = (viewers[index]?.text ?? "") + viewer.text;
      // What was typed last before the break may not have got there; what did is there once.
      const lines = [...whole.matchAll(/line-(\d+)\r\n/g)].map(([, line]) => Number(line));
      expect([0, 50]).toContain(lines.length);
      expect(new Set(lines).size).toBe(lines.length);
    }
    await Promise.all(ids.map((id) => host.call("DELETE", `/v1/terminals/${id}`)));
    expect((await host.call("GET", "/v1/terminals")).body).toEqual({ terminals: [] });
  }, 120_000);

  it("R9: come and go, half of them killed, each with a child that left its session, and leave nothing", async () => {
    const cycle = async (id: string, isKilled: boolean): Promise<void> => {
      await make(id);
      const viewer = host.attach(id);
      await viewer.sees("ready> ");
      viewer.type("(sleep 1000.25 &) ; setsid sleep 1000.25 & echo pid=$$\r");
      await viewer.until(({ text }) => /pid=\d+\r\n/.test(text), "the shell's pid");
      const pid = Number(/pid=(\d+)\r\n/.exec(viewer.text)?.[1]);
      if (isKilled) {
        process.kill(pid, "SIGKILL");
        await viewer.until(({ frames }) => frames.some(({ type }) => type === "exit"), "exit");
      }
      expect((await host.call("DELETE", `/v1/terminals/${id}`)).status).toBe(204);
      await viewer.closed();
    };
    await cycle("warm", false);
    const before = held(host.pid);
    for (let at = 0; at < CYCLES; at += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, one) => cycle(`cycle-${at + one}`, one % 2 === 0)));
    }
    await expect.poll(() => held(host.pid).masters, { timeout: 10_000 }).toBe(before.masters);
    await expect.poll(() => held(host.pid).descriptors, { timeout: 10_000 }).toBeLessThanOrEqual(before.descriptors);
    // What left the session is the container's to end, where there is one; here we do.
    for (const pid of pidsOf("sleep\x001000.25\x00")) process.kill(pid, "SIGKILL");
  }, 120_000);
});

/** What a process has open: how many descriptors, and how many masters of terminals among them. */
function held(pid: number): { descriptors: number; masters: number } {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ""; // closed meanwhile
    }
  });
  return { descriptors: links.length, masters: links.filter((link) => link === "/dev/ptmx").length };
}

function pidsOf(commandLine: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      try {
        return pid > 0 && readFileSync(`/proc/${pid}/cmdline`, "utf8") === commandLine;
      } catch {
        return false; // it has ended
      }
    });
}
