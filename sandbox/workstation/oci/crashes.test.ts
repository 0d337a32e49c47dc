import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand, type RunCommand } from "../run-command";
import { WorkstationError } from "../workstation";
import { run } from "../workstation.contract";
import { OciBed, reasonAgainstContainers } from "./test-bed";
import { firstProcess } from "./weakened";

const reason = reasonAgainstContainers();
if (reason !== undefined) it.skip(`crashes: skipped, ${reason}`, () => undefined);

const KILLS = 24;
const LONGEST_MS = 140;

describe.skipIf(reason !== undefined)("a container workstation whose start is cut off", () => {
  const bed = new OciBed();
  const sound = bed.open();

  beforeAll(() => sound.prepare(() => undefined), 300_000);
  afterAll(() => bed.clean());

  /** Runs commands as ever, but kills `runc run` after so long. */
  function killingAfter(ms: number): RunCommand {
    return async (program, args, options) => {
      if (!args.includes("run")) return runCommand(program, args, options);
      const child = spawn(program, [...args], { stdio: "ignore", detached: true });
      const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
      const timer = setTimeout(() => child.kill("SIGKILL"), ms);
      const code = await ended;
      clearTimeout(timer);
      if (code !== 0) throw new WorkstationError("command-failed", "killed");
      return "";
    };
  }

  it("E32, R6: leaves nothing behind, whenever that was", async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const id = randomUUID();
      // As a manager that dies in between: what comes after the start is not done.
      const starting = bed.open(bed.instanceId, {}, killingAfter((kill * LONGEST_MS) / KILLS));
      await starting.prepare(() => undefined);
      await starting.start(await bed.spec(id)).catch(() => undefined);
      await sound.remove(id);
      await expect.poll(() => [kill, ...tracesOf(id)]).toEqual([kill]);
    }
    expect(await sound.list()).toEqual([]);
  }, 60_000);

  it("E31: a start that nobody waits for any more is found and removed", async () => {
    const id = randomUUID();
    let left = false;
    const starting = bed.open(bed.instanceId, {}, (program, args, options) => {
      if (!args.includes("run")) return runCommand(program, args, options);
      left = true;
      return new Promise(() => void runCommand(program, args, options)); // whoever asked is dead by then
    });
    await starting.prepare(() => undefined);
    void starting.start(await bed.spec(id));
    await expect.poll(() => left).toBe(true);
    await expect.poll(() => sound.list()).toEqual([{ sandboxId: id, phase: "running" }]);
    expect((await run(await sound.command(id, { argv: ["echo", "alive"], tty: false }))).text).toBe("alive\n");
    await sound.remove(id);
    await expect.poll(() => tracesOf(id)).toEqual([]);
  });

  it("R6, R23: one that cannot end, for a process hangs that was about to enter, is stopped, and goes on or goes", async () => {
    const id = randomUUID();
    await sound.start(await bed.spec(id));
    for (const next of ["revive", "remove"] as const) {
      const script = "echo inside; exec sleep 1000";
      const { argv, env, cwd } = await sound.command(id, { argv: ["bash", "-c", script], tty: false });
      const entering = spawn(argv[0], argv.slice(1), { env: { NODE_ENV: "test", ...env }, cwd });
      await new Promise((resolve) => entering.stdout.once("data", resolve));
      entering.kill("SIGSTOP"); // it will not take note that what it started has ended
      process.kill(await firstProcess(bed, id), "SIGKILL");
      await expect.poll(() => sound.status(id)).toMatchObject({ phase: "stopped" });
      expect(await sound[next](id)).toBe(next === "revive" ? true : undefined);
    }
    await expect.poll(() => tracesOf(id)).toEqual([]);
  }, 60_000);

  it("R23: one whose processes were killed goes on with its files, once it is missed", async () => {
    const id = randomUUID();
    await sound.start({ ...(await bed.spec(id)), files: { "given.txt": "given\n" } });
    const bash = async (script: string): Promise<string> =>
      (await run(await sound.command(id, { argv: ["bash", "-c", script], tty: false }))).text;
    await bash("echo changed >given.txt; echo mine >mine.txt");
    process.kill(await firstProcess(bed, id), "SIGKILL");
    await expect.poll(() => sound.status(id)).toMatchObject({ phase: "stopped" });
    expect(await Promise.all([sound.revive(id), sound.revive(id)])).toEqual([true, true]);
    expect(await bash("cat given.txt mine.txt")).toBe("changed\nmine\n");
    expect(await sound.revive(randomUUID())).toBe(false);
    await sound.remove(id);
    expect(await sound.revive(id)).toBe(false);
    await expect.poll(() => tracesOf(id)).toEqual([]);
  });
});

/** Processes, control groups, mounts and state that carry its name. */
function tracesOf(id: string): string[] {
  const found: string[] = [];
  const root = "/sys/fs/cgroup";
  for (const hierarchy of ["", ...readdirSync(root)]) {
    for (const parent of readdirSync(`${root}/${hierarchy}`).filter((name) => name.startsWith("slipway-"))) {
      const group = `${root}/${hierarchy}/${parent}/${id}`;
      if (existsSync(group)) found.push(`control group ${group}: ${readFileSync(`${group}/cgroup.procs`, "utf8")}`);
    }
  }
  if (readFileSync("/proc/self/mountinfo", "utf8").includes(id)) found.push("a mount");
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const isZombie = readIfThere(`/proc/${pid}/stat`).split(") ")[1]?.startsWith("Z"); // its parent's to take note of
    if (!isZombie && readIfThere(`/proc/${pid}/cgroup`).includes(id)) {
      found.push(`process ${pid}: ${readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`);
    }
  }
  return found;
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it has ended
  }
}
