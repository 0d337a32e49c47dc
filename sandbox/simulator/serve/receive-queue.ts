/** Beyond this many waiting bytes a sender waits, and a connection is not read from. */
export const HIGH_WATER_BYTES = 256 * 1024;

/** What a connection has received and nobody has taken; stops the connection while it is too much. */
export class ReceiveQueue {
  readonly #source: { pause(): void; resume(): void };
  readonly #messages: Uint8Array[] = [];
  #bytes = 0;
  #isPaused = false;
  #isEnded = false;
  #wake: (() => void) | undefined;

  constructor(source: { pause(): void; resume(): void }) {
    this.#source = source;
  }

  get ended(): boolean {
    return this.#isEnded;
  }

  push(message: Uint8Array): void {
    this.#messages.push(message);
    this.#bytes += message.byteLength;
    if (!this.#isPaused && this.#bytes >= HIGH_WATER_BYTES) {
      this.#isPaused = true;
      this.#source.pause();
    }
    this.#wake?.();
  }

  /** Nothing more will come. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** The next message in order; `undefined` after the last. */
  async take(): Promise<Uint8Array | undefined> {
    for (;;) {
      const message = this.#messages.shift();
      if (message) {
        this.#bytes -= message.byteLength;
        if (this.#isPaused && this.#bytes < HIGH_WATER_BYTES) {
          this.#isPaused = false;
          this.#source.resume();
        }
        return message;
      }
      if (this.#isEnded) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
