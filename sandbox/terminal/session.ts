import type { HostFrame } from "../protocol/terminal-frames";
import type { Pty } from "./pty";
import { OutputRing } from "./output-ring";
import { TerminalModes } from "./terminal-modes";
import { Viewer, type ViewerLink } from "./viewer";

export const RING_BYTES = 256 * 1024;
/** The terminal waits when the viewer in front is this far behind, and goes on when it has nearly caught up. */
export const HIGH_WATER_BYTES = 128 * 1024;
export const LOW_WATER_BYTES = 32 * 1024;
export const MAX_VIEWERS = 8;
/** Besides them: who only watches takes nobody's place. */
export const MAX_WATCHERS = 16;

const MAX_UNREAD_INPUT_BYTES = 1024 * 1024;
const CHUNK_BYTES = 32 * 1024;
const KILL_AFTER_MS = 1_000;

export type SessionState = { phase: "running"; pid: number } | { phase: "exited"; code: number };

export interface SessionOptions {
  pty: Pty;
  columns: number;
  rows: number;
  /** Shown before the output of `pty`, as its past. */
  scrollback?: Uint8Array;
  now?: () => Date;
}

/**
 * A terminal that outlives its sockets. It keeps the last output, sends it to any number of viewers, and lets one of
 * them, the one in front, set the size and the pace. Without viewers it runs on; the oldest output gives way.
 */
export class Session {
  readonly createdAt: Date;
  readonly #pty: Pty;
  readonly #now: () => Date;
  readonly #ring: OutputRing;
  /** The modes at the start of the ring: fed with what leaves it. */
  readonly #modes = new TerminalModes();
  readonly #viewers = new Set<Viewer>();
  #state: SessionState;
  #columns: number;
  #rows: number;
  #front: Viewer | undefined;
  #lastInputAt: Date | undefined;
  #killTimer: NodeJS.Timeout | undefined;
  readonly #exited: Promise<void>;

  constructor({ pty, columns, rows, scrollback, now = () => new Date() }: SessionOptions) {
    this.#pty = pty;
    this.#now = now;
    this.#columns = columns;
    this.#rows = rows;
    this.#state = { phase: "running", pid: pty.pid };
    this.createdAt = now();
    this.#ring = new OutputRing(RING_BYTES, (bytes) => this.#modes.feed(bytes));
    if (scrollback?.length) for (const bytes of [scrollback, endOf(scrollback)]) this.#ring.append(bytes);
    pty.onData((bytes) => this.#output(bytes));
    this.#exited = new Promise((resolve) => {
      pty.onExit((code) => {
        this.#exit(code);
        resolve();
      });
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  get size(): { columns: number; rows: number } {
    return { columns: this.#columns, rows: this.#rows };
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Offset of the next byte of output. */
  get seq(): number {
    return this.#ring.end;
  }

  get lastInputAt(): Date | undefined {
    return this.#lastInputAt;
  }

  /**
   * Shows the terminal to one more viewer: replay first, then what comes. `from` is the offset of the first byte it does
   * not have; absent for a viewer that has nothing. One that only watches never comes to the front.
   * Undefined when there are too many of its kind already.
   */
  attach(link: ViewerLink, from?: number, onlyWatches = false): Viewer | undefined {
    const alike = [...this.#viewers].filter((viewer) => viewer.onlyWatches === onlyWatches).length;
    if (alike >= (onlyWatches ? MAX_WATCHERS : MAX_VIEWERS)) return undefined;
    const events = {
      input: (bytes: Uint8Array) => this.#input(bytes),
      resized: (who: Viewer) => this.#resized(who),
      acknowledged: () => this.#pump(viewer),
      focused: (who: Viewer, focused: boolean) => this.#focused(who, focused),
      detached: (who: Viewer) => this.#detached(who),
    };
    const viewer: Viewer = new Viewer(link, events, onlyWatches);
    this.#viewers.add(viewer);
    if (!onlyWatches) this.#front ??= viewer;
    this.#replay(viewer, from);
    viewer.tell({ type: "size", columns: this.#columns, rows: this.#rows });
    this.#pump(viewer);
    return viewer;
  }

  /** What is still there of the output from that offset on. */
  outputSince(from: number): { from: number; bytes: Uint8Array } {
    const first = Math.min(Math.max(from, this.#ring.start), this.#ring.end);
    return { from: first, bytes: this.#ring.read(first, this.#ring.end - first) };
  }

  /** Hangs up, then kills what does not go. Resolves when the process is gone. */
  async end(): Promise<void> {
    if (this.#state.phase === "exited") return;
    this.#pty.resume();
    this.#pty.kill("SIGHUP");
    this.#killTimer ??= setTimeout(() => this.#pty.kill("SIGKILL"), KILL_AFTER_MS);
    await this.#exited;
  }

  /** Lets all viewers go; their sockets are closed with the reason. */
  closeViewers(reason: "gone" | "going-away"): void {
    for (const viewer of [...this.#viewers]) viewer.close(reason);
  }

  #output(bytes: Uint8Array): void {
    this.#ring.append(bytes);
    for (const viewer of this.#viewers) this.#pump(viewer);
    this.#pace();
  }

  #exit(code: number): void {
    clearTimeout(this.#killTimer);
    this.#state = { phase: "exited", code };
    for (const viewer of this.#viewers) this.#pump(viewer);
  }

  /** Refused when the process has left too much of what was typed unread. */
  #input(bytes: Uint8Array): boolean {
    if (this.#pty.unreadInput > MAX_UNREAD_INPUT_BYTES) return false;
    this.#lastInputAt = this.#now();
    this.#pty.write(bytes);
    return true;
  }

  /** Begins a viewer's stream at `from`, or where the ring allows it to. */
  #replay(viewer: Viewer, from: number | undefined): void {
    if (from !== undefined && from >= this.#ring.start && from <= this.#ring.end) {
      viewer.begin({ from, lost: 0, preamble: new Uint8Array(0), until: this.#ring.end });
      return;
    }
    const cut = this.#lineStart();
    const lost = from === undefined || from > this.#ring.end ? 0 : cut.offset - from;
    // A viewer with a gap behind it still has the modes and the half line from before: it is reset first.
    const reset = from === undefined ? "" : "\u001bc";
    const preamble = new TextEncoder().encode(reset + cut.modes.declare());
    viewer.begin({ from: cut.offset, lost, preamble, until: this.#ring.end });
  }

  /** The first place in the ring where a stream may begin: a line's start, or at least not inside a sequence. */
  #lineStart(): { offset: number; modes: TerminalModes } {
    const { start, end } = this.#ring;
    if (start === 0) return { offset: 0, modes: this.#modes };
    const modes = this.#modes.clone();
    const bytes = this.#ring.read(start, end - start);
    let fallback: { offset: number; modes: TerminalModes } | undefined;
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index] ?? 0;
      const continues = (byte & 0xc0) === 0x80;
      if (fallback === undefined && modes.atGround && !continues)
        fallback = { offset: start + index, modes: modes.clone() };
      modes.feed(bytes.subarray(index, index + 1));
      if (byte === 0x0a && modes.atGround) return { offset: start + index + 1, modes };
    }
    return fallback ?? { offset: end, modes };
  }

  /** Sends a viewer what it may have now; a viewer that the ring has left behind begins anew. */
  #pump(viewer: Viewer): void {
    if (viewer.next < this.#ring.start) {
      // Only once it has drawn what it was sent: else each new beginning would pile up in its socket.
      if (viewer.inFlight > LOW_WATER_BYTES) return;
      this.#replay(viewer, viewer.next);
    }
    while (viewer.next < this.#ring.end && viewer.inFlight < HIGH_WATER_BYTES) {
      viewer.output(this.#ring.read(viewer.next, CHUNK_BYTES));
    }
    viewer.sayWhenReplayed();
    if (viewer.next === this.#ring.end && this.#state.phase === "exited") viewer.exit(this.#state.code);
    if (viewer === this.#front) this.#pace();
  }

  #pace(): void {
    const behind = this.#front === undefined ? 0 : this.#ring.end - this.#front.acknowledged;
    if (behind >= HIGH_WATER_BYTES) this.#pty.pause();
    else if (behind <= LOW_WATER_BYTES) this.#pty.resume();
  }

  #resized(viewer: Viewer): void {
    if (viewer === this.#front) this.#takeSizeOf(viewer);
  }

  /** The viewer in front is the one that was focused last; it stays so until another is focused, or it leaves. */
  #focused(viewer: Viewer, focused: boolean): void {
    if (focused) this.#toFront(viewer);
  }

  #detached(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#front !== viewer) return;
    this.#front = undefined;
    const next = [...this.#viewers].find(({ onlyWatches }) => !onlyWatches);
    if (next) this.#toFront(next);
    else this.#pace();
  }

  #toFront(viewer: Viewer): void {
    this.#front = viewer;
    this.#takeSizeOf(viewer);
    this.#pace();
  }

  #takeSizeOf({ size }: Viewer): void {
    if (size === undefined || (size.columns === this.#columns && size.rows === this.#rows)) return;
    this.#columns = size.columns;
    this.#rows = size.rows;
    this.#pty.resize(size.columns, size.rows);
    const frame: HostFrame = { type: "size", ...size };
    for (const viewer of this.#viewers) viewer.tell(frame);
  }
}

/**
 * Behind the output of a terminal that is no more: ends a sequence that was cut off, leaves every mode that a program
 * left on, and draws a faint line.
 */
function endOf(scrollback: Uint8Array): Uint8Array {
  const modes = new TerminalModes();
  modes.feed(scrollback);
  const line = "\u2500".repeat(4);
  return new TextEncoder().encode(`\u0018${modes.undo()}\u001b[0m\r\n\u001b[2m${line}\u001b[0m\r\n`);
}
