import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Learner } from "../bench/learner";
import { memoryOf, type NodeMemory } from "./node-memory";
import { Stopping } from "./stopping";
import { tracesOf } from "./traces";

export interface CyclesOptions {
  readonly origin: string;
  readonly instance: string;
  readonly stateDir: string;
  readonly lessonId: string;
  readonly cycles: number;
  readonly atOnce: number;
  readonly progress: (what: string) => void;
}

export interface CyclesReport {
  readonly cycles: number;
  readonly secondsEach: number;
  /** Process → before and after. */
  readonly processes: Readonly<
    Record<string, { readonly before: Gauge; readonly after: Gauge; readonly bytesPerCycle: number }>
  >;
  readonly findings: string[];
}

interface Gauge extends NodeMemory {
  readonly pid: number;
  readonly descriptors: number;
}

/** Until caches are filled and code is compiled. */
const WARM_UP = 30;
const SETTLED_WITHIN_MS = 40_000;
/**
 * What may stay behind of a cycle: processes fill caches, and grow a little for other reasons. A sandbox itself holds
 * megabytes, its record and its terminal tens of kilobytes.
 */
const BYTES_PER_CYCLE = 8 * 1024;
/** What a process may differ by from one look to the next. */
const BYTES_OF_NOISE = 4 * 1024 * 1024;

/** Sandboxes that come and go, each until its prompt; then what has grown is counted. */
export async function runCycles(options: CyclesOptions): Promise<CyclesReport> {
  const { cycles, progress } = options;
  const warmUp = Math.max(Math.ceil(cycles / 10), WARM_UP);
  progress(`${warmUp} cycles to warm up`);
  await runSome(options, warmUp);
  const before = await settled(options);
  const began = performance.now();
  progress(`${cycles} cycles, ${options.atOnce} at a time`);
  await runSome(options, cycles);
  const secondsEach = (performance.now() - began) / 1_000 / cycles;
  const after = await settled(options, before);
  const names = [...new Set([...before.gauges.keys(), ...after.gauges.keys()])];
  const findings = [...new Set([...before.left, ...after.left])];
  const processes: Record<string, CyclesReport["processes"][string]> = {};
  for (const name of names) {
    const [was, is] = [before.gauges.get(name), after.gauges.get(name)];
    if (!was || !is || was.pid !== is.pid) {
      findings.push(`${name} is not the process that it was`);
      continue;
    }
    const bytesPerCycle = Math.round((is.used - was.used) / cycles);
    processes[name] = { before: was, after: is, bytesPerCycle };
    if (is.descriptors > was.descriptors)
      findings.push(`${name} has ${is.descriptors} file descriptors, not ${was.descriptors}`);
    if (is.used - was.used > BYTES_OF_NOISE + cycles * BYTES_PER_CYCLE)
      findings.push(`${name} has grown by ${bytesPerCycle} bytes a cycle`);
  }
  return { cycles, secondsEach: Number(secondsEach.toFixed(2)), processes, findings };
}

async function runSome({ origin, stateDir, lessonId, atOnce }: CyclesOptions, count: number): Promise<void> {
  const stopping = new Stopping(stateDir);
  let left = count;
  const runOne = async (): Promise<void> => {
    const learner = new Learner(origin);
    await learner.start(lessonId);
    learner.leave();
    await stopping.ask(learner.sandboxId);
    await stopping.untilStopped(learner.sandboxId, 60_000);
  };
  const worker = async (): Promise<void> => {
    while (left-- > 0) await runOne();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** How it looks when nobody is there: connections that are kept open for a while have gone. */
async function settled(
  options: CyclesOptions,
  wanted?: { gauges: ReadonlyMap<string, Gauge> },
): Promise<{ gauges: Map<string, Gauge>; left: string[] }> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  for (let last = Infinity; ; await sleep(2_000)) {
    const pids = [...processesOf(options)];
    const descriptors = new Map(pids.map(([name, pid]) => [name, descriptorsOf(pid)]));
    const sum = [...descriptors.values()].reduce((total, count) => total + count, 0);
    const left = leftBehind(options);
    const isCalm = wanted
      ? [...descriptors].every(([name, count]) => count <= (wanted.gauges.get(name)?.descriptors ?? 0))
      : sum >= last;
    last = sum;
    if (!(isCalm && left.length === 0) && performance.now() < deadline) continue;
    const gauges = new Map<string, Gauge>();
    for (const [name, pid] of pids) {
      gauges.set(name, { pid, descriptors: descriptors.get(name) ?? 0, ...(await memoryOf(pid)) });
    }
    return { gauges, left };
  }
}

function processesOf({ instance, stateDir }: CyclesOptions): Map<string, number> {
  const { processes } = tracesOf(instance, stateDir);
  const own = Object.entries(processes).filter(([kind]) => kind !== "workstation" && kind !== "runc");
  return new Map(
    own.flatMap(([kind, pids]) =>
      pids.map((pid, index) => [pids.length > 1 ? `${kind} ${index}` : kind, pid] as const),
    ),
  );
}

/** Nobody has a sandbox: there should be nothing of any. */
function leftBehind({ instance, stateDir }: CyclesOptions): string[] {
  const { processes, controlGroups, mounts, folders } = tracesOf(instance, stateDir);
  return [
    ...["workstation", "runc"].flatMap((kind) =>
      (processes[kind] ?? []).map((pid) => `process ${pid} (${kind}) is left`),
    ),
    ...controlGroups.map((id) => `control group ${id} is left`),
    ...mounts.map((mount) => `${mount} is left mounted`),
    ...folders.map((folder) => `folder ${folder} is left`),
  ];
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
