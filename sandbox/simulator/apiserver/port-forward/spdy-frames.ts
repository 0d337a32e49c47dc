/**
 * SPDY/3 on the wire: control frames, and data frames in pieces as they come.
 * https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/#TOC-2.2-Framing
 */
export type SpdyFrame =
  | { kind: "syn-stream"; streamId: number; headers: Uint8Array; isLast: boolean }
  | { kind: "data"; streamId: number; bytes: Uint8Array; isLast: boolean }
  | { kind: "reset"; streamId: number }
  | { kind: "headers"; headers: Uint8Array }
  | { kind: "ping"; id: number }
  | { kind: "go-away" }
  /** Settings and windows: neither end keeps them. */
  | { kind: "ignored" };

/** Bytes that are not SPDY; the connection cannot go on. */
export class SpdyError extends Error {
  override readonly name = "SpdyError";
}

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const HEADERS = 8;
const VERSION = 3;
const FLAG_FIN = 1;
const FRAME_HEAD_BYTES = 8;
const MAX_CONTROL_BYTES = 16 * 1024;
const MAX_DATA_BYTES = 64 * 1024;

/** Why a stream is broken off. */
export const RESET = { protocolError: 1, refused: 3, cancel: 5 } as const;

/** Cuts a byte stream into frames, however its pieces fall. */
export class FrameReader {
  #rest: Uint8Array = new Uint8Array();
  #data: { streamId: number; left: number; isLast: boolean } | undefined;

  /** The frames that these bytes complete. Throws `SpdyError`. */
  *push(bytes: Uint8Array): Generator<SpdyFrame> {
    this.#rest = this.#rest.byteLength === 0 ? bytes : joined([this.#rest, bytes]);
    for (let frame = this.#next(); frame; frame = this.#next()) yield frame;
  }

  #next(): SpdyFrame | undefined {
    if (this.#data) return this.#nextData(this.#data);
    if (this.#rest.byteLength < FRAME_HEAD_BYTES) return undefined;
    const head = viewOf(this.#rest);
    const first = head.getUint32(0);
    const length = head.getUint32(4) & 0xff_ffff;
    const isLast = (head.getUint8(4) & FLAG_FIN) !== 0;
    if (first < 0x8000_0000) {
      this.#take(FRAME_HEAD_BYTES);
      this.#data = { streamId: first, left: length, isLast };
      return this.#nextData(this.#data);
    }
    if (head.getUint16(0) !== (0x8000 | VERSION)) throw new SpdyError("unsupported version of SPDY");
    if (length > MAX_CONTROL_BYTES) throw new SpdyError("the control frame is too large");
    if (this.#rest.byteLength < FRAME_HEAD_BYTES + length) return undefined;
    const type = head.getUint16(2);
    this.#take(FRAME_HEAD_BYTES);
    return controlFrame(type, isLast, this.#take(length));
  }

  #nextData(data: { streamId: number; left: number; isLast: boolean }): SpdyFrame | undefined {
    if (this.#rest.byteLength === 0 && data.left > 0) return undefined;
    const bytes = this.#take(Math.min(data.left, this.#rest.byteLength));
    data.left -= bytes.byteLength;
    const isWhole = data.left === 0;
    if (isWhole) this.#data = undefined;
    return { kind: "data", streamId: data.streamId, bytes, isLast: isWhole && data.isLast };
  }

  #take(count: number): Uint8Array {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }
}

function controlFrame(type: number, isLast: boolean, body: Uint8Array): SpdyFrame {
  const view = viewOf(body);
  const need = (bytes: number): void => {
    if (body.byteLength < bytes) throw new SpdyError("the control frame is cut short");
  };
  switch (type) {
    case SYN_STREAM:
      need(10);
      return { kind: "syn-stream", streamId: view.getUint32(0) & 0x7fff_ffff, headers: body.subarray(10), isLast };
    case RST_STREAM:
      need(8);
      return { kind: "reset", streamId: view.getUint32(0) & 0x7fff_ffff };
    case SYN_REPLY:
    case HEADERS:
      need(4);
      return { kind: "headers", headers: body.subarray(4) };
    case PING:
      need(4);
      return { kind: "ping", id: view.getUint32(0) };
    case GOAWAY:
      return { kind: "go-away" };
    default:
      return { kind: "ignored" };
  }
}

export function synReply(streamId: number, headers: Uint8Array): Uint8Array {
  return control(SYN_REPLY, joined([uint32(streamId), headers]));
}

export function reset(streamId: number, status: number): Uint8Array {
  return control(RST_STREAM, joined([uint32(streamId), uint32(status)]));
}

export function ping(id: number): Uint8Array {
  return control(PING, uint32(id));
}

/** One or more data frames. */
export function data(streamId: number, bytes: Uint8Array, isLast: boolean): Uint8Array {
  const parts: Uint8Array[] = [];
  let start = 0;
  do {
    const piece = bytes.subarray(start, start + MAX_DATA_BYTES);
    start += piece.byteLength;
    const flags = isLast && start >= bytes.byteLength ? FLAG_FIN : 0;
    parts.push(uint32(streamId), uint32(((flags << 24) | piece.byteLength) >>> 0), piece);
  } while (start < bytes.byteLength);
  return joined(parts);
}

function control(type: number, body: Uint8Array): Uint8Array {
  return joined([uint32((((0x8000 | VERSION) << 16) | type) >>> 0), uint32(body.byteLength), body]);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
