import type { ClientFrame, HostFrame } from "../protocol/terminal-frames";
import { InputAllowance } from "./input-allowance";

/** The socket of a viewer, as far as a terminal needs it. */
export interface ViewerLink {
  send(frame: HostFrame): void;
  close(reason: "gone" | "going-away" | "too-fast" | "malformed"): void;
}

interface ViewerEvents {
  /** False when it cannot be taken. */
  input(bytes: Uint8Array): boolean;
  resized(viewer: Viewer): void;
  acknowledged(): void;
  focused(viewer: Viewer, focused: boolean): void;
  detached(viewer: Viewer): void;
}

interface Beginning {
  from: number;
  lost: number;
  preamble: Uint8Array;
  /** Where "live" starts. */
  until: number;
}

/** One viewer's place in a terminal's output: what was sent, what it has drawn, what size it has. */
export class Viewer {
  /** Sees everything and does nothing: neither types nor decides on size and pace. */
  readonly onlyWatches: boolean;
  readonly #link: ViewerLink;
  readonly #events: ViewerEvents;
  readonly #allowance = new InputAllowance();
  #next = 0;
  #acknowledged = 0;
  #replayedAt: number | undefined;
  #size: { columns: number; rows: number } | undefined;
  #phase: "open" | "exited" | "detached" = "open";

  constructor(link: ViewerLink, events: ViewerEvents, onlyWatches = false) {
    this.onlyWatches = onlyWatches;
    this.#link = link;
    this.#events = events;
  }

  /** Offset of the first byte that was not sent yet. */
  get next(): number {
    return this.#next;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get inFlight(): number {
    return this.#next - this.#acknowledged;
  }

  get size(): { columns: number; rows: number } | undefined {
    return this.#size;
  }

  begin({ from, lost, preamble, until }: Beginning): void {
    this.#next = from;
    this.#acknowledged = from;
    this.#replayedAt = until;
    this.tell({ type: "replay", from, lost, preamble });
  }

  output(bytes: Uint8Array): void {
    this.tell({ type: "output", seq: this.#next, bytes });
    this.#next += bytes.length;
    this.sayWhenReplayed();
  }

  /** Says once after each beginning that what follows is live. */
  sayWhenReplayed(): void {
    if (this.#replayedAt === undefined || this.#next < this.#replayedAt) return;
    this.tell({ type: "replayed", seq: this.#next });
    this.#replayedAt = undefined;
  }

  /** Says once that the shell has ended; the socket stays, so that the last lines can be read. */
  exit(code: number): void {
    if (this.#phase !== "open") return;
    this.tell({ type: "exit", code });
    this.#phase = "exited";
  }

  tell(frame: HostFrame): void {
    if (this.#phase !== "detached") this.#link.send(frame);
  }

  receive(frame: ClientFrame): void {
    if (this.#phase === "detached" || (this.onlyWatches && frame.type !== "ack")) return;
    switch (frame.type) {
      case "input":
        if (!this.#allowance.take(frame.bytes.length) || !this.#events.input(frame.bytes)) this.#refuseInput();
        return;
      case "resize":
        this.#size = { columns: frame.columns, rows: frame.rows };
        this.#events.resized(this);
        return;
      case "ack":
        if (frame.seq <= this.#acknowledged || frame.seq > this.#next) return;
        this.#acknowledged = frame.seq;
        this.#events.acknowledged();
        return;
      case "focus":
        this.#events.focused(this, frame.focused);
        return;
    }
  }

  /** A frame that could not be read: the viewer is told, and let go. */
  refuseFrame(): void {
    this.tell({ type: "error", code: "bad-frame" });
    this.close("malformed");
  }

  close(reason: "gone" | "going-away" | "too-fast" | "malformed"): void {
    if (this.#phase === "detached") return;
    this.#link.close(reason);
    this.detach();
  }

  /** To be called when the socket is gone. */
  detach(): void {
    if (this.#phase === "detached") return;
    this.#phase = "detached";
    this.#events.detached(this);
  }

  #refuseInput(): void {
    this.tell({ type: "error", code: "input-too-fast" });
    this.close("too-fast");
  }
}
