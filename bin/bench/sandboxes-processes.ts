import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

/** What runs of an installation, by kind: `manager`, `runc exec`, a program in a workstation … and this process. */
export interface ProcessUse {
  readonly count: number;
  /** Each page divided by how many share it. */
  readonly memoryMb: number;
  /** Of the processes that are there now, and of their children that have ended and were not counted by themselves. */
  readonly processorMs: number;
}

/** What runs in a workstation is told by name. */
export const IN_WORKSTATION = "workstation: ";

/** This process. */
export const GENERATOR = "load generator";

/** What the manager ran and waited for. */
export const MANAGERS_PROGRAMS = "programs of the manager";

export type Usage = ReadonlyMap<string, ProcessUse>;

/** Of processes started before it, what they use for longer than a moment. */
export async function usageOf(instance: string, stateDir: string): Promise<Usage> {
  const kinds = new Map<string, { count: number; memoryMb: number; processorMs: number }>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!(pid > 0)) continue;
    const kind = kindOf(pid, instance, stateDir);
    if (kind === undefined) continue;
    const use = kinds.get(kind) ?? { count: 0, memoryMb: 0, processorMs: 0 };
    kinds.set(kind, use);
    use.count++;
    use.memoryMb += await memoryMbOf(pid);
    const times = timesOf(pid);
    // Those of workstations are in their control group's sum, with all that have ended.
    if (!kind.startsWith(IN_WORKSTATION)) use.processorMs += times.own;
    // What was run for the journal and for starts: it has ended before anybody could look at it.
    if (kind === "manager") add(kinds, MANAGERS_PROGRAMS, times.children);
  }
  add(kinds, "workstations", workstationsMs(instance));
  return kinds;
}

/** The one process of that kind. @throws Error when there is none */
export function pidOf(kind: string, { instance, stateDir }: { instance: string; stateDir: string }): number {
  const pid = readdirSync("/proc")
    .map(Number)
    .find((one) => one > 0 && kindOf(one, instance, stateDir) === kind);
  if (pid === undefined) throw new Error(`there is no ${kind}`);
  return pid;
}

/** In per cent of one core. */
export function shares(before: Usage, after: Usage, ms: number): { kind: string; perCent: number }[] {
  return [...after]
    .map(([kind, { processorMs }]) => ({
      kind,
      perCent: Math.round(((processorMs - (before.get(kind)?.processorMs ?? 0)) / ms) * 1000) / 10,
    }))
    .filter(({ perCent }) => perCent >= 0.1)
    .sort((a, b) => b.perCent - a.perCent);
}

/** What all processors of this machine were not idle for, since it was started. */
export function busyMs(): number {
  const [first = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = first.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) * 10;
}

function add(
  kinds: Map<string, { count: number; memoryMb: number; processorMs: number }>,
  kind: string,
  processorMs: number,
): void {
  const use = kinds.get(kind) ?? { count: 0, memoryMb: 0, processorMs: 0 };
  use.processorMs += processorMs;
  kinds.set(kind, use);
}

function kindOf(pid: number, instance: string, stateDir: string): string | undefined {
  if (pid === process.pid) return GENERATOR;
  const words = read(`/proc/${pid}/cmdline`).split("\0");
  const commandLine = words.join(" ");
  if (read(`/proc/${pid}/cgroup`).includes(`/slipway-${instance}/`)) return IN_WORKSTATION + nameOf(words);
  if (commandLine.includes(`/run/slipway/${instance}/`)) return "runc exec";
  if (commandLine.includes(`${stateDir}/`) && words[0]?.includes("postgres")) return "postgres";
  if (words[0]?.startsWith("postgres:") && isBelow(pid, stateDir)) return "postgres";
  if (!`\0${read(`/proc/${pid}/environ`)}`.includes(`\0SLIPWAY_INSTANCE=${instance}\0`)) return undefined;
  return /dist\/([a-z-]+)\.mjs/.exec(commandLine)?.[1];
}

function nameOf([program = "", first = "", second = ""]: readonly string[]): string {
  const name = basename(program);
  // What a script is called says more than its interpreter.
  return name === "bash" && first.startsWith("/usr/lib")
    ? basename(first)
    : second.startsWith("/usr/lib")
      ? basename(second)
      : name;
}

function isBelow(pid: number, stateDir: string): boolean {
  const parent = Number(read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ")[1]);
  return parent > 1 && read(`/proc/${parent}/cmdline`).includes(`${stateDir}/`);
}

async function memoryMbOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024;
}

/** In steps of ten milliseconds. */
function timesOf(pid: number): { own: number; children: number } {
  const fields = read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  const at = (index: number): number => Number(fields[index] ?? 0) * 10;
  return { own: at(11) + at(12), children: at(13) + at(14) };
}

/** Of all that ever ran in them, also of what has ended. */
function workstationsMs(instance: string): number {
  const group = `slipway-${instance}`;
  const nanoseconds = Number(read(`/sys/fs/cgroup/cpuacct/${group}/cpuacct.usage`));
  if (nanoseconds > 0) return nanoseconds / 1e6;
  const text = read(`/sys/fs/cgroup/${group}/cpu.stat`);
  return Number(/^usage_usec (\d+)$/m.exec(text)?.[1] ?? 0) / 1000;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it has ended
  }
}
