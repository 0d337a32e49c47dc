import { connect, type Socket } from "node:net";
import { randomBytes } from "node:crypto";

/** A frame's payload lies in `bytes` from `start` to `end`; it is only good until the call returns. */
type OnFrame = (bytes: Buffer, start: number, end: number) => void;

export interface FrameSocketEvents {
  onFrame: OnFrame;
  /** Once, whoever ended it. */
  onClose(): void;
}

const TEXT = 0x1;
const BINARY = 0x2;
const PING = 0x9;
/** Masked with zeros, as all a client sends: an empty pong. */
const PONG = Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0);

/** Longest payload whose length fits into two bytes of header; nothing here sends more. */
const MOST_BYTES = 125;

/**
 * The client side of a WebSocket with as little work as possible, so that one process can be a thousand learners: frames
 * are read in place and written as they were prepared. It trusts its server: no fragments, no extensions.
 */
export class FrameSocket {
  readonly #socket: Socket;
  readonly #events: FrameSocketEvents;
  #rest: Buffer | undefined;
  #open = false;
  #closed = false;

  private constructor(socket: Socket, events: FrameSocketEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#close());
  }

  /** Resolves once the server has agreed. @throws Error with the status line when it refuses */
  static open(
    origin: string,
    path: string,
    { cookies, subprotocol }: { cookies: string; subprotocol?: string },
    events: FrameSocketEvents,
  ): Promise<FrameSocket> {
    const { hostname, port, host } = new URL(origin);
    const headers = [
      `GET ${path} HTTP/1.1`,
      `host: ${host}`,
      `origin: ${origin}`,
      `cookie: ${cookies}`,
      "connection: Upgrade",
      "upgrade: websocket",
      "sec-websocket-version: 13",
      `sec-websocket-key: ${randomBytes(16).toString("base64")}`,
      ...(subprotocol === undefined ? [] : [`sec-websocket-protocol: ${subprotocol}`]),
    ];
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port) });
      let head = Buffer.alloc(0);
      const onData = (chunk: Buffer): void => {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf("\r\n\r\n");
        if (end === -1) return;
        socket.off("data", onData);
        if (head.subarray(0, 12).toString("latin1") !== "HTTP/1.1 101") {
          socket.destroy();
          reject(new Error(`${path.split("?")[0]}: ${head.toString("latin1").slice(0, 200)}`));
          return;
        }
        const opened = new FrameSocket(socket, events);
        opened.#open = true;
        resolve(opened);
        const first = head.subarray(end + 4);
        // After whoever waits for it has it.
        if (first.length > 0) queueMicrotask(() => opened.#take(first));
      };
      socket.on("data", onData);
      socket.once("error", reject);
      socket.once("close", () => reject(new Error(`${path.split("?")[0]}: closed before it was open`)));
      socket.write(`${headers.join("\r\n")}\r\n\r\n`);
    });
  }

  get isOpen(): boolean {
    return this.#open && !this.#closed;
  }

  /** A frame as `frameOf` made it. */
  send(frame: Uint8Array): void {
    if (this.isOpen) this.#socket.write(frame);
  }

  /** Cuts it, as a network does. */
  cut(): void {
    this.#socket.destroy();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.onClose();
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = undefined;
    let at = 0;
    while (bytes.length - at >= 2) {
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length - at < head) break;
      const length =
        short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
      const start = at + head;
      if (bytes.length < start + length) break;
      this.#frame((bytes[at] ?? 0) & 0x0f, bytes, start, start + length);
      at = start + length;
    }
    if (at < bytes.length) this.#rest = at === 0 ? bytes : Buffer.from(bytes.subarray(at));
  }

  #frame(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode === BINARY || opcode === TEXT) this.#events.onFrame(bytes, start, end);
    else if (opcode === PING) this.send(PONG);
  }
}

/** One whole frame of a client around `payload`, ready to be sent any number of times. */
export function frameOf(payload: Uint8Array): Buffer {
  if (payload.length > MOST_BYTES) {
    const head = Buffer.from([0x82, 0x80 | 126, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]);
    return Buffer.concat([head, payload]);
  }
  return Buffer.concat([Buffer.from([0x82, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
