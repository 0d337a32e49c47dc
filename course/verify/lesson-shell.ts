import { spawn, type IPty } from "@lydell/node-pty";
import type { ShellLaunch } from "./outside-network";
import type { ShownCommand } from "./shown-commands";

/** What a shell needs to be the learner's: their home folder and the tools of the course first in the path. */
export interface LessonShellOptions {
  readonly home: string;
  readonly path: string;
  readonly launch: ShellLaunch;
  /** How long one command may take, in milliseconds. */
  readonly patienceMs: number;
}

/** How long a prompt of a shell inside a pod must stand still before it counts as one. */
const QUIET_MS = 300;
/** Colours and cursor movements: `ESC [ … letter`. */
const ESCAPE_SEQUENCES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, "g");
const PROMPT = "[status:$?:]$ ";
const ASK_STATUS = 'echo "status:$?:"';

/**
 * An interactive bash in a terminal, as a learner has it, so that `kubectl run -it` and `kubectl exec -it` work as shown.
 * bash's own prompt carries the exit status; a shell inside a pod is asked for it.
 */
export class LessonShell {
  readonly #pty: IPty;
  readonly #patienceMs: number;
  #output = "";
  #exited = false;
  #onChange: () => void = () => undefined;

  constructor({ home, path, launch, patienceMs }: LessonShellOptions) {
    this.#patienceMs = patienceMs;
    const env = { PATH: path, HOME: home, TERM: "dumb", LANG: "C.UTF-8", PS1: PROMPT, LESSON_PROMPT: PROMPT, PS2: "" };
    this.#pty = spawn(launch.command, [...launch.args], { cwd: home, cols: 200, rows: 50, env });
    this.#pty.onData((data) => {
      this.#output = (this.#output + data).replace(ESCAPE_SEQUENCES, "");
      this.#onChange();
    });
    this.#pty.onExit(() => {
      this.#exited = true;
      this.#onChange();
    });
  }

  /** Runs one command as if typed. Undefined when it ends as the lesson says, else what is wrong. */
  async run({ command, fails }: ShownCommand): Promise<string | undefined> {
    await this.#prompt();
    this.#output = "";
    this.#pty.write(`${command}\n`);
    let status = await this.#prompt();
    const printed = this.#output;
    if (status === undefined && !this.#exited && isPodPrompt(printed)) {
      this.#pty.write(`${ASK_STATUS}\n`);
      status = await this.#until((output) => /(?<!echo ")status:(\d+):/.exec(output.slice(printed.length))?.[1]);
    }
    if (status === undefined) return `\`${command}\` does not come to an end:\n${printed}`;
    if ((status !== "0") === fails) return undefined;
    return `\`${command}\` ends with ${status}${fails ? "; the lesson says it fails" : ""}:\n${printed}`;
  }

  close(): void {
    if (!this.#exited) this.#pty.kill("SIGKILL");
  }

  /** Waits for a prompt; the exit status where the prompt says it. */
  #prompt(): Promise<string | undefined> {
    return this.#until((output) => /\[status:(\d+):\]\$ $/.exec(output)?.[1], isPodPrompt);
  }

  /** The first answer `find` gives to the output so far; undefined once it has been `quiet` for a while, or too long has passed. */
  #until(
    find: (output: string) => string | undefined,
    quiet: (output: string) => boolean = () => false,
  ): Promise<string | undefined> {
    return new Promise((resolve) => {
      let still: NodeJS.Timeout | undefined;
      const finish = (answer: string | undefined): void => {
        clearTimeout(late);
        clearTimeout(still);
        this.#onChange = () => undefined;
        resolve(answer);
      };
      const late = setTimeout(() => finish(undefined), this.#patienceMs);
      this.#onChange = () => {
        clearTimeout(still);
        const answer = find(this.#output);
        if (answer !== undefined || this.#exited) finish(answer);
        else if (quiet(this.#output)) still = setTimeout(() => finish(undefined), QUIET_MS);
      };
      this.#onChange();
    });
  }
}

/** `/ # `, `root@web:/# `, `~ $ `: what a shell in a pod asks with. */
function isPodPrompt(output: string): boolean {
  return /(^|\n)[^\n]*[#$] $/.test(output) && !/\[status:\d+:\]\$ $/.test(output);
}
