import { spawn } from "node:child_process";
import { WorkstationError } from "./workstation";

/** Runs a program to its end and gives what it printed. Injected, so that faults can be made in tests. */
export type RunCommand = (file: string, args: readonly string[], options?: RunOptions) => Promise<string>;

export interface RunOptions {
  /** The whole environment; default: a PATH and nothing else. */
  env?: Record<string, string>;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Its output goes nowhere: for programs that leave others behind, which would keep our pipes open. */
  silent?: boolean;
  /** Each line of standard error as it comes. */
  onLine?: (line: string) => void;
}

export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const KEPT_CHARACTERS = 4000;

/** @throws WorkstationError `command-failed` with the end of what was printed on standard error. */
export const runCommand: RunCommand = (file, args, options = {}) =>
  new Promise((resolve, reject) => {
    const output = options.silent ? "ignore" : "pipe";
    const child = spawn(file, args, {
      env: { NODE_ENV: "production", ...(options.env ?? { PATH: SYSTEM_PATH }) },
      stdio: ["ignore", output, output],
      signal: options.signal,
      timeout: options.timeoutMs,
      killSignal: "SIGKILL",
    });
    const out: Buffer[] = [];
    let errors = "";
    let line = "";
    child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      errors = (errors + chunk).slice(-KEPT_CHARACTERS);
      const lines = (line + chunk).split("\n");
      line = lines.pop() ?? "";
      for (const whole of lines) options.onLine?.(whole);
    });
    child.on("error", (cause) =>
      reject(new WorkstationError("command-failed", `${file}: ${cause.message}`, { cause })),
    );
    child.on("close", (code, signal) => {
      if (code === 0) resolve(Buffer.concat(out).toString("utf8"));
      else reject(new WorkstationError("command-failed", `${file} ended with ${code ?? signal}: ${errors.trim()}`));
    });
  });
