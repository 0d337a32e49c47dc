import { setTimeout as sleep } from "node:timers/promises";
import { audit } from "./audit";
import { Killer } from "./killer";
import { StubbornLearner, type Present } from "./learner";
import { randomFrom } from "./random";
import { Stopping } from "./stopping";
import { timelineOf, type Moment } from "./timeline";

export { auditEnd } from "./audit";
export { runCycles } from "./cycles";

export interface ChaosOptions {
  readonly origin: string;
  readonly instance: string;
  readonly stateDir: string;
  readonly databaseUrl: string;
  readonly lessonId: string;
  readonly minutes: number;
  readonly learners: number;
  readonly seed: number;
  readonly killsPerSecond: number;
  /** Fewer kills prove little: it goes on for longer when there were not so many. */
  readonly atLeast: number;
  /** Only where the state folder is a small disk of its own. */
  readonly diskFulls: number;
  readonly clusterHosts: number;
  readonly progress: (what: string) => void;
}

export interface ChaosReport {
  readonly seed: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly killed: number;
  readonly acknowledged: { readonly objects: number; readonly files: number };
  readonly unanswered: number;
  /** How often a learner got another sandbox, that goes on where the last one ended. */
  readonly resumed: number;
  readonly findings: string[];
  /** For each learner who lost something, what happened around that. */
  readonly timelines: readonly (readonly string[])[];
}

const CALM_MS = 10_000;

/** Learners at work while everything is killed under them; then what is left is counted. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { origin, instance, stateDir, lessonId, seed, progress } = options;
  const random = randomFrom(seed);
  const stopping = new Stopping(stateDir);
  const stop = (sandboxId: string): Promise<void> => stopping.ask(sandboxId);
  const learners = Array.from({ length: options.learners }, (_, index) => {
    const own = randomFrom(seed + index + 1);
    return new StubbornLearner(`l${index}`, origin, lessonId, own, stop);
  });
  const working = new AbortController();
  const work = learners.map((learner) => learner.workUntil(working.signal));
  await sleep(Math.min(5_000, options.minutes * 10_000));
  const killer = new Killer({
    instance,
    stateDir,
    random,
    progress,
    cutSocket: () => learners[Math.floor(random() * learners.length)]?.cut() ?? false,
  });
  progress(`killing for ${options.minutes} minutes, seed ${seed}`);
  await killer.run(options.minutes, options.killsPerSecond, options.diskFulls, options.atLeast);
  progress("calm; what is there is compared with what was acknowledged");
  working.abort();
  await Promise.all(work);
  const losses = await Promise.all(learners.map((learner) => lossOf(learner, killer.moments, stateDir)));
  await sleep(CALM_MS);
  const expected = learners.map(({ sandboxId }) => sandboxId);
  const processes = { web: 1, manager: 1, "terminal-host": 1, "cluster-host": options.clusterHosts };
  const orphans = await audit({ instance, stateDir, databaseUrl: options.databaseUrl, expected, processes });
  const sum = (of: (learner: StubbornLearner) => number): number => learners.reduce((total, one) => total + of(one), 0);
  for (const learner of learners) learner.leave();
  return {
    seed,
    kills: killer.kills,
    killed: killer.count,
    acknowledged: {
      objects: sum(({ acknowledged }) => acknowledged.filter(({ kind }) => kind === "objects").length),
      files: sum(({ acknowledged }) => acknowledged.filter(({ kind }) => kind === "files").length),
    },
    unanswered: sum(({ unanswered }) => unanswered),
    resumed: sum(({ resumed }) => resumed),
    findings: [...losses.flatMap(({ findings }) => findings), ...orphans],
    timelines: losses.flatMap(({ timeline }) => (timeline.length > 0 ? [timeline] : [])),
  };
}

async function lossOf(
  learner: StubbornLearner,
  kills: readonly Moment[],
  stateDir: string,
): Promise<{ findings: string[]; timeline: string[] }> {
  const { acknowledged, moments } = learner;
  let there: Present;
  try {
    there = await learner.lookAround();
  } catch (error) {
    return { findings: [`${learner.sandboxId} does not come back: ${String(error)}`], timeline: [] };
  }
  const lost = acknowledged.filter(({ kind, name }) => !there[kind].has(name));
  const findings = (["objects", "files"] as const).flatMap((kind) => {
    const names = lost.filter((one) => one.kind === kind).map(({ name }) => name);
    return names.length === 0
      ? []
      : [`${learner.sandboxId} lost ${names.length} acknowledged ${kind}: ${names.slice(0, 8).join(" ")}`];
  });
  const timeline = lost.length === 0 ? [] : timelineOf(lost, { learner: moments, kills, stateDir });
  return { findings, timeline };
}
