import { BrokenPipeError, type Duplex } from "../../pipe";
import { joinBytes } from "./der";
import { trafficKey } from "./key-schedule";
import { subtle } from "../../subtle";

/** TLS records on a stream of bytes: in the clear first, sealed once there is a key for the direction. */
type Bytes = Uint8Array<ArrayBuffer>;

export const RECORD = { CHANGE_CIPHER: 20, ALERT: 21, HANDSHAKE: 22, DATA: 23 } as const;
export const ALERT = {
  CLOSE_NOTIFY: 0,
  HANDSHAKE_FAILURE: 40,
  BAD_CERTIFICATE: 42,
  UNKNOWN_CA: 48,
  PROTOCOL_VERSION: 70,
  UNRECOGNIZED_NAME: 112,
} as const;

/** The peer does not speak TLS as we do; `received` is what it said instead. */
export class TlsError extends Error {
  override readonly name = "TlsError";
  constructor(
    message: string,
    readonly received: Uint8Array = new Uint8Array(),
  ) {
    super(message);
  }
}

/** The peer broke the handshake off, with TLS's number for why. */
export class TlsAlertError extends Error {
  override readonly name = "TlsAlertError";
  constructor(readonly code: number) {
    super(`alert ${code}`);
  }
}

interface Sealing {
  readonly key: CryptoKey;
  readonly iv: Bytes;
  sequence: number;
}

const MAX_PLAIN = 16_384;
const MAX_SEALED = MAX_PLAIN + 256;

export class RecordLayer {
  readonly #stream: Duplex;
  #buffer: Bytes = new Uint8Array();
  #opening: Sealing | undefined;
  #sealing: Sealing | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  async openWith(secret: Bytes): Promise<void> {
    this.#opening = { ...(await trafficKey(secret)), sequence: 0 };
  }

  async sealWith(secret: Bytes): Promise<void> {
    this.#sealing = { ...(await trafficKey(secret)), sequence: 0 };
  }

  /** The next record, opened; `undefined` at the end of the stream. Throws `TlsError`. */
  async read(): Promise<{ type: number; content: Bytes } | undefined> {
    const head = await this.#take(5);
    if (!head) return undefined;
    const type = head[0] ?? 0;
    const length = ((head[3] ?? 0) << 8) | (head[4] ?? 0);
    if (type < RECORD.CHANGE_CIPHER || type > RECORD.DATA || head[1] !== 3 || length > MAX_SEALED) {
      throw new TlsError("wrong version number", joinBytes(head, this.#buffer));
    }
    const body = await this.#take(length);
    if (!body) return undefined;
    if (type !== RECORD.DATA || !this.#opening) return { type, content: body };
    const { key, iv } = this.#opening;
    const parameters = { name: "AES-GCM", iv: nonce(iv, this.#opening.sequence++), additionalData: head };
    const opened = new Uint8Array(
      await subtle.decrypt(parameters, key, body).catch((error: unknown) => {
        throw new TlsError(`bad record mac: ${String(error)}`);
      }),
    );
    let end = opened.length;
    while (end > 0 && opened[end - 1] === 0) end--;
    return { type: opened[end - 1] ?? 0, content: opened.subarray(0, Math.max(0, end - 1)) };
  }

  /** In as many records as it takes. Calls must not overlap. */
  async write(type: number, content: Uint8Array): Promise<void> {
    for (let at = 0; at < content.length || at === 0; at += MAX_PLAIN) {
      await this.#writeOne(type, content.subarray(at, at + MAX_PLAIN));
    }
  }

  async alert(code: number): Promise<void> {
    const level = code === ALERT.CLOSE_NOTIFY ? 1 : 2;
    try {
      await this.write(RECORD.ALERT, Uint8Array.of(level, code));
    } catch (error) {
      // Who no longer listens need not be told.
      if (!(error instanceof BrokenPipeError)) throw error;
    }
  }

  async #writeOne(type: number, content: Uint8Array): Promise<void> {
    if (!this.#sealing) {
      await this.#stream.writer.write(joinBytes(recordHead(type, content.length), content));
      return;
    }
    const { key, iv } = this.#sealing;
    const head = recordHead(RECORD.DATA, content.length + 1 + 16);
    const parameters = { name: "AES-GCM", iv: nonce(iv, this.#sealing.sequence++), additionalData: head };
    const sealed = await subtle.encrypt(parameters, key, joinBytes(content, Uint8Array.of(type)));
    await this.#stream.writer.write(joinBytes(head, new Uint8Array(sealed)));
  }

  async #take(count: number): Promise<Bytes | undefined> {
    while (this.#buffer.length < count) {
      const chunk = await this.#stream.reader.read();
      if (!chunk) return undefined;
      this.#buffer = joinBytes(this.#buffer, chunk);
      const first = this.#buffer[0] ?? 0;
      // Plain text is told apart by its first byte: it need not be as long as a record's head.
      if (first < RECORD.CHANGE_CIPHER || first > RECORD.DATA) throw new TlsError("wrong version number", this.#buffer);
    }
    const taken = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.slice(count);
    return taken;
  }
}

function recordHead(type: number, length: number): Bytes {
  return Uint8Array.of(type, 3, 3, length >>> 8, length & 255);
}

function nonce(iv: Bytes, sequence: number): Bytes {
  const value = iv.slice();
  const view = new DataView(value.buffer);
  view.setUint32(8, (view.getUint32(8) ^ (sequence >>> 0)) >>> 0);
  view.setUint32(4, (view.getUint32(4) ^ Math.floor(sequence / 2 ** 32)) >>> 0);
  return value;
}
