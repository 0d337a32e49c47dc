import type { RawData, WebSocket } from "ws";
import type { Channel } from "../api/channel";

// Beyond this many waiting bytes a sender waits, and the socket is not read from.
const HIGH_WATER_BYTES = 256 * 1024;

/** A WebSocket as a `Channel`: whole messages, with back-pressure both ways. Pings are answered by the library. */
export class WebSocketChannel implements Channel {
  readonly protocol: string;
  readonly #socket: WebSocket;
  readonly #received: Uint8Array[] = [];
  #receivedBytes = 0;
  #isPaused = false;
  #isClosed = false;
  #wakeReceiver: (() => void) | undefined;

  constructor(socket: WebSocket, protocol: string) {
    this.protocol = protocol;
    this.#socket = socket;
    socket.on("message", (data) => this.#push(bytesOf(data)));
    socket.on("close", () => this.#end());
    // "close" follows; without a listener the error would end the process.
    socket.on("error", () => undefined);
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  async receive(): Promise<Uint8Array | undefined> {
    for (;;) {
      const message = this.#received.shift();
      if (message) {
        this.#receivedBytes -= message.byteLength;
        if (this.#isPaused && this.#receivedBytes < HIGH_WATER_BYTES) this.#resume();
        return message;
      }
      if (this.#isClosed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeReceiver = resolve;
      });
    }
  }

  async send(message: Uint8Array): Promise<void> {
    if (this.#isClosed || this.#socket.readyState !== this.#socket.OPEN) throw new Error("the channel is closed");
    await new Promise<void>((resolve, reject) => {
      this.#socket.send(message, (error) => (error ? reject(error) : resolve()));
      if (this.#socket.bufferedAmount < HIGH_WATER_BYTES) resolve();
    });
  }

  close(code = 1000, reason = ""): void {
    if (!this.#isClosed) this.#socket.close(code, reason);
  }

  #push(message: Uint8Array): void {
    this.#received.push(message);
    this.#receivedBytes += message.byteLength;
    if (!this.#isPaused && this.#receivedBytes >= HIGH_WATER_BYTES) {
      this.#isPaused = true;
      this.#socket.pause();
    }
    this.#wake();
  }

  #resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
  }

  #end(): void {
    this.#isClosed = true;
    this.#wake();
  }

  #wake(): void {
    this.#wakeReceiver?.();
    this.#wakeReceiver = undefined;
  }
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
