import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeClientFrame,
  decodeHostFrame,
  encodeClientFrame,
  encodeHostFrame,
  MAX_CLIENT_FRAME_BYTES,
  TERMINAL_ERROR_CODES,
  type ClientFrame,
  type HostFrame,
} from "./terminal-frames";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const clientFrames: ClientFrame[] = [
  { type: "input", bytes: text("ls\r") },
  { type: "resize", columns: 120, rows: 40 },
  { type: "ack", seq: 2 ** 40 + 7 },
  { type: "focus", focused: true },
  { type: "focus", focused: false },
];

const hostFrames: HostFrame[] = [
  { type: "output", seq: 2 ** 33, bytes: text("pod/web created\r\n") },
  { type: "replay", from: 10, lost: 3, preamble: text("\x1b[?1049h") },
  { type: "replayed", seq: 99 },
  { type: "size", columns: 80, rows: 24 },
  { type: "exit", code: 130 },
  { type: "error", code: "terminal-not-found" },
];

describe("terminal frames", () => {
  it.each(clientFrames)("reads back what a viewer wrote: $type", (frame) => {
    expect(decodeClientFrame(encodeClientFrame(frame))).toEqual({ ok: true, frame });
    expect(decodeClientFrame(encodeClientFrame(frame).buffer)).toEqual({ ok: true, frame });
  });

  it.each(hostFrames)("reads back what the host wrote: $type", (frame) => {
    expect(decodeHostFrame(encodeHostFrame(frame))).toEqual({ ok: true, frame });
  });

  it("reads frames that lie inside a larger buffer", () => {
    const encoded = encodeHostFrame({ type: "output", seq: 5, bytes: text("x") });
    const larger = new Uint8Array(encoded.length + 10);
    larger.set(encoded, 7);
    expect(decodeHostFrame(larger.subarray(7, 7 + encoded.length))).toEqual({
      ok: true,
      frame: { type: "output", seq: 5, bytes: text("x") },
    });
  });

  it.each([
    ["text", "ls", "frame-text"],
    ["nothing", new Uint8Array(0), "frame-empty"],
    ["an unknown type", Uint8Array.of(0x7f, 1), "frame-type"],
    ["a host's frame", encodeHostFrame({ type: "replayed", seq: 1 }), "frame-type"],
    ["input without bytes", Uint8Array.of(1), "frame-length"],
    ["a short resize", Uint8Array.of(2, 0, 80), "frame-length"],
    ["a resize to nothing", Uint8Array.of(2, 0, 0, 0, 24), "frame-value"],
    ["a resize past the limit", Uint8Array.of(2, 0xff, 0xff, 0, 24), "frame-value"],
    ["a short ack", Uint8Array.of(3, 0), "frame-length"],
    ["an ack no number can hold", Uint8Array.of(3, 255, 255, 255, 255, 255, 255, 255, 255), "frame-value"],
    ["a focus that is neither", Uint8Array.of(4, 2), "frame-value"],
    ["more than the limit", new Uint8Array(MAX_CLIENT_FRAME_BYTES + 1).fill(1), "frame-length"],
  ])("refuses %s with a code", (_name, message, code) => {
    expect(decodeClientFrame(message)).toEqual({ ok: false, code });
  });

  it("answers any bytes with a frame or a code, and a frame it accepts is written back the same", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const client = decodeClientFrame(bytes);
        if (client.ok) expect(encodeClientFrame(client.frame)).toEqual(bytes);
        const host = decodeHostFrame(bytes);
        if (host.ok) expect(encodeHostFrame(host.frame)).toEqual(bytes);
      }),
    );
  });

  it("gives each error code one byte", () => {
    for (const code of TERMINAL_ERROR_CODES) {
      expect(decodeHostFrame(encodeHostFrame({ type: "error", code }))).toEqual({
        ok: true,
        frame: { type: "error", code },
      });
    }
    expect(decodeHostFrame(Uint8Array.of(0x86, 200))).toEqual({ ok: false, code: "frame-value" });
  });
});
