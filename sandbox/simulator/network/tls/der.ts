/** ASN.1's distinguished encoding, as far as keys and certificates need it. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array<ArrayBuffer>;
  /** With tag and length. */
  readonly whole: Uint8Array<ArrayBuffer>;
}

/** The bytes are not what they should be. */
export class DerError extends Error {
  override readonly name = "DerError";
}

export const DER = { INTEGER: 0x02, BITS: 0x03, OCTETS: 0x04, OID: 0x06, SEQUENCE: 0x30 } as const;

/** The values of a sequence, or of any run of values. */
export function readDer(bytes: Uint8Array<ArrayBuffer>): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? 0;
    let start = at + 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      length = 0;
      for (let index = 0; index < count; index++) length = length * 256 + (bytes[start + index] ?? 0);
      start += count;
    }
    const end = start + length;
    if (end > bytes.length) throw new DerError("a value runs over the end");
    values.push({ tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) });
    at = end;
  }
  return values;
}

/** The one value that the bytes are, taken apart. */
export function readSequence(bytes: Uint8Array<ArrayBuffer>): DerValue[] {
  const [first] = readDer(bytes);
  if (first?.tag !== DER.SEQUENCE) throw new DerError("not a sequence");
  return readDer(first.content);
}

export function encodeDer(tag: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const head = size < 0x80 ? [tag, size] : size < 0x100 ? [tag, 0x81, size] : [tag, 0x82, size >>> 8, size & 255];
  return joinBytes(Uint8Array.from(head), ...parts);
}

export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The blocks of a PEM text with a label that ends so: `CERTIFICATE`, `PRIVATE KEY`. */
export function readPem(text: string, labelEnd: string): { label: string; bytes: Uint8Array<ArrayBuffer> }[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g);
  return [...blocks].flatMap(([, label = "", body = ""]) => {
    if (!label.endsWith(labelEnd)) return [];
    try {
      return [{ label, bytes: Uint8Array.from(atob(body.replace(/\s+/g, "")), (char) => char.charCodeAt(0)) }];
    } catch (error) {
      throw new DerError("not base64", { cause: error });
    }
  });
}
