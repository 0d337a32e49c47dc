import { joinBytes } from "./der";
import { sha256 } from "./key-schedule";
import { ALERT, RECORD, TlsAlertError, TlsError, type RecordLayer } from "./record-layer";

/** Handshake messages and the fields they are made of. https://www.rfc-editor.org/rfc/rfc8446#section-4 */
type Bytes = Uint8Array<ArrayBuffer>;

export const MESSAGE = {
  CLIENT_HELLO: 1,
  SERVER_HELLO: 2,
  ENCRYPTED_EXTENSIONS: 8,
  CERTIFICATE: 11,
  CERTIFICATE_VERIFY: 15,
  FINISHED: 20,
} as const;
export const EXTENSION = {
  SERVER_NAME: 0,
  GROUPS: 10,
  SIGNATURES: 13,
  ALPN: 16,
  VERSIONS: 43,
  KEY_SHARE: 51,
} as const;
export const TLS_1_3 = 0x0304;
export const AES_128_GCM_SHA256 = 0x1301;

const MAX_MESSAGE = 64 * 1024;

/** The messages of one handshake, both ways, and the hash over them. */
export class Handshake {
  readonly #records: RecordLayer;
  readonly #messages: Bytes[] = [];
  #pending: Bytes = new Uint8Array();

  constructor(records: RecordLayer) {
    this.#records = records;
  }

  /** The next message, which must be of that type. It counts for the transcript. */
  async receive(type: number): Promise<Bytes> {
    for (;;) {
      const length = this.#pending.length < 4 ? undefined : uint24(this.#pending, 1);
      if (length !== undefined && length > MAX_MESSAGE) throw new TlsError("excessive message size");
      if (length !== undefined && this.#pending.length >= 4 + length) {
        const whole = this.#pending.slice(0, 4 + length);
        this.#pending = this.#pending.slice(4 + length);
        if (whole[0] !== type) throw new TlsError("unexpected message");
        this.#messages.push(whole);
        return whole.slice(4);
      }
      const record = await this.#records.read();
      if (!record) throw new TlsError("unexpected eof while reading");
      if (record.type === RECORD.ALERT) throw new TlsAlertError(record.content[1] ?? ALERT.HANDSHAKE_FAILURE);
      // Sent for old middle boxes; it says nothing.
      if (record.type === RECORD.CHANGE_CIPHER) continue;
      if (record.type !== RECORD.HANDSHAKE) throw new TlsError("unexpected message");
      this.#pending = joinBytes(this.#pending, record.content);
    }
  }

  async send(type: number, body: Bytes): Promise<void> {
    const whole = joinBytes(Uint8Array.of(type), vector(3, body));
    this.#messages.push(whole);
    await this.#records.write(RECORD.HANDSHAKE, whole);
  }

  transcript(): Promise<Bytes> {
    return sha256(...this.#messages);
  }
}

/** Bytes with their length before them, in so many bytes. */
export function vector(lengthBytes: 1 | 2 | 3, ...parts: readonly Uint8Array[]): Bytes {
  const body = joinBytes(...parts);
  const size = [body.length >>> 16, (body.length >>> 8) & 255, body.length & 255].slice(3 - lengthBytes);
  return joinBytes(Uint8Array.from(size), body);
}

export function uint16(...values: readonly number[]): Bytes {
  return Uint8Array.from(values.flatMap((value) => [value >>> 8, value & 255]));
}

export function extension(type: number, body: Uint8Array): Bytes {
  return joinBytes(uint16(type), vector(2, body));
}

/** Reads fields in turn; reading over the end throws `TlsError`. */
export class Fields {
  #at = 0;

  constructor(readonly bytes: Bytes) {}

  get done(): boolean {
    return this.#at >= this.bytes.length;
  }

  take(count: number): Bytes {
    if (this.#at + count > this.bytes.length) throw new TlsError("length mismatch");
    this.#at += count;
    return this.bytes.slice(this.#at - count, this.#at);
  }

  number(count: number): number {
    return this.take(count).reduce((value, byte) => value * 256 + byte, 0);
  }

  vector(lengthBytes: 1 | 2 | 3): Bytes {
    return this.take(this.number(lengthBytes));
  }

  numbers(): number[] {
    const values: number[] = [];
    while (!this.done) values.push(this.number(2));
    return values;
  }

  /** The rest as extensions, by type. */
  extensions(): Map<number, Bytes> {
    const found = new Map<number, Bytes>();
    while (!this.done) {
      const type = this.number(2);
      found.set(type, this.vector(2));
    }
    return found;
  }
}

/** What a certificate's key signs to prove that it is there. */
export function proofContent(by: "server", transcript: Bytes): Bytes {
  const context = new TextEncoder().encode(`TLS 1.3, ${by} CertificateVerify`);
  return joinBytes(new Uint8Array(64).fill(0x20), context, Uint8Array.of(0), transcript);
}

function uint24(bytes: Bytes, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}
