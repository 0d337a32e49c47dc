const FIRST_BYTES = 8 * 1024;

/**
 * The last bytes of an endless stream, found by their offset from its start. It takes what it needs, up to `capacity`;
 * then the oldest bytes give way, and are handed to `onEvict` as they go.
 */
export class OutputRing {
  readonly #capacity: number;
  readonly #onEvict: (bytes: Uint8Array) => void;
  #buffer = new Uint8Array(FIRST_BYTES);
  #start = 0;
  #end = 0;

  constructor(capacity: number, onEvict: (bytes: Uint8Array) => void) {
    this.#capacity = capacity;
    this.#onEvict = onEvict;
  }

  /** Offset of the oldest byte that is still here. */
  get start(): number {
    return this.#start;
  }

  /** Offset of the byte that comes next. */
  get end(): number {
    return this.#end;
  }

  append(bytes: Uint8Array): void {
    // In parts, so that a chunk larger than the ring still passes through it, and is evicted in order.
    for (let at = 0; at < bytes.length; at += this.#capacity) this.#appendPart(bytes.subarray(at, at + this.#capacity));
  }

  /** At most `max` bytes from `offset` on, as a copy. `offset` must lie between `start` and `end`. */
  read(offset: number, max: number): Uint8Array<ArrayBuffer> {
    if (offset < this.#start || offset > this.#end) throw new RangeError(`no byte ${offset} in the ring`);
    const length = Math.min(max, this.#end - offset);
    const copy = new Uint8Array(length);
    const from = offset % this.#buffer.length;
    const first = Math.min(length, this.#buffer.length - from);
    copy.set(this.#buffer.subarray(from, from + first));
    copy.set(this.#buffer.subarray(0, length - first), first);
    return copy;
  }

  #appendPart(part: Uint8Array): void {
    const held = this.#end - this.#start;
    if (held + part.length > this.#buffer.length) this.#grow(held + part.length);
    const surplus = held + part.length - this.#buffer.length;
    if (surplus > 0) {
      this.#onEvict(this.read(this.#start, surplus));
      this.#start += surplus;
    }
    const to = this.#end % this.#buffer.length;
    const first = Math.min(part.length, this.#buffer.length - to);
    this.#buffer.set(part.subarray(0, first), to);
    this.#buffer.set(part.subarray(first), 0);
    this.#end += part.length;
  }

  #grow(wanted: number): void {
    let length = this.#buffer.length;
    while (length < wanted && length < this.#capacity) length = Math.min(length * 2, this.#capacity);
    if (length === this.#buffer.length) return;
    const kept = this.read(this.#start, this.#end - this.#start);
    this.#buffer = new Uint8Array(length);
    const to = this.#start % length;
    const first = Math.min(kept.length, length - to);
    this.#buffer.set(kept.subarray(0, first), to);
    this.#buffer.set(kept.subarray(first), 0);
  }
}
