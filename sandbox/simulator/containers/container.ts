import type { ExecOptions, ExecSession, ExitStatus, TerminalSize } from "../api/node-api";
import {
  type ContainerConfig,
  type ContainerLimits,
  type ContainerStatus,
  type ContainerUsage,
  type LogLine,
  StartContainerError,
} from "../kubelet/container-runtime";
import { Pipe } from "../pipe";
import type { Random } from "../random";
import { containerIdentity, type Identity } from "./container-identity";
import { ContainerLog } from "./container-log";
import { FileError } from "./filesystem/file-error";
import { DeviceFile, type OpenFile, PipeInput, PipeOutput, SinkFile } from "./filesystem/open-file";
import type { Image } from "./images/image";
import { OutputHub } from "./output-hub";
import { findInPath, loadExecutable } from "./processes/executable";
import type { Quota } from "./filesystem/quota";
import type { Machine } from "./processes/machine";
import { type Process, startProcess } from "./processes/process";
import type { Program } from "./processes/program";
import { Terminal } from "./terminal";

/** One container: its processes, files, log, and the sessions that watch it. */
export class Container {
  readonly id: string;
  readonly config: ContainerConfig;
  readonly #image: Image;
  readonly #machine: Machine;
  readonly #quota: Quota;
  readonly #random: Random;
  readonly #changed: () => void;
  readonly #log: ContainerLog;
  readonly #hub: OutputHub;
  readonly #identity: Identity;
  readonly #terminal: Terminal | undefined;
  readonly #stdin: Pipe | undefined;
  #status: ContainerStatus;
  #root: Process | undefined;
  #outOfMemory = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: {
    id: string;
    config: ContainerConfig;
    image: Image;
    machine: Machine;
    quota: Quota;
    random: Random;
    changed: () => void;
  }) {
    this.id = options.id;
    this.config = options.config;
    this.#image = options.image;
    this.#machine = options.machine;
    this.#quota = options.quota;
    this.#random = options.random;
    this.#changed = options.changed;
    this.#identity = containerIdentity(options.config, options.image, options.machine);
    this.#log = new ContainerLog(() => this.#machine.clock.now(), undefined, options.config.storageGrown);
    this.#hub = new OutputHub(this.#log);
    if (options.config.tty) this.#terminal = this.#newTerminal((bytes) => this.#hub.write("stdout", bytes));
    if (options.config.stdin && !options.config.tty) this.#stdin = new Pipe();
    this.#status = { state: "created", id: this.id, imageId: this.#imageId(), createdAt: this.#machine.clock.now() };
  }

  get status(): ContainerStatus {
    return this.#status;
  }

  start(): void {
    const { createdAt, imageId } = this.#status;
    if (this.#status.state !== "created")
      throw new StartContainerError(128, `container ${this.id} is not in created state`);
    const startedAt = this.#machine.clock.now();
    const argv = [
      ...(this.config.command.length > 0 ? this.config.command : this.#image.entrypoint),
      ...this.#arguments(),
    ];
    try {
      this.#root = this.#launch(
        argv,
        this.#rootDescriptors(),
        "runc create failed: unable to start container process: error during container init",
        0,
      );
    } catch (error) {
      if (!(error instanceof StartContainerError)) throw error;
      const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: ${error.message}`;
      this.#status = {
        state: "exited",
        id: this.id,
        imageId,
        createdAt,
        startedAt: 0,
        finishedAt: startedAt,
        exitCode: 128,
        reason: "StartError",
        message,
      };
      this.#hub.end();
      this.#changed();
      throw new StartContainerError(128, message);
    }
    if (this.#terminal) this.#terminal.foreground = this.#root.group;
    this.#status = { state: "running", id: this.id, imageId, createdAt, startedAt };
    this.#ended = this.#supervise(this.#root, createdAt, startedAt);
    this.#changed();
  }

  async stop(gracePeriodMs: number): Promise<void> {
    const root = this.#root;
    if (this.#status.state !== "running" || !root) return;
    root.signal(this.#image.stopSignal);
    const timer = this.#machine.clock.schedule(gracePeriodMs, () => root.kill());
    await this.#ended;
    timer.cancel();
  }

  /** What it uses now; `undefined` while it does not run. */
  get usage(): ContainerUsage | undefined {
    if (this.#status.state !== "running") return undefined;
    const used = this.#machine.meter.usage(this.#machine.processes.all().length);
    return { ...used, storageBytes: this.#quota.bytes + this.#log.bytesOnDisk };
  }

  /** Holds memory on behalf of nobody in it, until the returned function is called. */
  hogMemory(bytes: number): () => void {
    const holder = {};
    this.#machine.meter.hold(holder, bytes);
    return () => this.#machine.meter.hold(holder, 0);
  }

  /** It holds more memory than it may: the kernel ends all of it. */
  runOutOfMemory(): void {
    this.#outOfMemory = true;
    this.kill();
  }

  /** Limits it anew; one that holds more than it may now is killed. */
  limit({ memoryLimitBytes, cpuLimitCores }: ContainerLimits): void {
    this.#machine.meter.limit(memoryLimitBytes, cpuLimitCores);
  }

  /** Ends it at once, whatever it does. */
  kill(): void {
    this.#root?.kill();
  }

  /** Resolves after the last status change. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  exec(options: ExecOptions): ExecSession {
    if (this.#status.state !== "running") throw new StartContainerError(1, `container ${this.id} is not running`);
    const stdin = new Pipe();
    const stdout = new Pipe();
    const stderr = new Pipe();
    const terminal = options.tty ? this.#newTerminal((bytes) => stdout.write(bytes)) : undefined;
    const descriptors = new Map<number, OpenFile>();
    if (terminal) for (const number of [0, 1, 2]) descriptors.set(number, terminal.file);
    else {
      descriptors.set(0, options.stdin ? new PipeInput(stdin) : new DeviceFile());
      descriptors.set(1, new PipeOutput(stdout));
      descriptors.set(2, new PipeOutput(stderr));
    }
    let process: Process;
    try {
      process = this.#launch(
        options.command,
        descriptors,
        "exec failed: unable to start container process",
        0,
        options.tty,
      );
    } catch (error) {
      if (!(error instanceof StartContainerError)) throw error;
      const execId = this.#random.hex(64);
      throw new StartContainerError(
        error.exitCode,
        `failed to exec in container: failed to start exec "${execId}": OCI runtime exec failed: ${error.message}`,
      );
    }
    for (const file of new Set(descriptors.values())) if (file !== terminal?.file) file.release();
    if (terminal) {
      terminal.foreground = process.group;
      void pumpKeys(stdin, terminal);
    }
    const exit = process.ended.then(({ code }): ExitStatus => {
      stdout.end();
      stderr.end();
      stdin.cancel();
      return { code };
    });
    return {
      stdin,
      stdout,
      stderr,
      exit,
      resize: (size: TerminalSize) => terminal?.resize(size),
      close: () => {
        stdout.cancel();
        stderr.cancel();
        if (terminal) terminal.hangUp();
        if (process.running) this.#machine.processes.signalGroup(process.group, "HUP");
      },
    };
  }

  attach(options: Omit<ExecOptions, "command">): ExecSession {
    if (this.#status.state !== "running") throw new StartContainerError(1, `container ${this.id} is not running`);
    const stdin = new Pipe();
    const stdout = new Pipe();
    const stderr = new Pipe();
    const remove = this.#hub.add({
      ...(options.stdout && { stdout }),
      ...(options.stderr && !this.#terminal && { stderr }),
    });
    if (options.stdin && this.config.stdin) void this.#pumpStdin(stdin);
    return {
      stdin,
      stdout,
      stderr,
      exit: this.#ended.then(() => {
        stdout.end();
        stderr.end();
        stdin.cancel();
        return { code: 0 };
      }),
      resize: (size: TerminalSize) => this.#terminal?.resize(size),
      close: () => {
        remove();
        stdout.cancel();
        stderr.cancel();
        stdin.end();
      },
    };
  }

  logs(follow: boolean): AsyncIterable<LogLine> {
    return this.#log.read(follow);
  }

  /** Args given replace the image's command; a command given without args drops it. */
  #arguments(): readonly string[] {
    if (this.config.args.length > 0) return this.config.args;
    return this.config.command.length > 0 ? [] : this.#image.command;
  }

  #launch(
    argv: readonly string[],
    descriptors: ReadonlyMap<number, OpenFile>,
    failure: string,
    ppid: number,
    tty = false,
  ): Process {
    const { uid, gid, groups, home } = this.#identity;
    const env = this.#environment(tty, home);
    const caller = { pid: 0, cwd: this.#identity.cwd, uid, gid, umask: 0o022, descriptor: () => undefined };
    const executable = this.#find(argv, env.get("PATH"), caller, failure);
    return startProcess(this.#machine, {
      program: executable.program,
      argv: executable.argv,
      env,
      cwd: this.#identity.cwd,
      uid,
      gid,
      groups,
      umask: 0o022,
      ppid,
      group: undefined,
      descriptors,
    });
  }

  #find(
    argv: readonly string[],
    path: string | undefined,
    caller: Parameters<typeof findInPath>[1],
    failure: string,
  ): { program: Program; argv: readonly string[] } {
    const name = argv[0];
    if (name === undefined) throw new StartContainerError(128, "no command specified");
    const found = findInPath(this.#machine.fileSystem, caller, name, path);
    if (found === undefined)
      throw new StartContainerError(127, `${failure}: exec: "${name}": executable file not found in $PATH`);
    try {
      return loadExecutable(this.#machine, caller, found, argv);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const reason = { ENOENT: "stat", EACCES: "exec" }[error.code === "ENOENT" ? "ENOENT" : "EACCES"];
      const text =
        error.code === "ENOENT"
          ? `exec: "${name}": stat ${name}: no such file or directory`
          : `exec: "${name}": ${error.message.toLowerCase()}`;
      throw new StartContainerError(reason === "stat" ? 127 : 126, `${failure}: ${text}`);
    }
  }

  #environment(tty: boolean, home: string): Map<string, string> {
    const env = new Map<string, string>();
    env.set("PATH", this.#image.env.PATH ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    env.set("HOSTNAME", this.#machine.hostname);
    if (this.config.tty) env.set("TERM", "xterm");
    for (const [name, value] of Object.entries(this.#image.env)) env.set(name, value);
    for (const { name, value } of this.config.env) env.set(name, value);
    if (tty && !this.config.tty) env.set("TERM", "xterm");
    if (!env.has("HOME")) env.set("HOME", home);
    return env;
  }

  #rootDescriptors(): Map<number, OpenFile> {
    const terminal = this.#terminal?.file;
    if (terminal) return new Map([0, 1, 2].map((number) => [number, terminal]));
    return new Map<number, OpenFile>([
      [0, this.#stdin ? new PipeInput(this.#stdin) : new DeviceFile()],
      [1, new SinkFile((bytes) => this.#hub.write("stdout", bytes))],
      [2, new SinkFile((bytes) => this.#hub.write("stderr", bytes))],
    ]);
  }

  #newTerminal(output: (bytes: Uint8Array) => Promise<void>): Terminal {
    return new Terminal({ output, signal: (group, signal) => void this.#machine.processes.signalGroup(group, signal) });
  }

  async #pumpStdin(from: Pipe): Promise<void> {
    if (this.#terminal) await pumpKeys(from, this.#terminal, this.config.stdinOnce);
    else if (this.#stdin) {
      const into = this.#stdin;
      try {
        for (let chunk = await from.read(); chunk; chunk = await from.read()) await into.write(chunk);
      } catch {
        // The container closed its input or is gone: what was typed has nowhere to go.
        from.cancel();
      }
      if (this.config.stdinOnce) into.end();
    }
  }

  async #supervise(root: Process, createdAt: number, startedAt: number): Promise<void> {
    const { code } = await root.ended;
    this.#hub.end();
    this.#stdin?.cancel();
    this.#status = {
      state: "exited",
      id: this.id,
      imageId: this.#imageId(),
      createdAt,
      startedAt,
      finishedAt: this.#machine.clock.now(),
      exitCode: code,
      reason: this.#outOfMemory ? "OOMKilled" : code === 0 ? "Completed" : "Error",
    };
    this.#changed();
  }

  #imageId(): string {
    return `${this.#image.reference.replace(/(:[^:/]+)?$/, "")}@${this.#image.digest}`;
  }
}

/** Keys from a session into a terminal, until the session ends. */
async function pumpKeys(from: Pipe, terminal: Terminal, endsInput = true): Promise<void> {
  try {
    for (let chunk = await from.read(); chunk; chunk = await from.read()) await terminal.input(chunk);
    if (endsInput) terminal.endInput();
  } catch {
    // The screen's other end is gone; so are its keys.
    from.cancel();
  }
}
