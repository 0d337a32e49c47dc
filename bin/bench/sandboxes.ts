import { setTimeout as sleep } from "node:timers/promises";
import { figure, reported, type Figure } from "./figures";
import { measureEcho, type Echo } from "./sandboxes-echo";
import { measureFlood } from "./sandboxes-flood";
import { keysFrame } from "./sandboxes-learner";
import { measureLive } from "./sandboxes-live";
import { pidOf } from "./sandboxes-processes";
import { measureReconnect, startFigures, startLearners, stopLearners } from "./sandboxes-starts";
import { measureUse } from "./sandboxes-use";

export interface SandboxesOptions {
  /** A running installation that has room for so many learners and `SPINNING` more. */
  readonly origin: string;
  readonly instance: string;
  readonly stateDir: string;
  readonly lessonId: string;
  readonly learners: number;
  /** How often each live learner types a command. */
  readonly everySeconds: number;
  /** How long they do. */
  readonly windowSeconds: number;
  readonly progress: (what: string) => void;
}

/** Containers that do nothing but burn processor time. */
export const SPINNING = 20;

const ECHO_MS = 20_000;
const ONE_BY_ONE = 20;
const TOGETHER = 50;
const RECONNECTS = 50;
/** As many start at a time when nothing is measured. */
const GRADUALLY = 4;
const SETTLE_MS = 10_000;

/** Figures of sandboxes under load. The learners run in this process, on the same machine. */
export async function measureSandboxes(options: SandboxesOptions): Promise<Figure[]> {
  const { origin, lessonId, progress } = options;
  const start = (count: number, atOnce: number) => startLearners(origin, lessonId, { count, atOnce });
  progress("starts, one after another");
  const one = await start(Math.min(ONE_BY_ONE, options.learners), 1);
  progress("starts, all at once");
  const together = await start(Math.min(TOGETHER, options.learners - one.learners.length), TOGETHER);
  progress("everybody else");
  const rest = await start(options.learners - one.learners.length - together.learners.length, GRADUALLY);
  const learners = [...one.learners, ...together.learners, ...rest.learners];
  const [first] = learners;
  if (!first) throw new Error(`no sandbox starts: ${one.errors[0] ?? "nobody was asked for"}`);
  await sleep(SETTLE_MS);

  progress("reconnecting");
  const reconnect = await measureReconnect(learners.slice(0, RECONNECTS));
  progress("a flood");
  const flood = await measureFlood(first, pidOf("terminal-host", options));
  progress(`${learners.length} terminals at ten keys a second`);
  const typing = await measureUse(options, () => measureEcho(learners, ECHO_MS));
  progress(`the same beside ${SPINNING} that spin`);
  const spinning = await start(SPINNING, GRADUALLY);
  for (const learner of spinning.learners) learner.send(keysFrame("while :; do :; done\r"));
  await sleep(SETTLE_MS);
  const beside = await measureUse(options, () => measureEcho(learners, ECHO_MS));
  await stopLearners(spinning.learners, GRADUALLY);
  await sleep(SETTLE_MS);
  progress(`${learners.length} learners at work`);
  const pace = { everyMs: options.everySeconds * 1000, windowMs: options.windowSeconds * 1000 };
  const live = await measureUse(options, () => measureLive(learners, pace));

  progress("everybody leaves");
  const stopErrors = await stopLearners(learners, GRADUALLY);

  const startErrors = [one, together, rest, spinning].flatMap(({ errors }) => errors);
  const errors = [...startErrors, ...live.value.errors, ...stopErrors];
  for (const error of new Set(errors)) progress(`error: ${error}`);
  const { all, kubectl, commands } = live.value;
  const work = `${learners.length} learners, each a command every ${options.everySeconds} s, seven of ten kubectl, for ${options.windowSeconds} s; Enter → its end`;
  return [
    ...startFigures(one.times, together.times),
    reconnect,
    ...flood,
    ...echoFigures("echo", `${learners.length} terminals at 10 keys a second`, typing.value),
    ...typing.figures("echo"),
    ...echoFigures("echo-beside", `the same beside ${SPINNING} containers in an endless loop`, beside.value),
    ...beside.figures("echo-beside"),
    figure(
      "errors",
      `sandboxes that did not start or stop, sockets lost, commands that failed or had no end`,
      "count",
      errors.length,
      0,
    ),
    reported("commands", work, "count", commands),
    reported("command-p50", `${work}, p50`, "ms", all.percentile(0.5)),
    reported("command-p95", "the same, p95", "ms", all.percentile(0.95)),
    reported("kubectl-p50", "of these kubectl, p50", "ms", kubectl.percentile(0.5)),
    reported("kubectl-p95", "the same, p95", "ms", kubectl.percentile(0.95)),
    ...live.figures("live"),
    live.journal(),
    ...live.memory(learners.length),
  ];
}

function echoFigures(name: string, what: string, { p50, p99, largest, keys, lateP99 }: Echo): Figure[] {
  return [
    reported(`${name}-p50`, `${what}: a key sent → the shell's echo is here, p50 of ${keys}`, "ms", p50, 3),
    reported(`${name}-p99`, "the same, p99", "ms", p99, 10),
    reported(`${name}-most`, "the same, the longest", "ms", largest),
    reported(`${name}-generator-late`, "how late the load generator itself was with a key, p99", "ms", lateP99),
  ];
}
