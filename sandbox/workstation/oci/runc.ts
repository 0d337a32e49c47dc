import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { runCommand, SYSTEM_PATH, type RunCommand } from "../run-command";
import { WorkstationError } from "../workstation";

/** What runc writes down of a container. https://github.com/opencontainers/runc/blob/main/libcontainer/container.go */
const stateSchema = z.object({ id: z.string(), init_process_pid: z.number(), init_process_start: z.number() });
const START_TIMEOUT_MS = 15_000;

export interface ContainerState {
  id: string;
  running: boolean;
  /** Of its first process, as this machine counts. */
  pid: number;
}

/** The container runtime, with a state folder of its own: containers of other folders are not seen. */
export class Runc {
  readonly #root: string;
  readonly #run: RunCommand;

  constructor(root: string, run: RunCommand = runCommand) {
    this.#root = root;
    this.#run = run;
  }

  /**
   * Returns once the first process runs.
   * @throws WorkstationError `start-failed` with what runc logged
   */
  async start(id: string, bundle: string): Promise<void> {
    const log = join(bundle, "runc.log");
    const args = this.#arguments("--log", log, "run", "--detach", "--bundle", bundle, id);
    await this.#run("runc", args, { silent: true, timeoutMs: START_TIMEOUT_MS }).catch(async (cause: unknown) => {
      const logged = await readFile(log, "utf8").catch(() => "nothing was logged");
      await this.delete(id);
      throw new WorkstationError("start-failed", `container ${id} did not start: ${logged.trim()}`, { cause });
    });
  }

  /** Undefined when there is no such container. Read where runc does: to start it costs as much as what is asked for. */
  async state(id: string): Promise<ContainerState | undefined> {
    const text = await readFile(join(this.#root, id, "state.json"), "utf8").catch((error: unknown) => {
      if (!isNotThere(error)) throw error;
    });
    if (text === undefined) return undefined;
    const { init_process_pid: pid, init_process_start: startedAt } = stateSchema.parse(JSON.parse(text));
    return { id, pid, running: (await startOf(pid)) === startedAt };
  }

  async list(): Promise<ContainerState[]> {
    const ids = await readdir(this.#root).catch((error: unknown) => {
      if (!isNotThere(error)) throw error;
      return [];
    });
    return (await Promise.all(ids.map((id) => this.state(id)))).filter((state) => state !== undefined);
  }

  /** Kills what runs and forgets the container; no effect when there is none. */
  async delete(id: string): Promise<void> {
    const state = await this.state(id);
    if (state && !state.running) await this.#endEntering(id);
    await this.#run("runc", this.#arguments("delete", "--force", id)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    // What a start that was killed leaves when it had not yet written down what it starts.
    await rm(join(this.#root, id), { recursive: true, force: true });
  }

  /** Arguments, the program first, for one more process in the container. */
  execArgv(id: string, options: readonly string[], argv: readonly string[]): [string, ...string[]] {
    return ["runc", ...this.#arguments("exec", ...options, id, ...argv)];
  }

  /**
   * A process that was about to enter when everything inside was killed can hang for ever, and with it the end of the
   * container's first process, which waits for all others.
   */
  async #endEntering(id: string): Promise<void> {
    const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
    const commands = await Promise.all(pids.map(async (pid) => ({ pid, argv: await commandLine(pid) })));
    const entering = commands.filter(
      ({ argv }) => argv?.[1] === "--root" && argv[2] === this.#root && argv[3] === "exec" && argv.includes(id),
    );
    for (const { pid } of entering) endNow(pid);
  }

  #arguments(...rest: string[]): string[] {
    return ["--root", this.#root, ...rest];
  }
}

/**
 * When a process began, as the kernel counts; undefined when it has ended, or is about to and waits for others to:
 * nothing can enter its container any more. Another of the same number began later.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
async function startOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ""); // it has ended
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, flags, startedAt] = [fields[0], Number(fields[6]), Number(fields[19])];
  const hasEnded = state === undefined || state === "" || state === "Z" || state === "X";
  return hasEnded || (flags & PF_EXITING) !== 0 ? undefined : startedAt;
}

/** The kernel's flag of a process that is ending. */
const PF_EXITING = 0x4;

/** Undefined when there is no such process; empty while it becomes another program, and when it is about to end. */
async function commandLine(pid: number): Promise<string[] | undefined> {
  const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  return text?.split("\0").slice(0, -1);
}

function endNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof WorkstationError && error.message.includes("does not exist");
}

function isNotThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/**
 * For the caller's spawn: runc itself needs nothing but a PATH. It stays between a terminal and its shell and passes on
 * each key by itself, for which one thread at a time is enough; with more they wake each other up all the time.
 */
export const RUNC_ENV: Readonly<Record<string, string>> = Object.freeze({ PATH: SYSTEM_PATH, GOMAXPROCS: "1" });
