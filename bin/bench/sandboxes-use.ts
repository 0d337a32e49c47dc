import { freemem, totalmem, cpus } from "node:os";
import { reported, type Figure } from "./figures";
import { busyMs, GENERATOR, IN_WORKSTATION, MANAGERS_PROGRAMS, shares, usageOf } from "./sandboxes-processes";

const JOURNAL_IS_IN: readonly string[] = ["manager", MANAGERS_PROGRAMS, "postgres"];

interface Used<T> {
  readonly value: T;
  /** Processor time by kind of process, the largest first. */
  figures(name: string): Figure[];
  /** What of it was used by the only processes that the journal works in. */
  journal(): Figure;
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
    journal: () => {
      const ours = shares(before, after, ms).filter(({ kind }) => kind !== GENERATOR);
      const sum = (some: readonly { perCent: number }[]): number => some.reduce((all, { perCent }) => all + perCent, 0);
      return reported(
        "journal-most",
        "processor time of the manager, of programs it runs and of Postgres while learners work ÷ that of the whole installation: they carry keys and answer pages too, so the journal's is less; the hosts' part, making what is saved, is not in it",
        "per cent",
        (sum(ours.filter(({ kind }) => JOURNAL_IS_IN.includes(kind))) / sum(ours)) * 100,
        5,
      );
    },
    memory: (learners) => {
      const kinds = [...after]
        .filter(([, { memoryMb }]) => memoryMb >= 1)
        .sort(([, a], [, b]) => b.memoryMb - a.memoryMb);
      const ours = kinds.filter(([kind]) => kind !== GENERATOR);
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
