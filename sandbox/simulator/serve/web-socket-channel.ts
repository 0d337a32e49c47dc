import type { RawData, WebSocket } from "ws";
import type { Channel } from "../api/channel";
import { HIGH_WATER_BYTES, ReceiveQueue } from "./receive-queue";

/** A WebSocket as a `Channel`: whole messages, with back-pressure both ways. Pings are answered by the library. */
export class WebSocketChannel implements Channel {
  readonly protocol: string;
  readonly #socket: WebSocket;
  readonly #received: ReceiveQueue;

  constructor(socket: WebSocket, protocol: string) {
    this.protocol = protocol;
    this.#socket = socket;
    this.#received = new ReceiveQueue(socket);
    socket.on("message", (data) => this.#received.push(bytesOf(data)));
    socket.on("close", () => this.#received.end());
    // "close" follows; without a listener the error would end the process.
    socket.on("error", () => undefined);
  }

  get closed(): boolean {
    return this.#received.ended;
  }

  receive(): Promise<Uint8Array | undefined> {
    return this.#received.take();
  }

  async send(message: Uint8Array): Promise<void> {
    if (this.closed || this.#socket.readyState !== this.#socket.OPEN) throw new Error("the channel is closed");
    await new Promise<void>((resolve, reject) => {
      this.#socket.send(message, (error) => (error ? reject(error) : resolve()));
      if (this.#socket.bufferedAmount < HIGH_WATER_BYTES) resolve();
    });
  }

  close(code = 1000, reason = ""): void {
    if (!this.closed) this.#socket.close(code, reason);
  }
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
