import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatCheckMessage } from "@/sandbox/protocol/check-messages";
import type { TaskVerdict } from "@/sandbox/protocol/verdict";
import type { Lesson } from "../lesson";
import { loadChecks } from "../loader";
import { readText } from "../read";
import { loadStartState } from "../start-state";
import type { ClusterHostClient } from "./cluster-host-client";
import { LearnerHome } from "./learner-home";
import { outsideShell, PLAIN_SHELL, whyNoOutside } from "./outside-network";
import { shownCommands } from "./shown-commands";
import { isAsPromised, parseWrongAnswer } from "./wrong-answer";

export interface VerifierOptions {
  readonly root: string;
  readonly host: ClusterHostClient;
  readonly kubectl: string;
  readonly helm: string;
  /** How long a verdict may take after its script has ended. */
  readonly patienceMs: number;
}

export interface Finding {
  readonly title: string;
  /** Absent when it holds. */
  readonly problem?: string;
  /** Why this machine cannot tell. */
  readonly skipped?: string;
}

/** What the learner does on a fresh cluster, and what must then be seen; both say what is wrong. */
interface Trial {
  /** The learner stands outside the cluster as in a workstation, on no network of this machine. */
  readonly isOutside?: boolean;
  readonly work?: (learner: LearnerHome) => Promise<string | undefined>;
  readonly problemOf: (verdicts: readonly TaskVerdict[]) => string | undefined;
}

const COMMAND_PATIENCE_MS = 60_000;

/**
 * Proves a lesson on clusters of its own, with the real kubectl: its start passes no task, its solution passes all, each
 * time, the commands it shows work in their order, and each wrong answer fails its task with the message it promises.
 * Yields a finding as soon as it is known.
 */
export class LessonVerifier {
  readonly #options: VerifierOptions;
  readonly #verdicts = new Map<string, readonly TaskVerdict[]>();
  readonly #listeners = new Set<() => void>();
  readonly #cannotStandOutside = whyNoOutside();

  constructor(options: VerifierOptions, signal: AbortSignal) {
    this.#options = options;
    options.host.follow((event) => {
      if (event.type !== "verdicts") return;
      const known = new Map((this.#verdicts.get(event.sandboxId) ?? []).map((verdict) => [verdict.taskId, verdict]));
      for (const verdict of event.verdicts) known.set(verdict.taskId, verdict);
      this.#verdicts.set(event.sandboxId, [...known.values()]);
      for (const listener of this.#listeners) listener();
    }, signal);
  }

  async *verify(lesson: Lesson): AsyncGenerator<Finding> {
    const { root } = this.#options;
    yield await this.#try(`${lesson.id}: the start passes no task`, lesson, { problemOf: whatPasses });
    const solution = join(root, lesson.folder, "solution.sh");
    for (const time of ["", ", and once more"]) {
      yield await this.#try(`${lesson.id}: the solution passes every task${time}`, lesson, {
        work: (learner) => learner.runScript(solution),
        problemOf: whatDoesNotPass,
      });
    }
    const text = `${lesson.folder}/lesson.mdx`;
    const commands = shownCommands(text, readText(root, text));
    const title = `${lesson.id}: ${String(commands.length)} shown commands work in their order`;
    const cannot = this.#cannotStandOutside;
    const callsFromOutside = commands.some(({ command }) => /^curl\b/.test(command));
    if (cannot !== undefined && callsFromOutside) yield { title, skipped: cannot };
    else
      yield await this.#try(title, lesson, {
        isOutside: cannot === undefined,
        work: (learner) => learner.type(commands, COMMAND_PATIENCE_MS),
        problemOf: () => undefined,
      });
    for (const file of wrongAnswersOf(root, lesson)) {
      const wrong = parseWrongAnswer(file, readText(root, file));
      yield await this.#try(`${lesson.id}: ${file.slice(lesson.folder.length + 1)} is told why`, lesson, {
        work: (learner) => learner.runScript(join(root, file)),
        problemOf: (verdicts) => {
          const verdict = verdicts.find((each) => each.taskId === wrong.taskId);
          if (!verdict) return `there is no task ${wrong.taskId}`;
          return verdict.passed || !isAsPromised(wrong.says, says(verdict)) ? `it says: ${says(verdict)}` : undefined;
        },
      });
    }
  }

  /** Does some work as the learner on a fresh cluster and waits until `problemOf` finds none, or gives its last answer. */
  async #try(title: string, lesson: Lesson, trial: Trial): Promise<Finding> {
    const { root, host, kubectl, helm } = this.#options;
    const sandboxId = randomUUID();
    const folder = mkdtempSync(join(tmpdir(), "lesson-"));
    const start = loadStartState(lesson, root);
    try {
      mkdirSync(join(folder, "api"));
      const { kubeconfig } = await host.create({
        sandboxId,
        socketPath: join(folder, "api/s"),
        loopback: trial.isOutside !== true,
        checks: loadChecks(lesson, root),
        addons: lesson.addons,
        faults: lesson.faults,
        startObjects: start.objects,
      });
      const home = join(folder, "home");
      const shell = trial.isOutside ? outsideShell(join(folder, "api")) : PLAIN_SHELL;
      const learner = new LearnerHome({ home, kubeconfig, files: start.files, shell, tools: [kubectl, helm] });
      const problem = (await trial.work?.(learner)) ?? (await this.#settle(sandboxId, trial.problemOf));
      return problem === undefined ? { title } : { title, problem };
    } finally {
      await host.remove(sandboxId);
      this.#verdicts.delete(sandboxId);
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async #settle(
    sandboxId: string,
    problemOf: (verdicts: readonly TaskVerdict[]) => string | undefined,
  ): Promise<string | undefined> {
    const look = (): string | undefined => {
      const verdicts = this.#verdicts.get(sandboxId);
      return verdicts === undefined ? "no verdict came" : problemOf(verdicts);
    };
    return new Promise((resolve) => {
      const finish = (problem: string | undefined): void => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
        resolve(problem);
      };
      const listener = (): void => {
        if (look() === undefined) finish(undefined);
      };
      const timer = setTimeout(() => finish(look()), this.#options.patienceMs);
      this.#listeners.add(listener);
      listener();
    });
  }
}

function wrongAnswersOf(root: string, lesson: Lesson): string[] {
  return readdirSync(join(root, lesson.folder, "wrong"))
    .filter((name) => name.endsWith(".sh"))
    .sort()
    .map((name) => `${lesson.folder}/wrong/${name}`);
}

function whatPasses(verdicts: readonly TaskVerdict[]): string | undefined {
  if (verdicts.some((verdict) => verdict.message?.code === "not-looked-yet")) return "the cluster was not looked at";
  return describe(verdicts.filter((verdict) => verdict.passed).map((verdict) => `${verdict.taskId} passes`));
}

function whatDoesNotPass(verdicts: readonly TaskVerdict[]): string | undefined {
  return describe(
    verdicts.filter((verdict) => !verdict.passed).map((verdict) => `${verdict.taskId}: ${says(verdict)}`),
  );
}

function says(verdict: TaskVerdict): string {
  return verdict.message ? formatCheckMessage(verdict.message) : "it passes";
}

function describe(problems: readonly string[]): string | undefined {
  return problems.length === 0 ? undefined : problems.join("; ");
}
