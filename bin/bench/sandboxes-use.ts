import { freemem, totalmem, cpus } from "node:os";
import { reported, type Figure } from "./figures";
import { busyMs, IN_WORKSTATION, shares, usageOf } from "./sandboxes-processes";

interface Used<T> {
  readonly value: T;
  /** Processor time by kind of process, the largest first. */
  figures(name: string): Figure[];
  /** Memory by kind of process at the end. */
  memory(learners: number): Figure[];
}

/** Does some work and tells what all processes of the installation used meanwhile. */
export async function measureUse<T>(
  { instance, stateDir }: { instance: string; stateDir: string },
  work: () => Promise<T>,
): Promise<Used<T>> {
  const before = await usageOf(instance, stateDir);
  const begin = performance.now();
  const busy = busyMs();
  const value = await work();
  const ms = performance.now() - begin;
  const busyPerCent = ((busyMs() - busy) / ms / cpus().length) * 100;
  const after = await usageOf(instance, stateDir);
  return {
    value,
    figures: (name) => [
      reported(`${name}-machine`, "of all processors' time used meanwhile, by anybody", "per cent", busyPerCent),
      ...shares(before, after, ms).map(({ kind, perCent }) =>
        reported(`${name}-processor: ${kind}`, "of one processor's time", "per cent", perCent),
      ),
    ],
    memory: (learners) => {
      const kinds = [...after]
        .filter(([, { memoryMb }]) => memoryMb >= 1)
        .sort(([, a], [, b]) => b.memoryMb - a.memoryMb);
      const ours = kinds.filter(([kind]) => kind !== "load generator");
      const sum = ours.reduce((total, [, { memoryMb }]) => total + memoryMb, 0);
      const inside = ours.filter(([kind]) => kind.startsWith(IN_WORKSTATION));
      return [
        reported("memory-per-learner", "all processes ÷ learners, shared pages divided", "MB", sum / learners),
        reported(
          "memory-in-workstations",
          "of these processes in workstations ÷ learners",
          "MB",
          inside.reduce((total, [, { memoryMb }]) => total + memoryMb, 0) / learners,
        ),
        reported("memory-used", "of the whole machine, by anybody, files cached not counted", "MB", usedMb()),
        ...kinds.map(([kind, { count, memoryMb }]) =>
          reported(`memory: ${kind}`, `${count} of them, shared pages divided`, "MB", memoryMb),
        ),
      ];
    },
  };
}

function usedMb(): number {
  return (totalmem() - freemem()) / 1024 / 1024;
}
