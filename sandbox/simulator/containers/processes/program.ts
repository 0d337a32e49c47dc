import type { Process } from "./process";

/**
 * What runs in a process: it gets the process, uses its descriptors, files, clock and network through it, and returns
 * the exit code. Throwing `ProcessExit` ends it too. It must await its calls, so that a signal can end it.
 */
export type Program = (process: Process) => Promise<number>;

/** Programs by the name that files of an image carry. */
export type Programs = ReadonlyMap<string, Program>;

/** Thrown to leave a program from deep inside. */
export class ProcessExit extends Error {
  override readonly name = "ProcessExit";
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/** A call of a process that has been killed: nothing may go on. */
export class ProcessKilled extends Error {
  override readonly name = "ProcessKilled";
}

/** A call that a signal with a handler broke off (EINTR). */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}
