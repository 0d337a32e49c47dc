import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../run-command";
import { run } from "../workstation.contract";
import { OciBed, processesOnHost, reasonAgainstContainers } from "./test-bed";
import { firstProcess } from "./weakened";

const reason = reasonAgainstContainers();
if (reason !== undefined) it.skip(`cycles: skipped, ${reason}`, () => undefined);

const CYCLES = 100;
const AT_ONCE = 5;
const ORPHAN = ["sleep", "1000.75"];

describe.skipIf(reason !== undefined)("workstations that come and go", () => {
  const bed = new OciBed();
  const workstation = bed.open();

  beforeAll(() => workstation.prepare(() => undefined), 300_000);
  afterAll(() => bed.clean());

  async function cycle(isKilled: boolean, whileThere: () => Promise<void> = async () => {}): Promise<void> {
    const id = randomUUID();
    await workstation.start({ ...(await bed.spec(id)), files: { "given.txt": "given\n" } });
    // One that left its session and its parent.
    const leave = `setsid ${ORPHAN.join(" ")} >/dev/null 2>&1 & disown; cat ~/given.txt`;
    const made = await run(await workstation.command(id, { argv: ["bash", "-c", leave], tty: false }));
    expect(made.text).toBe("given\n");
    await whileThere();
    if (isKilled) process.kill(await firstProcess(bed, id), "SIGKILL");
    await workstation.remove(id);
  }

  it(`R9: ${CYCLES} of them, half of them killed, each with an orphan, leave nothing on the machine`, async () => {
    let there = await left();
    await cycle(false, async () => void (there = await left()));
    const before = await left();
    // What is counted is what one leaves that is not removed.
    expect(there.orphans).toBe(before.orphans + 1);
    for (const kind of ["mounts", "controlGroups", "files"] as const) {
      expect(there[kind], kind).toBeGreaterThan(before[kind]);
    }
    for (let made = 0; made < CYCLES; made += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, one) => cycle((made + one) % 2 === 0)));
    }
    await expect.poll(left, { timeout: 10_000 }).toEqual(before);
    expect(await workstation.list()).toEqual([]);
  }, 300_000);

  it("of one installation are untouched when another is cleaned up beside them", async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()];
    const other = bed.openOther();
    await other.prepare(() => undefined);
    await workstation.start({ ...(await bed.spec(mine)), files: { "given.txt": "mine\n" } });
    const alone = await left();
    await other.start(await bed.spec(theirs));
    expect((await left()).mounts).toBeGreaterThan(alone.mounts);
    await other.remove(theirs);
    await other.close();
    // The name of the other begins as ours does, so what it left would be counted.
    await expect
      .poll(left, { timeout: 10_000 })
      .toMatchObject({ mounts: alone.mounts, controlGroups: alone.controlGroups });
    const read = await workstation.command(mine, { argv: ["cat", "given.txt"], tty: false });
    expect((await run(read)).text).toBe("mine\n");
    await workstation.remove(mine);
  }, 60_000);

  /** Of this instance alone: other tests run beside this one. */
  async function left(): Promise<Left> {
    const mine = (file: string): number =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.includes(bed.instanceId)).length;
    const loops = await runCommand("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"]).catch(() => "");
    return {
      mounts: mine("/proc/self/mountinfo"),
      controlGroups: controlGroupsOf(bed.instanceId),
      loopDevices: loops.split("\n").filter((line) => line.includes(bed.instanceId)).length,
      orphans: processesOnHost(ORPHAN.join(" ")).length,
      files: filesBelow(bed.stateDir, bed.instanceId),
      descriptors: readdirSync("/proc/self/fd").length,
    };
  }
});

type Left = Record<"mounts" | "controlGroups" | "loopDevices" | "orphans" | "files" | "descriptors", number>;

/** Groups below those of the instance, in each hierarchy. */
function controlGroupsOf(instance: string): number {
  const root = "/sys/fs/cgroup";
  return ["", ...readdirSync(root)]
    .map((hierarchy) => `${root}/${hierarchy}/slipway-${instance}`)
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())).length;
}

/** Sockets' folders, which the test itself makes, left out. */
function filesBelow(...[stateDir, instance]: [stateDir: string, instance: string]): number {
  const folders = [stateDir, `/run/slipway/${instance}`].filter((folder) => existsSync(folder));
  if (folders.length === 0) return 0;
  const found = execFileSync("find", [...folders, "-not", "-path", `${stateDir}/s*`], { encoding: "utf8" });
  return found.split("\n").length;
}
