import type { RawData, WebSocket } from "ws";
import { CLOSE, decodeClientFrame, encodeHostFrame, type Decoded, type ClientFrame } from "../protocol/terminal-frames";
import type { Session } from "./session";
import type { ViewerLink } from "./viewer";

/** Twice that without an answer and the socket is dead: noticed within 20 s. */
const PING_EVERY_MS = 9_000;

const CLOSE_CODES = {
  gone: CLOSE.gone,
  "going-away": 1001,
  "too-fast": CLOSE.tooFast,
  malformed: CLOSE.malformed,
} as const;

/** Ties one WebSocket of `slipway.v1` to a terminal. A peer that answers no ping is let go, so that it holds nothing up. */
export function serveViewer(
  client: WebSocket,
  session: Session,
  { from, watch }: { from?: number; watch?: "1" },
): void {
  const link: ViewerLink = {
    send: (frame) => client.readyState === client.OPEN && client.send(encodeHostFrame(frame), { binary: true }),
    close: (reason) => client.close(CLOSE_CODES[reason], reason),
  };
  const viewer = session.attach(link, from, watch !== undefined);
  if (!viewer) {
    link.send({ type: "error", code: "too-many-viewers" });
    client.close(CLOSE.tooFast, "too-many-viewers");
    return;
  }
  let answered = true;
  const pings = setInterval(() => {
    if (answered) client.ping();
    else client.terminate();
    answered = false;
  }, PING_EVERY_MS);
  client.on("pong", () => (answered = true));
  client.on("message", (data, isBinary) => {
    const decoded = decode(data, isBinary);
    if (decoded.ok) viewer.receive(decoded.frame);
    else viewer.refuseFrame();
  });
  // A frame too large or a broken connection: `close` follows.
  client.on("error", () => client.terminate());
  client.on("close", () => {
    clearInterval(pings);
    viewer.detach();
  });
}

function decode(data: RawData, isBinary: boolean): Decoded<ClientFrame> {
  if (!isBinary) return { ok: false, code: "frame-text" };
  return decodeClientFrame(Array.isArray(data) ? Buffer.concat(data) : data);
}
