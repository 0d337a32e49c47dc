import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LEARNER_ID } from "../rootfs/places";
import type { WorkstationCommand } from "../workstation";
import { run, type Ran } from "../workstation.contract";
import { OciBed, reasonAgainstContainers } from "./test-bed";
import { commandAs, naive, startWeakened, type ContainerConfig } from "./weakened";

const reason = reasonAgainstContainers();
if (reason !== undefined) it.skip(`limits: skipped, ${reason}`, () => undefined);

/** What one learner takes must be missing to nobody else. Each limit has a control: a container without it. */
describe.skipIf(reason !== undefined)("what a learner takes", () => {
  const bed = new OciBed();
  const workstation = bed.open();
  const id = randomUUID();
  /** Another learner. */
  const other = randomUUID();
  /** Shares the user range of the first. */
  const twin = randomUUID();
  const unlimited = randomUUID();

  beforeAll(async () => {
    await workstation.prepare(() => undefined);
    for (const one of [id, other]) await workstation.start(await bed.spec(one));
    await startWeakened(bed, id, twin, () => undefined);
    await startWeakened(bed, id, unlimited, (config) => {
      naive(config);
      config.linux.namespaces.push({ type: "pid" });
    });
  }, 300_000);
  afterAll(() => bed.clean());

  async function inside(script: string): Promise<string> {
    const argv = ["timeout", "30", "bash", "-c", script];
    return (await run(await workstation.command(id, { argv, tty: false }))).text.trim();
  }
  async function without(script: string): Promise<string> {
    return (await run(commandAs(bed, unlimited, 0, ["timeout", "30", "bash", "-c", script]))).text.trim();
  }

  it("E16: is no more than its processes", async () => {
    const bomb = "for i in {1..260}; do sleep 3 >/dev/null & done 2>/dev/null; jobs -r >/tmp/jobs; wc -l </tmp/jobs";
    expect(Number(await inside(bomb))).toBeLessThan(192);
    expect(Number(await without(bomb))).toBe(260);
  });

  it("E17: is no more than its memory", async () => {
    // Without a newline `tail` keeps everything.
    const hog = 'head -c 300M /dev/zero | tail >/dev/null; echo "${PIPESTATUS[1]}"';
    expect(await inside(hog)).toBe("137");
    expect(await without(hog)).toBe("0");
    expect((await run(commandAs(bed, other, LEARNER_ID, ["true"]))).code).toBe(0);
  });

  it("E18, E19: is no more than its disk, in bytes and in files", async () => {
    for (const place of ["$HOME", "/dev/shm", "/run/learner"]) {
      const bytes = `head -c 100M /dev/zero >${place}/big 2>/dev/null; stat -c %s ${place}/big; rm ${place}/big`;
      expect(Number(await inside(bytes)), place).toBeLessThanOrEqual(64 * 1024 * 1024);
      expect(Number(await without(bytes.replaceAll("$HOME", "/home/learner"))), place).toBe(100 * 1024 * 1024);
    }
    const files = (place: string): string =>
      `mkdir ${place}/many; cd ${place}/many; for i in {1..9000}; do : >$i || break; done 2>/dev/null; ls | wc -l; rm -r ${place}/many`;
    expect(Number(await inside(files("$HOME")))).toBeLessThan(8_192);
    expect(Number(await without(files("/home/learner")))).toBe(9_000);
  });

  it("E21: is no more than its watches, for those of all learners count together", async () => {
    const take = `1 while syscall(294, 0) >= 0;`;
    const one = `perl -e 'print syscall(294, 0) >= 0 ? "there" : "none left"'`;
    const left = (): Promise<Ran> => run(commandAs(bed, other, LEARNER_ID, ["bash", "-c", one]));
    await whileTaken(await workstation.command(id, perl(take)), async () => {
      expect((await left()).text).toBe("there");
      expect(await inside(one)).toBe("none left");
    });
    // Made as it is, without what is said to its namespaces afterwards.
    await whileTaken(commandAs(bed, twin, LEARNER_ID, perl(take).argv), async () => {
      expect((await left()).text).toBe("none left");
    });
  });

  it("E22: is no more than its pipes, for they count for each user", async () => {
    // F_SETPIPE_SZ, to the most that is let; then pipes as they come.
    const take = `my @k; for (1..200) { pipe(my $r, my $w) or last; fcntl($r, 1031, 1048576); push @k, $r, $w; }`;
    const one = `perl -e 'pipe(my $r, my $w); print fcntl($r, 1032, 0)'`;
    await whileTaken(await workstation.command(id, perl(take)), async () => {
      expect((await run(commandAs(bed, other, LEARNER_ID, ["bash", "-c", one]))).text).toBe("65536");
      expect(Number((await run(commandAs(bed, twin, LEARNER_ID, ["bash", "-c", one]))).text)).toBeLessThan(65_536);
    });
  });

  /** Runs `work` once `command` has said that it took all there is. */
  async function whileTaken(command: WorkstationCommand, work: () => Promise<void>): Promise<void> {
    const [program, ...args] = command.argv;
    const taking = spawn(program, args, {
      env: { NODE_ENV: "test", ...command.env },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = new Promise((resolve) => taking.once("close", resolve));
    await new Promise((resolve) => taking.stdout.once("data", resolve));
    await work();
    for (const one of [id, twin]) await run(commandAs(bed, one, LEARNER_ID, ["pkill", "-9", "perl"]));
    await ended;
  }

  it("E23, R13: is no more than its share of the processors, whatever it starts", async () => {
    const fair = await shareBeside((config) => config);
    const unfair = await shareBeside((config) => {
      config.linux.resources = { cpu: { shares: 100_000 } };
      config.linux.cgroupsPath = `/slipway-${bed.instanceId}-greedy`;
      return config;
    });
    // One process of the host beside eight of a learner, on one processor, has half of it, not a ninth: as much as they
    // have, not an eighth. What they do until it has begun, and after its end, counts for them.
    expect(fair).toBeGreaterThan(2 / 8);
    expect(unfair).toBeLessThan(1 / 8);
  });

  /** Processor time of a process of the host for each second that eight of a container get beside it. */
  async function shareBeside(change: (config: ContainerConfig) => void): Promise<number> {
    const hogs = randomUUID();
    let group = "";
    await startWeakened(bed, id, hogs, (config) => {
      change(config);
      group = config.linux.cgroupsPath;
    });
    const spin = "for i in {1..8}; do taskset -c 0 sh -c 'while :; do :; done' & done; wait";
    const spinning = run(commandAs(bed, hogs, LEARNER_ID, ["timeout", "60", "bash", "-c", spin]));
    await expect
      .poll(() => processesIn(group).filter((pid) => processorMs(pid) > 20).length, { timeout: 20_000 })
      .toBeGreaterThan(4);
    const before = sum(processesIn(group).map(processorMs));
    const mine = await run({
      argv: ["bash", "-c", "taskset -c 0 timeout 2 sh -c 'while :; do :; done'; times"],
      env: { PATH: "/usr/bin:/bin" },
      cwd: "/",
    });
    const theirs = sum(processesIn(group).map(processorMs)) - before;
    await run(commandAs(bed, hogs, LEARNER_ID, ["pkill", "-9", "sh"]));
    await spinning;
    await workstation.remove(hogs);
    const [, minutes, seconds] = /(\d+)m([\d.]+)s \S+\s*$/.exec(mine.text) ?? [];
    return ((Number(minutes) * 60 + Number(seconds)) * 1_000) / theirs;
  }
});

/** Says when it has done what it should, and waits. */
function perl(script: string): { argv: string[]; tty: false } {
  return { argv: ["perl", "-e", `$| = 1; ${script} print "taken"; sleep 30`], tty: false };
}

function processesIn(controlGroup: string): number[] {
  const root = "/sys/fs/cgroup";
  for (const hierarchy of ["cpu", "unified", ""]) {
    const file = `${root}/${hierarchy}${controlGroup}/cgroup.procs`;
    const text = readIfThere(file);
    if (text !== undefined) return text.split("\n").filter(Boolean).map(Number);
  }
  return [];
}

function processorMs(pid: number): number {
  const fields = readIfThere(`/proc/${pid}/stat`)?.split(") ")[1]?.split(" ") ?? [];
  return fields.length === 0 ? 0 : (Number(fields[11]) + Number(fields[12])) * 10;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // it has ended, or was never there
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
