import { spawn } from "node:child_process";

export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  readonly input?: string;
  /** Each line of standard error as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Runs a program to its end and gives what it printed. @throws ProgramFailed */
export type RunProgram = (file: string, args: readonly string[], options: RunOptions) => Promise<string>;

export class ProgramFailed extends Error {
  override readonly name = "ProgramFailed";
  /** The end of what it said on standard error. */
  readonly said: string;

  constructor(file: string, args: readonly string[], how: string, said: string) {
    super(`${file} ${args.slice(0, 2).join(" ")} ${how}${said === "" ? "" : `: ${said}`}`);
    this.said = said;
  }
}

const KEPT_CHARACTERS = 1500;

/** Time over, or called off, it is killed with all it has started. */
export const runProgram: RunProgram = (file, args, { env, signal, timeoutMs, input, onLine }) =>
  new Promise((resolve, reject) => {
    const fail = (how: string): void => reject(new ProgramFailed(file, args, how, errors.trim()));
    let errors = "";
    if (signal?.aborted) {
      fail("was called off");
      return;
    }
    // A group of its own, so that its children go with it. The environment is all it gets.
    const child = spawn(file, args, { env: { NODE_ENV: "production", ...env }, detached: true });
    let out = "";
    let line = "";
    let killed: string | undefined;
    const kill = (why: string): void => {
      killed ??= why;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    };
    const timer = setTimeout(() => kill(`did not end within ${timeoutMs / 1000} s`), timeoutMs);
    const callOff = (): void => kill("was called off");
    signal?.addEventListener("abort", callOff, { once: true });
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      errors = (errors + chunk).slice(-KEPT_CHARACTERS);
      const lines = (line + chunk).split(/[\r\n]+/);
      line = lines.pop() ?? "";
      for (const whole of lines) onLine?.(whole);
    });
    child.stdin.on("error", () => undefined); // it need not read
    child.stdin.end(input);
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", callOff);
      finish();
    };
    child.on("error", (error) => settle(() => fail(`cannot be run (${error.message})`)));
    child.on("close", (code, by) =>
      settle(() => (code === 0 && killed === undefined ? resolve(out) : fail(killed ?? `ended with ${code ?? by}`))),
    );
  });
