import { BrokenPipeError, Pipe } from "../../pipe";
import type { Clock } from "../../clock";
import { FileError } from "../filesystem/file-error";
import type { Caller } from "../filesystem/file-system";
import { concatAll, type OpenFile, PipeInput, PipeOutput, type Waiter } from "../filesystem/open-file";
import type { Terminal } from "../terminal";
import type { Machine } from "./machine";
import { Interrupted, ProcessExit, ProcessKilled, type Program } from "./program";
import { SIGNALS, type Signal, terminates } from "./signals";

export interface SpawnOptions {
  readonly program: Program;
  readonly argv: readonly string[];
  readonly env?: ReadonlyMap<string, string>;
  /** Descriptors it starts with; retained here. Default: all of the parent's. */
  readonly descriptors?: ReadonlyMap<number, OpenFile>;
  /** Starts a process group of its own. */
  readonly ownGroup?: boolean;
}

export interface ProcessStart {
  readonly program: Program;
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly umask: number;
  readonly ppid: number;
  /** `undefined`: its own. */
  readonly group: number | undefined;
  readonly descriptors: ReadonlyMap<number, OpenFile>;
}

export interface ProcessEnd {
  /** 0–255; 128 + signal number when a signal ended it. */
  readonly code: number;
  readonly signal?: Signal;
}

type Handler = "ignore" | ((signal: Signal) => void);

/** Starts a process in a machine. Throws `FileError` EAGAIN at the limit. */
export function startProcess(machine: Machine, start: ProcessStart): Process {
  return machine.processes.add((pid) => new Process(machine, pid, start));
}

/**
 * A running program: its identity, environment and descriptors, and the calls it makes. Every call that waits ends with
 * `ProcessKilled` when the process is killed, so that a program cannot outlive its process.
 */
export class Process implements Caller, Waiter {
  readonly pid: number;
  ppid: number;
  group: number;
  argv: readonly string[];
  readonly env: Map<string, string>;
  cwd: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  umask: number;
  readonly machine: Machine;
  readonly startedAt: number;
  readonly descriptors = new Map<number, OpenFile>();
  /** Resolves at its end; never rejects. */
  readonly ended: Promise<ProcessEnd>;

  #end: ProcessEnd | undefined;
  #resolveEnd: (end: ProcessEnd) => void = () => {};
  readonly #handlers = new Map<Signal, Handler>();
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #cleanups = new Set<() => void>();
  #busySince: number | undefined;

  constructor(machine: Machine, pid: number, start: ProcessStart) {
    this.machine = machine;
    this.pid = pid;
    this.ppid = start.ppid;
    this.group = start.group ?? pid;
    this.argv = start.argv;
    this.env = new Map(start.env);
    this.cwd = start.cwd;
    this.uid = start.uid;
    this.gid = start.gid;
    this.groups = start.groups;
    this.umask = start.umask;
    this.startedAt = machine.clock.now();
    for (const [number, file] of start.descriptors) this.descriptors.set(number, file.retain());
    this.ended = new Promise((resolve) => {
      this.#resolveEnd = resolve;
    });
    void this.#run(start.program);
  }

  get clock(): Clock {
    return this.machine.clock;
  }

  get running(): boolean {
    return this.#end === undefined;
  }

  /** The name in messages: the program's file name. */
  get name(): string {
    const first = this.argv[0] ?? "";
    return first.slice(first.lastIndexOf("/") + 1);
  }

  /** The terminal on any of its standard descriptors. */
  get terminal(): Terminal | undefined {
    for (const number of [0, 1, 2]) {
      const terminal = this.descriptors.get(number)?.terminal;
      if (terminal) return terminal;
    }
    return undefined;
  }

  descriptor(number: number): OpenFile | undefined {
    return this.descriptors.get(number);
  }

  // --- calls -------------------------------------------------------------------------------------------------------

  /** Up to `limit` bytes from a descriptor; `undefined` at the end. */
  async read(number = 0, limit = 65_536): Promise<Uint8Array | undefined> {
    await this.step();
    return this.#file(number).read(limit, this);
  }

  async readAll(number = 0): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let chunk = await this.read(number); chunk; chunk = await this.read(number)) {
      size += chunk.byteLength;
      if (size > MAX_READ_BYTES) throw new FileError("ENOMEM");
      chunks.push(chunk);
    }
    return concatAll(chunks);
  }

  async write(number: number, data: Uint8Array | string): Promise<void> {
    this.#check();
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    if (bytes.byteLength === 0) return;
    try {
      await this.#file(number).write(bytes, this);
    } catch (error) {
      if (!(error instanceof BrokenPipeError)) throw error;
      this.signal("PIPE");
      this.#check();
      throw error;
    }
    await this.step();
  }

  print(text: string): Promise<void> {
    return this.write(1, text);
  }

  /** Writes to standard error. A closed standard error is nobody's concern. */
  async complain(text: string): Promise<void> {
    if (this.descriptors.has(2)) await this.write(2, text);
  }

  async sleep(ms: number): Promise<void> {
    this.#check();
    let cancel = (): void => {};
    try {
      await this.until(
        new Promise<void>((resolve) => {
          const timer = this.clock.schedule(ms, resolve);
          cancel = () => timer.cancel();
        }),
      );
    } finally {
      cancel();
    }
  }

  /** Waits for anything, until a signal comes. */
  until<T>(promise: Promise<T>): Promise<T> {
    if (this.#end) return Promise.reject(new ProcessKilled());
    this.#countBusy(undefined);
    return new Promise<T>((resolve, reject) => {
      const done = (): void => void this.#waiting.delete(interrupt);
      const interrupt = (error: Error): void => {
        done();
        reject(error);
      };
      this.#waiting.add(interrupt);
      promise.then(
        (value) => {
          done();
          resolve(value);
        },
        (error: unknown) => {
          done();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  /** A step of an interpreter or a loop: now and then it pauses, so that others run. */
  async step(): Promise<void> {
    this.#check();
    // Looked at only while it is busy: a clock read at each step would cost more than the step.
    this.#busySince ??= this.clock.now();
    const pause = this.machine.core.step();
    if (!pause) return;
    await pause;
    this.#countBusy(this.clock.now());
    this.#check();
  }

  spawn(options: SpawnOptions): Process {
    this.#check();
    return startProcess(this.machine, {
      program: options.program,
      argv: options.argv,
      env: options.env ?? this.env,
      cwd: this.cwd,
      uid: this.uid,
      gid: this.gid,
      groups: this.groups,
      umask: this.umask,
      ppid: this.pid,
      group: options.ownGroup ? undefined : this.group,
      descriptors: options.descriptors ?? this.descriptors,
    });
  }

  /** The end of another process. */
  wait(child: Process): Promise<ProcessEnd> {
    return this.until(child.ended);
  }

  /** A new pipe: what is written to `output` is read from `input`. Release each when it has been handed on. */
  pipe(): { input: OpenFile; output: OpenFile } {
    const pipe = new Pipe();
    return { input: new PipeInput(pipe), output: new PipeOutput(pipe) };
  }

  /** Installs `file` under a number, closing what was there. */
  setDescriptor(number: number, file: OpenFile | undefined): void {
    const old = this.descriptors.get(number);
    if (file) this.descriptors.set(number, file);
    else this.descriptors.delete(number);
    old?.release();
  }

  /** Calls `cleanup` at the end of the process, however it ends. Returns the unsubscribe. */
  onEnd(cleanup: () => void): () => void {
    this.#cleanups.add(cleanup);
    return () => void this.#cleanups.delete(cleanup);
  }

  // --- signals -----------------------------------------------------------------------------------------------------

  /** What to do on a signal: ignore it, call a handler (which also breaks off a waiting call), or the default. */
  handle(signal: Signal, handler: Handler | undefined): void {
    if (handler) this.#handlers.set(signal, handler);
    else this.#handlers.delete(signal);
  }

  /** Sends a signal from inside the container: number 1 only gets what it has a handler for. */
  signal(signal: Signal): void {
    if (this.#end) return;
    const handler = signal === "KILL" || signal === "STOP" ? undefined : this.#handlers.get(signal);
    if (handler === "ignore") return;
    if (handler) {
      handler(signal);
      for (const interrupt of [...this.#waiting]) interrupt(new Interrupted());
      return;
    }
    if (this.pid === 1 || !terminates(signal)) return;
    this.#finish({ code: 128 + SIGNALS[signal], signal });
  }

  /** SIGKILL from outside: nothing withstands it. */
  kill(): void {
    this.#finish({ code: 128 + SIGNALS.KILL, signal: "KILL" });
  }

  // --- life --------------------------------------------------------------------------------------------------------

  async #run(program: Program): Promise<void> {
    // The parent goes on first, so that it can set up groups and terminals.
    await Promise.resolve();
    try {
      this.#finish({ code: (await program(this)) & 0xff });
    } catch (error) {
      if (error instanceof ProcessKilled) return;
      this.#finish({ code: error instanceof ProcessExit ? error.code & 0xff : await this.#failed(error) });
    }
  }

  async #failed(error: unknown): Promise<number> {
    if (error instanceof Interrupted) return 130;
    const path = error instanceof FileError && error.path ? `${error.path}: ` : "";
    const reason =
      error instanceof FileError || error instanceof BrokenPipeError
        ? error.message
        : `internal error: ${String(error)}`;
    try {
      await this.complain(`${this.name}: ${path}${reason}\n`);
    } catch {
      // Nobody listens any longer; the exit code says enough.
    }
    return 1;
  }

  #finish(end: ProcessEnd): void {
    if (this.#end) return;
    this.#end = end;
    for (const file of this.descriptors.values()) file.release();
    this.descriptors.clear();
    for (const cleanup of this.#cleanups) cleanup();
    this.#cleanups.clear();
    for (const interrupt of [...this.#waiting]) interrupt(new ProcessKilled());
    this.machine.processes.ended(this);
    this.#resolveEnd(end);
  }

  /** Counts the time since it began to work, and from when it works on. */
  #countBusy(since: number | undefined): void {
    if (this.#busySince !== undefined) this.machine.meter.busy(this.clock.now() - this.#busySince);
    this.#busySince = since;
  }

  #check(): void {
    if (this.#end) throw new ProcessKilled();
  }

  #file(number: number): OpenFile {
    const file = this.descriptors.get(number);
    if (!file) throw new FileError("EBADF");
    return file;
  }
}

const MAX_READ_BYTES = 16 * 1024 * 1024;
