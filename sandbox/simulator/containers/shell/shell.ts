import type { Script, SyntaxNode, Statement } from "unbash";
import type { Process, ProcessEnd } from "../processes/process";
import { Interrupted, ProcessExit } from "../processes/program";
import type { Signal } from "../processes/signals";
import { FileError } from "../filesystem/file-error";
import type { OpenFile } from "../filesystem/open-file";
import { FunctionReturn, LoopJump, PromptReturn, ShellError } from "./control";
import { execute, runStatements } from "./evaluate";
import type { Expander } from "./expander";
import { withoutTrailing } from "../trailing";
import { complaint, type Place, syntaxComplaint } from "./messages";
import { lineOf, parseScript } from "./parse";
import { forkState, type Job, type ShellState, type Variable } from "./state";

/** A shell at work: its state, the process it runs in, and what all parts of the interpreter share. */
export class Shell implements Expander {
  readonly process: Process;
  readonly state: ShellState;
  /** The line on which the source being run begins. */
  baseLine = 1;
  /** The line of the command being run, for messages. */
  line = 0;
  /** The status of the last command substitution of the command being run. */
  substitutionStatus: number | undefined;
  /** What `local` has set aside in each function being run. */
  readonly frames: Map<string, Variable | undefined>[] = [];
  readonly #pendingTraps: Signal[] = [];
  #interrupted = false;
  #inTrap = false;

  constructor(process: Process, state: ShellState) {
    this.process = process;
    this.state = state;
  }

  // --- running -----------------------------------------------------------------------------------------------------

  /** Runs `work` as the whole life of this shell: turns jumps and errors into a status, then the EXIT trap. */
  async life(work: () => Promise<number>): Promise<number> {
    let status = await this.#contain(work);
    const farewell = this.state.traps.get("EXIT");
    if (farewell) {
      this.state.traps.delete("EXIT");
      this.state.lastStatus = status;
      const own = await this.#contain(async () => {
        await this.runText(farewell);
        return -1;
      });
      if (own >= 0) status = own;
    }
    return status;
  }

  async #contain(work: () => Promise<number>): Promise<number> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProcessExit) return error.code;
      if (error instanceof ShellError) return error.status;
      if (error instanceof FunctionReturn) return error.status;
      if (error instanceof LoopJump) return this.state.lastStatus;
      if (error instanceof PromptReturn || error instanceof Interrupted) return 130;
      if (error instanceof FileError && error.code === "EAGAIN") return this.reportNoFork();
      throw error;
    }
  }

  /** Too many processes: says so and gives the status. */
  async reportNoFork(): Promise<number> {
    await this.complain(this.state.dialect === "dash" ? "Cannot fork" : "can't fork: Resource temporarily unavailable");
    return 2;
  }

  /** Parses and runs text (`eval`, `.`, `-c`, traps). Reports a syntax error and throws `ShellError`. */
  async runText(text: string, baseLine = this.baseLine): Promise<number> {
    const parsed = parseScript(text);
    if (parsed.kind !== "complete") {
      await this.process.complain(
        `${syntaxComplaint(this.state, { ...parsed.reason, line: parsed.reason.line + baseLine - 1 })}\n`,
      );
      this.state.lastStatus = 2;
      throw new ShellError(2);
    }
    return this.runScript(parsed.script, parsed.source, baseLine);
  }

  async runScript(script: Script, source: string, baseLine = this.baseLine): Promise<number> {
    const before = this.baseLine;
    this.baseLine = baseLine;
    try {
      return await runStatements(this, script.commands, source, false);
    } finally {
      this.baseLine = before;
    }
  }

  execute(node: SyntaxNode, source: string, tested: boolean): Promise<number> {
    return execute(this, node, source, tested);
  }

  runStatements(statements: readonly Statement[], source: string, tested: boolean): Promise<number> {
    return runStatements(this, statements, source, tested);
  }

  /** A subshell: a process of its own with a copy of everything. `changes` are its descriptors on top of ours. */
  fork(
    work: (shell: Shell) => Promise<number>,
    options: { changes?: ReadonlyMap<number, OpenFile | undefined>; ownGroup?: boolean } = {},
  ): Process {
    const state = forkState(this.state);
    const { baseLine, line } = this;
    return this.process.spawn({
      program: (process) => {
        const shell = new Shell(process, state);
        shell.baseLine = baseLine;
        shell.line = line;
        return shell.life(() => work(shell));
      },
      argv: this.process.argv,
      env: this.environment(),
      descriptors: this.descriptorsWith(options.changes),
      ownGroup: options.ownGroup ?? false,
    });
  }

  descriptorsWith(changes: ReadonlyMap<number, OpenFile | undefined> = new Map()): Map<number, OpenFile> {
    const descriptors = new Map(this.process.descriptors);
    for (const [number, file] of changes) {
      if (file) descriptors.set(number, file);
      else descriptors.delete(number);
    }
    return descriptors;
  }

  async substitute(script: Script, source: string): Promise<string> {
    const { input, output } = this.process.pipe();
    const child = this.fork((shell) => shell.runStatements(script.commands, source, false), {
      changes: new Map([[1, output]]),
    });
    output.release();
    const decoder = new TextDecoder();
    let text = "";
    try {
      for (let chunk = await input.read(65_536, this.process); chunk; chunk = await input.read(65_536, this.process)) {
        text += decoder.decode(chunk, { stream: true });
        if (text.length > MAX_SUBSTITUTION) break;
      }
    } finally {
      input.release();
    }
    const { code } = await this.waitFor(child);
    this.substitutionStatus = code;
    this.state.lastStatus = code;
    return withoutTrailing(text.replace(/\0/g, ""), "\n");
  }

  /** The end of a child; signals with traps are noted and wait their turn. */
  async waitFor(child: Process): Promise<ProcessEnd> {
    for (;;) {
      try {
        return await this.process.wait(child);
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
      }
    }
  }

  /** Waits for the processes of a foreground job, which holds the terminal meanwhile. The last one's status counts. */
  async waitForeground(processes: readonly Process[]): Promise<number> {
    const terminal = this.state.options.monitor ? this.process.terminal : undefined;
    const first = processes[0];
    if (terminal && first) terminal.foreground = first.group;
    let status = 0;
    let interrupted = false;
    try {
      for (const child of processes) {
        const end = await this.waitFor(child);
        if (end.code !== 0 || !this.state.options.pipefail || child === processes.at(-1))
          status = end.code === 0 && this.state.options.pipefail ? status : end.code;
        if (end.signal === "INT") interrupted = true;
        else if (end.signal && end.signal !== "PIPE" && child === processes.at(-1))
          await this.#reportSignal(end.signal);
      }
    } finally {
      if (terminal) {
        terminal.foreground = this.process.group;
        terminal.setMode({ canonical: true, echo: true, signals: true });
      }
    }
    if (interrupted && this.state.options.interactive) {
      this.state.lastStatus = 130;
      await this.process.complain("\n");
      throw new PromptReturn();
    }
    return status;
  }

  async #reportSignal(signal: Signal): Promise<void> {
    const text = SIGNAL_TEXTS[signal];
    if (text) await this.process.complain(`${text}\n`);
  }

  // --- variables ---------------------------------------------------------------------------------------------------

  get(name: string): string | undefined {
    const { state } = this;
    if (/^\d+$/.test(name)) return name === "0" ? state.name : state.positional[Number(name) - 1];
    switch (name) {
      case "#":
        return String(state.positional.length);
      case "?":
        return String(state.lastStatus);
      case "$":
        return String(state.shellPid);
      case "!":
        return state.lastBackground === undefined ? undefined : String(state.lastBackground);
      case "-":
        return `${state.options.errexit ? "e" : ""}${state.options.interactive ? "i" : ""}${state.options.monitor ? "m" : ""}${state.options.nounset ? "u" : ""}${state.options.xtrace ? "x" : ""}`;
      case "@":
      case "*":
        return state.positional.length > 0 ? state.positional.join(" ") : undefined;
      case "RANDOM":
        if (state.dialect !== "dash") return String(this.process.machine.random.below(32_768));
        break;
      case "LINENO":
        return String(this.line);
    }
    return state.variables.get(name)?.value;
  }

  /** Sets a variable, keeping whether it is exported. Fails when it is read-only. */
  async set(name: string, value: string, exported?: boolean): Promise<void> {
    const old = this.state.variables.get(name);
    if (old?.readOnly)
      await this.fail(this.state.dialect === "bash" ? `${name}: readonly variable` : `${name}: is read only`);
    this.state.variables.set(name, {
      value,
      exported: exported ?? (old?.exported || this.state.options.allexport),
      readOnly: false,
    });
  }

  /** What children get: the exported variables, with `extra` on top. */
  environment(extra: ReadonlyMap<string, string> = new Map()): Map<string, string> {
    const env = new Map<string, string>();
    for (const [name, variable] of this.state.variables)
      if (variable.exported && variable.value !== undefined) env.set(name, variable.value);
    for (const [name, value] of extra) env.set(name, value);
    return env;
  }

  // --- messages, traps, jobs ---------------------------------------------------------------------------------------

  /** Says where we are for messages to come. */
  at(source: string, position: number): void {
    this.line = lineOf(source, position) + this.baseLine - 1;
  }

  async complain(text: string, command?: string): Promise<void> {
    const place: Place = { line: this.line, ...(command !== undefined && { command }) };
    await this.process.complain(`${complaint(this.state, place, text)}\n`);
  }

  async fail(text: string, command?: string): Promise<never> {
    await this.complain(text, command);
    const status = this.state.dialect === "bash" ? 1 : 2;
    this.state.lastStatus = status;
    throw new ShellError(status);
  }

  /** Between commands: lets others run, and runs traps whose signals came. */
  async checkpoint(): Promise<void> {
    await this.process.step();
    if (this.#interrupted) {
      this.#interrupted = false;
      if (this.state.options.interactive) {
        this.state.lastStatus = 130;
        throw new PromptReturn();
      }
    }
    if (this.#inTrap) return;
    for (let signal = this.#pendingTraps.shift(); signal; signal = this.#pendingTraps.shift()) {
      const action = this.state.traps.get(signal);
      if (!action) continue;
      const status = this.state.lastStatus;
      this.#inTrap = true;
      try {
        await this.runText(action);
      } finally {
        this.#inTrap = false;
      }
      this.state.lastStatus = status;
    }
  }

  get trapPending(): boolean {
    return this.#pendingTraps.length > 0;
  }

  /** Tells the process what the traps now say of a signal. */
  armTrap(signal: Signal): void {
    const action = this.state.traps.get(signal);
    if (action === "") this.process.handle(signal, "ignore");
    else if (action !== undefined) this.process.handle(signal, () => void this.#pendingTraps.push(signal));
    else if (this.state.options.interactive) this.#armInteractive(signal);
    else this.process.handle(signal, undefined);
  }

  /** An interactive shell does not die of the signals a person sends. */
  armInteractive(): void {
    for (const signal of ["INT", "TERM", "QUIT"] as const) this.#armInteractive(signal);
  }

  #armInteractive(signal: Signal): void {
    if (signal === "INT") this.process.handle("INT", () => void (this.#interrupted = true));
    else if (signal === "TERM" || signal === "QUIT") this.process.handle(signal, "ignore");
    else this.process.handle(signal, undefined);
  }

  /** Ctrl-C at the prompt has been dealt with. */
  forgetInterrupt(): void {
    this.#interrupted = false;
  }

  addJob(processes: readonly Process[], text: string): Job {
    const number = Math.max(0, ...this.state.jobs.map((job) => job.number)) + 1;
    const job: Job = { number, processes, text, status: undefined };
    this.state.jobs = [...this.state.jobs, job];
    this.state.lastBackground = processes.at(-1)?.pid;
    void processes.at(-1)?.ended.then(({ code }) => void (job.status = code));
    return job;
  }
}

const MAX_SUBSTITUTION = 4 * 1024 * 1024;

const SIGNAL_TEXTS: Partial<Readonly<Record<Signal, string>>> = {
  HUP: "Hangup",
  QUIT: "Quit",
  KILL: "Killed",
  TERM: "Terminated",
  SEGV: "Segmentation fault",
  ABRT: "Aborted",
  ALRM: "Alarm clock",
  USR1: "User defined signal 1",
  USR2: "User defined signal 2",
};
