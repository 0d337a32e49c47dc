import {
  CLOSE,
  decodeHostFrame,
  encodeClientFrame,
  type ClientFrame,
  type HostFrame,
  type TerminalErrorCode,
} from "@/sandbox/protocol/terminal-frames";
import { TERMINAL_SUBPROTOCOL } from "@/sandbox/protocol/version";
import type { OpenSocket, SocketLike } from "./socket";

/** Where a terminal's bytes are drawn. */
export interface Screen {
  /** `drawn` is called once everything up to and including `bytes` has been parsed. */
  write(bytes: Uint8Array, drawn: () => void): void;
  /** Bytes were lost: what is on the screen no longer leads up to what follows. */
  reset(): void;
  resize(columns: number, rows: number): void;
}

export type LinkEnd =
  { type: "exit"; code: number } | { type: "stopped" } | { type: "error"; code: TerminalErrorCode } | { type: "lost" };

export interface TerminalLinkEvents {
  /** The screen shows all there was; what follows is live, and keystrokes may be sent. */
  onLive(): void;
  /** The link is over; called once. After `lost` another link may go on from `seq`. */
  onEnd(end: LinkEnd): void;
}

export interface LinkTarget {
  /** Path and query of the socket; `from` is added. */
  readonly address: string;
  /** The offset of the first byte that is not on the screen yet. */
  readonly from: number | undefined;
}

/** Less than that holds nothing up, and an acknowledgement for each key would double what is sent. */
const ACK_EVERY_BYTES = 16 * 1024;
const INPUT_CHUNK_BYTES = 16 * 1024;

/** One WebSocket to one terminal: draws output in order, acknowledges it, sends keystrokes. Does not reconnect. */
export class TerminalLink {
  readonly #socket: SocketLike;
  readonly #screen: Screen;
  readonly #events: TerminalLinkEvents;
  #seq: number | undefined;
  #drawn = 0;
  #acknowledged = 0;
  #ended = false;
  #pendingEnd: LinkEnd | undefined;

  constructor(open: OpenSocket, { address, from }: LinkTarget, screen: Screen, events: TerminalLinkEvents) {
    this.#screen = screen;
    this.#events = events;
    this.#seq = from;
    const path = from === undefined ? address : `${address}&from=${from}`;
    this.#socket = open(path, TERMINAL_SUBPROTOCOL, {
      onMessage: (message) => this.#receive(message),
      onClose: (code) => this.#end(this.#pendingEnd ?? { type: code === CLOSE.stopped ? "stopped" : "lost" }),
    });
  }

  /** The offset of the next byte of output; a new link goes on from here. */
  get seq(): number | undefined {
    return this.#seq;
  }

  input(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += INPUT_CHUNK_BYTES) {
      this.#send({ type: "input", bytes: bytes.subarray(at, at + INPUT_CHUNK_BYTES) });
    }
  }

  resize(columns: number, rows: number): void {
    this.#send({ type: "resize", columns, rows });
  }

  focus(focused: boolean): void {
    this.#send({ type: "focus", focused });
  }

  close(): void {
    this.#ended = true;
    this.#socket.close();
  }

  #receive(message: string | ArrayBuffer): void {
    if (this.#ended) return;
    const decoded = decodeHostFrame(message);
    if (decoded.ok) this.#handle(decoded.frame);
    else this.#socket.close();
  }

  #handle(frame: HostFrame): void {
    switch (frame.type) {
      case "replay":
        if (frame.lost > 0 || this.#seq !== frame.from) this.#screen.reset();
        this.#seq = frame.from;
        this.#drawn = frame.from;
        this.#acknowledged = frame.from;
        if (frame.preamble.length > 0) this.#screen.write(frame.preamble, () => undefined);
        return;
      case "output":
        this.#seq = frame.seq + frame.bytes.length;
        this.#draw(frame.bytes, this.#seq);
        return;
      case "replayed":
        // Only when all of the replay has been parsed: an empty write comes back after everything before it.
        this.#screen.write(new Uint8Array(), () => {
          if (this.#ended) return;
          this.#events.onLive();
        });
        return;
      case "size":
        this.#screen.resize(frame.columns, frame.rows);
        return;
      case "exit":
        this.#finish({ type: "exit", code: frame.code });
        return;
      case "error":
        this.#finish(frame.code === "sandbox-stopped" ? { type: "stopped" } : { type: "error", code: frame.code });
    }
  }

  #draw(bytes: Uint8Array, upTo: number): void {
    this.#screen.write(bytes, () => {
      this.#drawn = upTo;
      if (this.#drawn - this.#acknowledged < ACK_EVERY_BYTES) return;
      this.#acknowledged = this.#drawn;
      this.#send({ type: "ack", seq: this.#drawn });
    });
  }

  /** `exit` and `error` say how it ends; the socket may take its time to close. */
  #finish(end: LinkEnd): void {
    this.#pendingEnd = end;
    this.#screen.write(new Uint8Array(), () => {
      this.#end(end);
      this.#socket.close();
    });
  }

  #end(end: LinkEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.onEnd(end);
  }

  #send(frame: ClientFrame): void {
    if (!this.#ended) this.#socket.send(encodeClientFrame(frame));
  }
}
