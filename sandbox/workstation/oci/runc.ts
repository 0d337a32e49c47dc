import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { runCommand, SYSTEM_PATH, type RunCommand } from "../run-command";
import { WorkstationError } from "../workstation";

const stateSchema = z.object({ id: z.string(), status: z.string(), pid: z.number() });
const START_TIMEOUT_MS = 15_000;
const listSchema = z.array(stateSchema).nullable();

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

  /** Undefined when there is no such container. */
  async state(id: string): Promise<ContainerState | undefined> {
    const printed = await this.#run("runc", this.#arguments("state", id)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    return printed === undefined ? undefined : containerState(stateSchema.parse(JSON.parse(printed)));
  }

  async list(): Promise<ContainerState[]> {
    const printed = await this.#run("runc", this.#arguments("list", "--format", "json"));
    const parsed = listSchema.parse(JSON.parse(printed)) ?? [];
    return parsed.map(containerState);
  }

  /** Kills what runs and forgets the container; no effect when there is none. */
  async delete(id: string): Promise<void> {
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

  #arguments(...rest: string[]): string[] {
    return ["--root", this.#root, ...rest];
  }
}

function containerState({ id, status, pid }: z.infer<typeof stateSchema>): ContainerState {
  return { id, pid, running: status === "running" || status === "created" };
}

function isMissing(error: unknown): boolean {
  return error instanceof WorkstationError && error.message.includes("does not exist");
}

/** For the caller's spawn: runc itself needs nothing but a PATH. */
export const RUNC_ENV: Readonly<Record<string, string>> = Object.freeze({ PATH: SYSTEM_PATH });
