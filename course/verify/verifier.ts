import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { formatCheckMessage } from "@/sandbox/protocol/check-messages";
import type { TaskVerdict } from "@/sandbox/protocol/verdict";
import type { Lesson } from "../lesson";
import { loadChecks } from "../loader";
import { readText } from "../read";
import { loadStartState } from "../start-state";
import type { ClusterHostClient } from "./cluster-host-client";
import { parseWrongAnswer } from "./wrong-answer";

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
}

/**
 * Proves a lesson on clusters of its own, with the real kubectl: its start passes no task, its solution passes all, and
 * each wrong answer fails its task with the message it promises. Yields a finding as soon as it is known.
 */
export class LessonVerifier {
  readonly #options: VerifierOptions;
  readonly #verdicts = new Map<string, readonly TaskVerdict[]>();
  readonly #listeners = new Set<() => void>();

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
    yield await this.#try(`${lesson.id}: the start passes no task`, lesson, undefined, (verdicts) => {
      if (verdicts.some((verdict) => verdict.message?.code === "not-looked-yet"))
        return "the cluster was not looked at";
      return describe(verdicts.filter((verdict) => verdict.passed).map((verdict) => `${verdict.taskId} passes`));
    });
    yield await this.#try(
      `${lesson.id}: the solution passes every task`,
      lesson,
      `${lesson.folder}/solution.sh`,
      (verdicts) =>
        describe(verdicts.filter((verdict) => !verdict.passed).map((verdict) => `${verdict.taskId}: ${says(verdict)}`)),
    );
    for (const file of wrongAnswersOf(this.#options.root, lesson)) {
      const wrong = parseWrongAnswer(file, readText(this.#options.root, file));
      yield await this.#try(
        `${lesson.id}: ${file.slice(lesson.folder.length + 1)} is told why`,
        lesson,
        file,
        (verdicts) => {
          const verdict = verdicts.find((each) => each.taskId === wrong.taskId);
          if (!verdict) return `there is no task ${wrong.taskId}`;
          return verdict.passed || says(verdict) !== wrong.says ? `it says: ${says(verdict)}` : undefined;
        },
      );
    }
  }

  /** Runs a script on a fresh cluster and waits until `problemOf` finds none, or gives its last answer. */
  async #try(
    title: string,
    lesson: Lesson,
    script: string | undefined,
    problemOf: (verdicts: readonly TaskVerdict[]) => string | undefined,
  ): Promise<Finding> {
    const sandboxId = randomUUID();
    const folder = mkdtempSync(join(tmpdir(), "lesson-"));
    const start = loadStartState(lesson, this.#options.root);
    try {
      mkdirSync(join(folder, "api"));
      const made = await this.#options.host.create({
        sandboxId,
        socketPath: join(folder, "api/s"),
        loopback: true,
        checks: loadChecks(lesson, this.#options.root),
        startObjects: start.objects,
      });
      if (script !== undefined) {
        const failure = await this.#runScript(script, folder, made.kubeconfig, start.files);
        if (failure !== undefined) return { title, problem: failure };
      }
      const problem = await this.#settle(sandboxId, problemOf);
      return problem === undefined ? { title } : { title, problem };
    } finally {
      await this.#options.host.remove(sandboxId);
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

  /** Undefined when the script ended well. */
  #runScript(
    script: string,
    folder: string,
    kubeconfig: string,
    files: Readonly<Record<string, string>>,
  ): Promise<string | undefined> {
    const home = join(folder, "home");
    for (const [path, text] of Object.entries({ ...files, ".kube/config": kubeconfig })) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text, { mode: 0o600 });
    }
    const { kubectl, helm, root } = this.#options;
    const path = [dirname(kubectl), dirname(helm), process.env.PATH].join(delimiter);
    return new Promise((resolve, reject) => {
      const child = spawn("bash", ["-eu", join(root, script)], {
        cwd: home,
        env: { NODE_ENV: "production", PATH: path, HOME: home },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      child.on("error", reject);
      child.on("close", (code) =>
        resolve(code === 0 ? undefined : `${script} ended with ${String(code)}: ${said.trim()}`),
      );
    });
  }
}

function wrongAnswersOf(root: string, lesson: Lesson): string[] {
  return readdirSync(join(root, lesson.folder, "wrong"))
    .filter((name) => name.endsWith(".sh"))
    .sort()
    .map((name) => `${lesson.folder}/wrong/${name}`);
}

function says(verdict: TaskVerdict): string {
  return verdict.message ? formatCheckMessage(verdict.message) : "it passes";
}

function describe(problems: readonly string[]): string | undefined {
  return problems.length === 0 ? undefined : problems.join("; ");
}
