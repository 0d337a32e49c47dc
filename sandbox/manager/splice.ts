import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { PROTOCOL_HEADER, rangeText, type ProtocolRange } from "../protocol/version";

const FORWARDED = ["sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol"] as const;

/**
 * Passes a WebSocket handshake on to another process and joins the two connections byte by byte: neither frames nor
 * answers are looked at. Returns the connection to the other process; when either ends, both do.
 */
export function spliceUpgrade(
  request: IncomingMessage,
  downstream: Duplex,
  head: Buffer,
  upstream: Socket,
  target: { path: string; speaks: ProtocolRange },
): Socket {
  const lines = [`GET ${target.path} HTTP/1.1`, "host: socket", "connection: Upgrade", "upgrade: websocket"];
  lines.push(`${PROTOCOL_HEADER}: ${rangeText(target.speaks)}`);
  for (const name of FORWARDED) {
    const value = request.headers[name];
    if (value !== undefined) lines.push(`${name}: ${value}`);
  }
  upstream.write(`${lines.join("\r\n")}\r\n\r\n`);
  if (head.length > 0) upstream.write(head);
  downstream.pipe(upstream);
  upstream.pipe(downstream);
  upstream.on("error", () => downstream.destroy());
  downstream.on("error", () => upstream.destroy());
  upstream.on("close", () => downstream.end());
  downstream.on("close", () => upstream.destroy());
  // It may have gone while whoever called was still asking around.
  if (downstream.destroyed) upstream.destroy();
  return upstream;
}
