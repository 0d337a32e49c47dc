/** What is written for a reader that does not take it is held as bytes up to here, then as what is still to be written. */
const MAX_BYTES_AHEAD = 256 * 1024;
const CHUNK_BYTES = 64 * 1024;
/** Who is this many events behind is cut off, as a slow reader of the real server is; it will list again. */
const MAX_EVENTS_BEHIND = 2_000;

type Line = Uint8Array | (() => Uint8Array);

/** Events on their way to one reader. A reader that keeps up gets what is shared by all; a slow one holds references. */
export class WatchBacklog {
  #lines: Line[] = [];
  #next = 0;
  #bytes = 0;
  #most = Infinity;

  get size(): number {
    return this.#lines.length - this.#next;
  }

  /** The reader is further behind than anybody waits for. What was there to begin with does not count. */
  get isTooLong(): boolean {
    return this.size > this.#most;
  }

  push(line: () => Uint8Array): void {
    if (this.#most === Infinity) queueMicrotask(() => (this.#most = this.size + MAX_EVENTS_BEHIND));
    if (this.#bytes >= MAX_BYTES_AHEAD) {
      this.#lines.push(line);
      return;
    }
    const written = line();
    this.#bytes += written.length;
    this.#lines.push(written);
  }

  /** The next lines in one piece. */
  take(): Uint8Array {
    const taken: Uint8Array[] = [];
    let size = 0;
    while (this.size > 0 && size < CHUNK_BYTES) {
      const line = this.#lines[this.#next++];
      if (line === undefined) break;
      if (line instanceof Uint8Array) this.#bytes -= line.length;
      const written = line instanceof Uint8Array ? line : line();
      taken.push(written);
      size += written.length;
    }
    if (this.size === 0) this.clear();
    return joined(taken, size);
  }

  clear(): void {
    this.#lines = [];
    this.#next = 0;
    this.#bytes = 0;
  }
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
