import type { Socket } from "node:net";
import type { Channel } from "../api/channel";
import { HIGH_WATER_BYTES, ReceiveQueue } from "./receive-queue";

/** A bare connection as a `Channel`: messages are its bytes as they come, with back-pressure both ways. */
export class SocketChannel implements Channel {
  readonly protocol: string;
  readonly #socket: Socket;
  readonly #received: ReceiveQueue;

  /** `head`: what has been read of the connection already. */
  constructor(socket: Socket, head: Uint8Array, protocol: string) {
    this.protocol = protocol;
    this.#socket = socket;
    this.#received = new ReceiveQueue(socket);
    if (head.byteLength > 0) this.#received.push(head);
    socket.on("data", (data: Buffer) => this.#received.push(data));
    socket.on("end", () => this.#received.end());
    socket.on("close", () => this.#received.end());
  }

  get closed(): boolean {
    return this.#received.ended;
  }

  receive(): Promise<Uint8Array | undefined> {
    return this.#received.take();
  }

  async send(message: Uint8Array): Promise<void> {
    if (!this.#socket.writable) throw new Error("the channel is closed");
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(message, (error) => (error ? reject(error) : resolve()));
      if (this.#socket.writableLength < HIGH_WATER_BYTES) resolve();
    });
  }

  /** What was sent still goes out; the other end has no say in when it is over. */
  close(): void {
    this.#received.end();
    this.#socket.end(() => this.#socket.destroy());
  }
}
