/**
 * The binary frames of `slipway.v1`, browser ↔ terminal-host. Each WebSocket message is one frame; its first byte is
 * the type, numbers are big-endian. Text messages are refused.
 *
 * The output of a terminal is one endless byte stream; `seq` is the offset of a byte in it, counted from 0 when the
 * terminal was made. A viewer attaches with `from=<seq it has>` (absent: from the start of the ring):
 *   1. `replay` comes first: `from` is the offset of the first byte that follows, `lost` how many bytes between the
 *      offset asked for and `from` are gone for good, `preamble` terminal modes to write first (not part of the stream).
 *   2. then `output` frames without a gap; `replayed` when the viewer has caught up. Until then the viewer must not
 *      send answers its emulator makes up by itself.
 *   3. a viewer acknowledges what it has drawn; unacknowledged bytes past the window pause the stream.
 */
export type ClientFrame =
  | { type: "input"; bytes: Uint8Array }
  /** Takes effect for the viewer that has the focus. */
  | { type: "resize"; columns: number; rows: number }
  /** Everything before `seq` has been drawn. */
  | { type: "ack"; seq: number }
  | { type: "focus"; focused: boolean };

export type HostFrame =
  /** `seq` is the offset of the first of `bytes`. */
  | { type: "output"; seq: number; bytes: Uint8Array }
  | { type: "replay"; from: number; lost: number; preamble: Uint8Array }
  /** The viewer has everything up to `seq`; what follows is live. */
  | { type: "replayed"; seq: number }
  /** The PTY now has this size (another viewer may have set it). */
  | { type: "size"; columns: number; rows: number }
  /** The shell ended: 128+n when signal n ended it. No more output comes. */
  | { type: "exit"; code: number }
  | { type: "error"; code: TerminalErrorCode };

/** Order is the wire value: append only. */
export const TERMINAL_ERROR_CODES = [
  "bad-frame",
  "terminal-not-found",
  "too-many-viewers",
  "input-too-fast",
  "sandbox-stopped",
  "internal",
] as const;
export type TerminalErrorCode = (typeof TERMINAL_ERROR_CODES)[number];

export type FrameErrorCode = "frame-empty" | "frame-text" | "frame-type" | "frame-length" | "frame-value";
export type Decoded<F> = { ok: true; frame: F } | { ok: false; code: FrameErrorCode };

/** The longest message a viewer may send; what WebSocket servers set as `maxPayload`. */
export const MAX_CLIENT_FRAME_BYTES = 64 * 1024;
export const MAX_COLUMNS = 500;
export const MAX_ROWS = 500;

/** WebSocket close codes of our own (4000–4999). */
export const CLOSE = {
  malformed: 4400,
  ticket: 4401,
  gone: 4404,
  stopped: 4410,
  tooFast: 4429,
  internal: 4500,
} as const;

const INPUT = 0x01;
const RESIZE = 0x02;
const ACK = 0x03;
const FOCUS = 0x04;
const OUTPUT = 0x81;
const REPLAY = 0x82;
const REPLAYED = 0x83;
const SIZE = 0x84;
const EXIT = 0x85;
const ERROR = 0x86;

export function encodeClientFrame(frame: ClientFrame): Uint8Array<ArrayBuffer> {
  switch (frame.type) {
    case "input":
      return withBytes(INPUT, [], frame.bytes);
    case "resize":
      return size(RESIZE, frame.columns, frame.rows);
    case "ack":
      return withBytes(ACK, [frame.seq]);
    case "focus":
      return Uint8Array.of(FOCUS, frame.focused ? 1 : 0);
  }
}

/** `message` is what the socket gave: a string (refused), or the bytes of one message. */
export function decodeClientFrame(message: string | ArrayBuffer | Uint8Array): Decoded<ClientFrame> {
  if (typeof message === "string") return refuse("frame-text");
  const bytes = toBytes(message);
  const view = viewOf(bytes);
  if (bytes.length === 0) return refuse("frame-empty");
  if (bytes.length > MAX_CLIENT_FRAME_BYTES) return refuse("frame-length");
  switch (bytes[0]) {
    case INPUT:
      return bytes.length === 1 ? refuse("frame-length") : accept({ type: "input", bytes: bytes.subarray(1) });
    case RESIZE:
      return decodeSize(view, "resize");
    case ACK: {
      if (bytes.length !== 9) return refuse("frame-length");
      const seq = readOffset(view, 1);
      return seq === undefined ? refuse("frame-value") : accept({ type: "ack", seq });
    }
    case FOCUS:
      if (bytes.length !== 2) return refuse("frame-length");
      if (view.getUint8(1) > 1) return refuse("frame-value");
      return accept({ type: "focus", focused: view.getUint8(1) === 1 });
    default:
      return refuse("frame-type");
  }
}

export function encodeHostFrame(frame: HostFrame): Uint8Array<ArrayBuffer> {
  switch (frame.type) {
    case "output":
      return withBytes(OUTPUT, [frame.seq], frame.bytes);
    case "replay":
      return withBytes(REPLAY, [frame.from, frame.lost], frame.preamble);
    case "replayed":
      return withBytes(REPLAYED, [frame.seq]);
    case "size":
      return size(SIZE, frame.columns, frame.rows);
    case "exit": {
      const bytes = new Uint8Array(5);
      viewOf(bytes).setInt32(1, frame.code);
      bytes[0] = EXIT;
      return bytes;
    }
    case "error":
      return Uint8Array.of(ERROR, TERMINAL_ERROR_CODES.indexOf(frame.code));
  }
}

export function decodeHostFrame(message: string | ArrayBuffer | Uint8Array): Decoded<HostFrame> {
  if (typeof message === "string") return refuse("frame-text");
  const bytes = toBytes(message);
  const view = viewOf(bytes);
  if (bytes.length === 0) return refuse("frame-empty");
  switch (bytes[0]) {
    case OUTPUT: {
      if (bytes.length < 9) return refuse("frame-length");
      const seq = readOffset(view, 1);
      return seq === undefined ? refuse("frame-value") : accept({ type: "output", seq, bytes: bytes.subarray(9) });
    }
    case REPLAY: {
      if (bytes.length < 17) return refuse("frame-length");
      const from = readOffset(view, 1);
      const lost = readOffset(view, 9);
      if (from === undefined || lost === undefined) return refuse("frame-value");
      return accept({ type: "replay", from, lost, preamble: bytes.subarray(17) });
    }
    case REPLAYED: {
      if (bytes.length !== 9) return refuse("frame-length");
      const seq = readOffset(view, 1);
      return seq === undefined ? refuse("frame-value") : accept({ type: "replayed", seq });
    }
    case SIZE:
      return decodeSize(view, "size");
    case EXIT:
      return bytes.length === 5 ? accept({ type: "exit", code: view.getInt32(1) }) : refuse("frame-length");
    case ERROR: {
      if (bytes.length !== 2) return refuse("frame-length");
      const code = TERMINAL_ERROR_CODES[view.getUint8(1)];
      return code === undefined ? refuse("frame-value") : accept({ type: "error", code });
    }
    default:
      return refuse("frame-type");
  }
}

function decodeSize<T extends "resize" | "size">(
  view: DataView,
  type: T,
): Decoded<{ type: T; columns: number; rows: number }> {
  if (view.byteLength !== 5) return refuse("frame-length");
  const columns = view.getUint16(1);
  const rows = view.getUint16(3);
  if (columns < 1 || columns > MAX_COLUMNS || rows < 1 || rows > MAX_ROWS) return refuse("frame-value");
  return accept({ type, columns, rows });
}

function size(type: number, columns: number, rows: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(5);
  const view = viewOf(bytes);
  view.setUint8(0, type);
  view.setUint16(1, columns);
  view.setUint16(3, rows);
  return bytes;
}

function withBytes(type: number, offsets: readonly number[], tail?: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = 1 + 8 * offsets.length;
  const bytes = new Uint8Array(head + (tail?.length ?? 0));
  const view = viewOf(bytes);
  view.setUint8(0, type);
  offsets.forEach((offset, index) => view.setBigUint64(1 + 8 * index, BigInt(offset)));
  if (tail) bytes.set(tail, head);
  return bytes;
}

function readOffset(view: DataView, at: number): number | undefined {
  const value = view.getBigUint64(at);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

function toBytes(message: ArrayBuffer | Uint8Array): Uint8Array {
  return message instanceof Uint8Array ? message : new Uint8Array(message);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function accept<F>(frame: F): { ok: true; frame: F } {
  return { ok: true, frame };
}

function refuse(code: FrameErrorCode): { ok: false; code: FrameErrorCode } {
  return { ok: false, code };
}
