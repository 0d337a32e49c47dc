import { writeSync } from "node:fs";
import type { Socket } from "node:net";

const RETRY_MS = 10;

/**
 * What is typed, on its way into a PTY. node-pty's own stream waits in the middle of a write until the process has read
 * it, and everything else in this process waits with it: one learner could stop all terminals. Here what the kernel does
 * not take at once is kept, and offered again.
 */
export class PtyInput {
  readonly #socket: Socket;
  readonly #descriptor: number;
  #queue: Uint8Array[] = [];
  #pending = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `descriptor` must not block, and belong to `socket`: once that is destroyed, its number may be another's. */
  constructor(socket: Socket, descriptor: number) {
    this.#socket = socket;
    this.#descriptor = descriptor;
  }

  get pendingBytes(): number {
    return this.#pending;
  }

  write(bytes: Uint8Array): void {
    this.#queue.push(Uint8Array.from(bytes));
    this.#pending += bytes.length;
    if (this.#timer === undefined) this.#flush();
  }

  #flush(): void {
    this.#timer = undefined;
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      if (this.#socket.destroyed) {
        this.#drop();
        return;
      }
      try {
        const taken = writeSync(this.#descriptor, head);
        this.#pending -= taken;
        if (taken === head.length) this.#queue.shift();
        else this.#queue[0] = head.subarray(taken);
      } catch (error) {
        if (isFull(error)) this.#timer = setTimeout(() => this.#flush(), RETRY_MS);
        else this.#drop();
        return;
      }
    }
  }

  /** The process has gone, and its terminal with it. */
  #drop(): void {
    this.#queue = [];
    this.#pending = 0;
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}
