import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { LessonShell } from "./lesson-shell";
import type { ShellLaunch } from "./outside-network";
import type { ShownCommand } from "./shown-commands";

export interface LearnerHomeOptions {
  /** Is made; the lesson's start files and the kubeconfig are put into it. */
  readonly home: string;
  readonly kubeconfig: string;
  readonly files: Readonly<Record<string, string>>;
  /** The shell that commands are typed into. */
  readonly shell: ShellLaunch;
  /** Programs whose folders come first in the path. */
  readonly tools: readonly string[];
}

/** A folder that stands for the learner's home while a lesson is verified: scripts and shown commands run there. */
export class LearnerHome {
  readonly #home: string;
  readonly #path: string;
  readonly #shell: ShellLaunch;

  constructor({ home, kubeconfig, files, shell, tools }: LearnerHomeOptions) {
    this.#home = home;
    this.#shell = shell;
    this.#path = [...tools.map((tool) => dirname(tool)), process.env.PATH].join(delimiter);
    for (const [path, text] of Object.entries({ ...files, ".kube/config": kubeconfig })) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text, { mode: 0o600 });
    }
  }

  /** Runs a script of the lesson to its end. Undefined when it ended well. */
  runScript(script: string): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const child = spawn("bash", ["-eu", script], {
        cwd: this.#home,
        env: { NODE_ENV: "production", PATH: this.#path, HOME: this.#home },
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

  /** Types the commands into a terminal, one after the other. Undefined when each ends as the lesson says. */
  async type(commands: readonly ShownCommand[], patienceMs: number): Promise<string | undefined> {
    const shell = new LessonShell({ home: this.#home, path: this.#path, launch: this.#shell, patienceMs });
    try {
      for (const command of commands) {
        const problem = await shell.run(command);
        if (problem !== undefined) return problem;
      }
      return undefined;
    } finally {
      shell.close();
    }
  }
}
