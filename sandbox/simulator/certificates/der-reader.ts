/** One ASN.1 value in DER: its tag, its content, and all of it. https://www.itu.int/rec/T-REC-X.690 */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

/** What is not DER, or ends too early. */
export class DerError extends Error {
  override readonly name = "DerError";
}

export const DER = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, sequence: 0x30, set: 0x31 };

/** All values that stand one after the other in `bytes`. */
export function readAll(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const value = readAt(bytes, at);
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

/** The parts of a sequence or set. Throws when `value` is something else. */
export function partsOf(value: DerValue | undefined, tag: number): DerValue[] {
  if (value?.tag !== tag) throw new DerError("asn1: structure error: tags don't match");
  return readAll(value.content);
}

/** A bit string without the count of its unused bits. */
export function bitsOf(value: DerValue | undefined): Uint8Array {
  if (value?.tag !== DER.bits || value.content.length === 0)
    throw new DerError("asn1: syntax error: zero length BIT STRING");
  return value.content.subarray(1);
}

/** `1.2.840.10045.4.3.2` */
export function oidOf(value: DerValue | undefined): string {
  if (value?.tag !== DER.oid) throw new DerError("asn1: structure error: tags don't match");
  const [first = 0, ...rest] = value.content;
  const numbers = [Math.floor(first / 40), first % 40];
  let number = 0;
  for (const byte of rest) {
    number = number * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  return numbers.join(".");
}

function readAt(bytes: Uint8Array, start: number): DerValue {
  const tag = byteAt(bytes, start);
  let length = byteAt(bytes, start + 1);
  let at = start + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) throw new DerError("asn1: syntax error: length too large");
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + byteAt(bytes, at++);
  }
  if (at + length > bytes.length) throw new DerError("asn1: syntax error: data truncated");
  return { tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(start, at + length) };
}

function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) throw new DerError("asn1: syntax error: truncated tag or length");
  return byte;
}
