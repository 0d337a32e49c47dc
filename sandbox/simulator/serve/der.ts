/** The few ASN.1 values a certificate is made of, in DER. https://www.itu.int/rec/T-REC-X.690 */
export function sequence(...parts: Uint8Array[]): Uint8Array {
  return tagged(0x30, ...parts);
}

export function set(...parts: Uint8Array[]): Uint8Array {
  return tagged(0x31, ...parts);
}

/** A value with an explicit tag: context-specific ones are 0x80 and up, constructed ones 0xa0 and up. */
export function tagged(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Uint8Array.of(tag, ...lengthOf(size)), ...parts]);
}

/** A positive integer from its bytes, the most significant first. */
export function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes[0] ?? 0;
  return tagged(0x02, first >= 0x80 ? Uint8Array.of(0, ...bytes) : bytes);
}

export function boolean(value: boolean): Uint8Array {
  return tagged(0x01, Uint8Array.of(value ? 0xff : 0));
}

export function octets(bytes: Uint8Array): Uint8Array {
  return tagged(0x04, bytes);
}

/** A bit string whose last byte leaves `unused` bits over. */
export function bits(bytes: Uint8Array, unused = 0): Uint8Array {
  return tagged(0x03, Uint8Array.of(unused), bytes);
}

export function text(value: string): Uint8Array {
  return tagged(0x0c, Buffer.from(value, "utf8"));
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "");
  return digits < "2050" ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
}

export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function lengthOf(size: number): number[] {
  if (size < 0x80) return [size];
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}
