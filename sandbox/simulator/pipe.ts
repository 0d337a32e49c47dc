/**
 * Byte pipes with back-pressure: the one stream type inside the simulator. A process's stdio, a TCP connection's two
 * directions and an exec session are all made of pipes. One reader, one writer.
 */
export interface PipeReader {
  /** The next bytes, in order; `undefined` after the end. Rejects when the pipe was broken with an error. */
  read(): Promise<Uint8Array | undefined>;
  /** What `read` would give without waiting: bytes, `undefined` at the end, or "empty" when nothing is there yet. */
  tryRead(): Uint8Array | undefined | "empty";
  /** The reader goes away: pending and later writes reject with `BrokenPipeError`. */
  cancel(): void;
}

export interface PipeWriter {
  /** Resolves when there is room for more. Rejects with `BrokenPipeError` once nobody reads. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the stream after what was written; twice is harmless. */
  end(): void;
  /** Breaks the stream: what was written is dropped and the reader sees `error`. */
  abort(error: Error): void;
  readonly closed: boolean;
}

/** Writing to a pipe whose reader is gone (EPIPE). */
export class BrokenPipeError extends Error {
  override readonly name = "BrokenPipeError";
  constructor() {
    super("broken pipe");
  }
}

const HIGH_WATER_BYTES = 64 * 1024;

export class Pipe implements PipeReader, PipeWriter {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #state: { phase: "open" } | { phase: "ended" } | { phase: "cancelled" } | { phase: "aborted"; error: Error } = {
    phase: "open",
  };
  #wakeReader: (() => void) | undefined;
  #wakeWriters: (() => void)[] = [];

  get closed(): boolean {
    return this.#state.phase !== "open";
  }

  tryRead(): Uint8Array | undefined | "empty" {
    if (this.#state.phase === "aborted") throw this.#state.error;
    const chunk = this.#chunks.shift();
    if (chunk) {
      this.#bytes -= chunk.byteLength;
      if (this.#bytes < HIGH_WATER_BYTES) this.#releaseWriters();
      return chunk;
    }
    return this.#state.phase === "open" ? "empty" : undefined;
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.tryRead();
      if (chunk !== "empty") return chunk;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  cancel(): void {
    if (this.#state.phase !== "open" && this.#state.phase !== "ended") return;
    this.#state = { phase: "cancelled" };
    this.#chunks = [];
    this.#bytes = 0;
    this.#wake();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#state.phase !== "open") throw new BrokenPipeError();
    if (bytes.byteLength === 0) return;
    this.#chunks.push(bytes);
    this.#bytes += bytes.byteLength;
    this.#wakeReader?.();
    this.#wakeReader = undefined;
    while (this.#bytes >= HIGH_WATER_BYTES && this.#isOpen())
      await new Promise<void>((resolve) => this.#wakeWriters.push(resolve));
    if (this.#isCancelled()) throw new BrokenPipeError();
  }

  end(): void {
    if (this.#state.phase !== "open") return;
    this.#state = { phase: "ended" };
    this.#wake();
  }

  abort(error: Error): void {
    if (this.#state.phase !== "open") return;
    this.#state = { phase: "aborted", error };
    this.#chunks = [];
    this.#bytes = 0;
    this.#wake();
  }

  #isOpen(): boolean {
    return this.#state.phase === "open";
  }

  #isCancelled(): boolean {
    return this.#state.phase === "cancelled";
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeReader = undefined;
    this.#releaseWriters();
  }

  #releaseWriters(): void {
    const waiting = this.#wakeWriters;
    this.#wakeWriters = [];
    for (const release of waiting) release();
  }
}

/** Two pipes, one for each direction: what either end of a connection or a terminal holds. */
export interface Duplex {
  readonly reader: PipeReader;
  readonly writer: PipeWriter;
}

/** Reads to the end, at most `limitBytes`. */
export async function readAll(reader: PipeReader, limitBytes = 16 * 1024 * 1024): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await reader.read(); chunk; chunk = await reader.read()) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > limitBytes) throw new Error(`more than ${limitBytes} bytes`);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
