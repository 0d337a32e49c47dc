import type { Duplex } from "../../pipe";
import { joinBytes } from "../tls/der";

/** https://www.rfc-editor.org/rfc/rfc9113#section-6 */
export const FRAME = { DATA: 0, HEADERS: 1, RESET: 3, SETTINGS: 4, PING: 6, GO_AWAY: 7, WINDOW_UPDATE: 8 } as const;
export const FLAG = { END_STREAM: 1, ACK: 1, END_HEADERS: 4 } as const;

export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const MAX_FRAME_BYTES = 16_384;

/** What came is no HTTP/2, or more than fits. */
export class Http2Error extends Error {
  override readonly name = "Http2Error";
}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

/** The frames of one HTTP/2 connection. Pings and settings of the other side are answered on the way. */
export class Frames {
  readonly #stream: Duplex;
  #buffer: Uint8Array = new Uint8Array();

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  send(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Promise<void> {
    const { byteLength } = payload;
    const head = new Uint8Array(9);
    const view = new DataView(head.buffer);
    view.setUint32(0, (byteLength << 8) | type);
    view.setUint8(4, flags);
    view.setUint32(5, stream);
    return this.#stream.writer.write(joinBytes(head, payload));
  }

  async sendPreface(): Promise<void> {
    await this.#stream.writer.write(new TextEncoder().encode(PREFACE));
  }

  /** Throws `Http2Error` when the other side begins otherwise. */
  async receivePreface(): Promise<void> {
    const bytes = await this.#take(PREFACE.length);
    if (!bytes || new TextDecoder().decode(bytes) !== PREFACE) throw new Http2Error("bogus greeting");
  }

  /** The next frame that says something; `undefined` at the end. */
  async receive(): Promise<Frame | undefined> {
    for (;;) {
      const head = await this.#take(9);
      if (!head) return undefined;
      const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
      const length = view.getUint32(0) >>> 8;
      if (length > MAX_FRAME_BYTES) throw new Http2Error("frame too large");
      const payload = await this.#take(length);
      if (!payload) return undefined;
      const frame = {
        type: view.getUint8(3),
        flags: view.getUint8(4),
        stream: view.getUint32(5) & 0x7fffffff,
        payload,
      };
      const isAnswer = (frame.flags & FLAG.ACK) !== 0;
      if (frame.type === FRAME.PING && !isAnswer) await this.send(FRAME.PING, FLAG.ACK, 0, payload);
      if (frame.type === FRAME.SETTINGS && !isAnswer) await this.send(FRAME.SETTINGS, FLAG.ACK, 0);
      if (frame.type === FRAME.PING || frame.type === FRAME.WINDOW_UPDATE) continue;
      return frame;
    }
  }

  async #take(count: number): Promise<Uint8Array | undefined> {
    while (this.#buffer.byteLength < count) {
      const chunk = await this.#stream.reader.read();
      if (!chunk) return undefined;
      this.#buffer = this.#buffer.byteLength === 0 ? chunk : joinBytes(this.#buffer, chunk);
    }
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }
}

/** Header fields, each written out. https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2 */
export function encodeHeaders(fields: readonly (readonly [string, string])[]): Uint8Array {
  return joinBytes(...fields.flatMap(([name, value]) => [Uint8Array.of(0), text(name), text(value)]));
}

/** What `encodeHeaders` wrote; nobody here writes otherwise. Throws `Http2Error`. */
export function decodeHeaders(bytes: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>();
  let at = 0;
  const number = (): number => {
    const first = bytes[at++] ?? 0;
    if (first > 0x7f) throw new Http2Error("compressed header");
    if (first < 0x7f) return first;
    let value = 0x7f;
    for (let shift = 0; shift < 21; shift += 7) {
      const next = bytes[at++] ?? 0;
      value += (next & 0x7f) << shift;
      if (next < 0x80) break;
    }
    return value;
  };
  const string = (): string => {
    const length = number();
    at += length;
    return new TextDecoder().decode(bytes.subarray(at - length, at));
  };
  while (at < bytes.byteLength) {
    if (bytes[at++] !== 0) throw new Http2Error("compressed header");
    const name = string();
    fields.set(name, string());
  }
  return fields;
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  const length = bytes.byteLength;
  if (length < 0x7f) return joinBytes(Uint8Array.of(length), bytes);
  const digits = [0x7f];
  let rest = length - 0x7f;
  for (; rest > 0x7f; rest >>>= 7) digits.push((rest & 0x7f) | 0x80);
  return joinBytes(Uint8Array.from([...digits, rest]), bytes);
}
