import { readSync } from "node:fs";
import { Socket } from "node:net";
import { spawn, type IPty } from "@lydell/node-pty";
import type { Pty, PtySpec } from "./pty";
import { PtyInput } from "./pty-input";

/**
 * node-pty leaves the master sides of other terminals open in every new process: whoever got them could type into
 * other learners' shells, and a terminal would never hang up. So the first thing to run closes all but 0, 1 and 2.
 */
const CLOSE_INHERITED = `for f in /dev/fd/*; do f=\${f##*/}; (( f > 2 )) && eval "exec $f>&-"; done; exec "$@"`;
const BASH = "/bin/bash";
const ENV = "/usr/bin/env";
const LOOK_EVERY_MS = 50;
/** More than the kernel holds of one terminal's output. */
const MOST_LEFT_BYTES = 256 * 1024;

export function spawnNodePty({ argv, env, cwd, columns, rows }: PtySpec): Pty {
  // Bash adds variables of its own and drops PS1, so the environment is given after it.
  const clean = [ENV, "-i", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const child = spawn(BASH, ["--norc", "--noprofile", "-c", CLOSE_INHERITED, "slipway", ...clean, ...argv], {
    env: {},
    cwd,
    cols: columns,
    rows,
    name: env.TERM ?? "xterm-256color",
    encoding: null,
  });
  return new NodePty(child);
}

class NodePty implements Pty {
  readonly #child: IPty;
  readonly #inside: Inside;
  readonly #input: PtyInput;
  #watch: NodeJS.Timeout | undefined;
  #ending = false;
  #ended = false;
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();

  constructor(child: IPty) {
    this.#child = child;
    this.#inside = insideOf(child);
    this.#input = new PtyInput(this.#inside.socket, this.#inside.descriptor);
    child.onData((chunk: string | Uint8Array) => {
      this.#tell(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      this.#lookForEnd();
    });
    this.#inside.onEnd(() => this.#takeRest());
    child.onExit(() => {
      this.#ended = true;
      this.resume();
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  get unreadInput(): number {
    return this.#input.pendingBytes;
  }

  write(bytes: Uint8Array): void {
    if (!this.#ended) this.#input.write(bytes);
  }

  resize(columns: number, rows: number): void {
    if (!this.#ended) this.#child.resize(columns, rows);
  }

  pause(): void {
    if (this.#watch !== undefined || this.#ending) return;
    this.#child.pause();
    this.#watch = setInterval(() => this.#lookForEnd(), LOOK_EVERY_MS);
  }

  resume(): void {
    if (this.#watch === undefined) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
    if (!this.#ended) this.#child.resume();
  }

  /**
   * When a process ends, node-pty gives its output 200 ms to be read and drops the rest, which a busy machine may not
   * have used for reading. So its end is looked for with every piece of output and while reading is paused; then what is
   * left is taken at once, in spite of a pause.
   */
  #lookForEnd(): void {
    if (this.#ending || isAlive(this.pid)) return;
    this.#ending = true;
    this.#takeRest();
    this.resume();
  }

  #takeRest(): void {
    this.#inside.takeRest((bytes) => this.#tell(bytes));
  }

  #tell(bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener(bytes);
  }

  kill(signal: "SIGHUP" | "SIGKILL"): void {
    if (!this.#ended) this.#child.kill(signal);
  }

  onData(listener: (bytes: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onExit(listener: (code: number) => void): () => void {
    const subscription = this.#child.onExit(({ exitCode, signal }) => listener(signal ? 128 + signal : exitCode));
    return () => subscription.dispose();
  }
}

interface Inside {
  readonly socket: Socket;
  readonly descriptor: number;
  /** Lets the stream give what it holds, then takes what the kernel still holds. Does not wait. */
  takeRest(tell: (bytes: Uint8Array) => void): void;
  /**
   * Calls `listener` when the stream says that it ends. That is too early: a terminal gives 4 KiB at a time, and libuv
   * takes a hang-up after less than its buffer holds for the end, whatever is left.
   * https://github.com/libuv/libuv/blob/v1.x/src/unix/stream.c (uv__stream_io, POLLHUP)
   */
  onEnd(listener: () => void): void;
}

/** Not in node-pty's types: the stream it reads from, and the descriptor of the terminal's master side. */
function insideOf(child: IPty): Inside {
  const socket: unknown = Reflect.get(child, "_socket");
  const descriptor: unknown = Reflect.get(child, "fd");
  if (!(socket instanceof Socket) || typeof descriptor !== "number") {
    child.kill("SIGKILL");
    throw new Error("this version of node-pty has another inside");
  }
  const takeRest = (tell: (bytes: Uint8Array) => void): void => {
    if (socket.destroyed) return; // its descriptor may be another's by now
    while (socket.read() !== null); // tells it as data
    // Not for ever: a process that was left behind may go on writing.
    for (let taken = 0; taken < MOST_LEFT_BYTES;) {
      const bytes = readNow(descriptor);
      if (bytes.length === 0) return;
      tell(bytes);
      taken += bytes.length;
    }
  };
  return { socket, descriptor, takeRest, onEnd: (listener) => void socket.once("end", listener) };
}

/** Empty when nothing is there now, or when the other side is gone. */
function readNow(descriptor: number): Buffer {
  const buffer = Buffer.allocUnsafe(16 * 1024);
  try {
    return buffer.subarray(0, readSync(descriptor, buffer));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EAGAIN" || code === "EIO" || code === "EBADF") return buffer.subarray(0, 0);
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // no such process
  }
}
