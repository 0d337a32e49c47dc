/** A process with a terminal of its own. Output is raw bytes; nothing is decoded on the way. */
export interface Pty {
  readonly pid: number;
  /** Bytes written that the process has not read yet, beyond what the kernel holds. */
  readonly unreadInput: number;
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Stops reading: the process waits once the kernel's buffer is full. Calling it twice changes nothing. */
  pause(): void;
  resume(): void;
  /** Sends a signal to the process; no effect once it has ended. */
  kill(signal: "SIGHUP" | "SIGKILL"): void;
  onData(listener: (bytes: Uint8Array) => void): () => void;
  /** Called once, after the last byte of output. 128+n when signal n ended the process. */
  onExit(listener: (code: number) => void): () => void;
}

export interface PtySpec {
  argv: readonly [string, ...string[]];
  /** The whole environment; the terminal's own TERM comes from it. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  columns: number;
  rows: number;
}

export type SpawnPty = (spec: PtySpec) => Pty;
