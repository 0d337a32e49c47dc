/** A body that is not what its content type says. The message is for the client. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** Walks the fields of one protobuf message. Every read checks its bounds and throws `DecodeError`. */
export class ProtobufReader {
  #offset = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  tag(): { number: number; wireType: number } {
    const tag = this.#varint();
    const number = Number(tag >> 3n);
    if (number === 0 || number > 0x1fffffff) throw new DecodeError(`proto: illegal tag ${number}`);
    return { number, wireType: Number(tag & 7n) };
  }

  /** A signed integer; Kubernetes' are within what a double holds exactly, or lose their last digits as in any JSON reader. */
  integer(wireType: number): number {
    this.#expect(wireType, 0);
    return Number(BigInt.asIntN(64, this.#varint()));
  }

  double(wireType: number): number {
    this.#expect(wireType, 1);
    const at = this.#take(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 8).getFloat64(0, true);
  }

  bytes(wireType: number): Uint8Array {
    this.#expect(wireType, 2);
    const length = Number(this.#varint());
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  string(wireType: number): string {
    return TEXT.decode(this.bytes(wireType));
  }

  skip(wireType: number): void {
    if (wireType === 0) this.#varint();
    else if (wireType === 1) this.#take(8);
    else if (wireType === 2) this.bytes(wireType);
    else if (wireType === 5) this.#take(4);
    else throw new DecodeError(`proto: illegal wireType ${wireType}`);
  }

  #expect(actual: number, wanted: number): void {
    if (actual !== wanted) throw new DecodeError(`proto: wrong wireType = ${actual}`);
  }

  #take(length: number): number {
    const at = this.#offset;
    if (at + length > this.#bytes.length) throw new DecodeError("unexpected EOF");
    this.#offset = at + length;
    return at;
  }

  #varint(): bigint {
    let small = 0;
    // Up to four bytes fit a signed 32-bit number: nearly all of them do.
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      small |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(small);
    }
    let value = BigInt(small);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new DecodeError("proto: integer overflow");
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw new DecodeError("unexpected EOF");
    this.#offset++;
    return byte;
  }
}

const TEXT = new TextDecoder();
