import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { errorBodySchema, SandboxError } from "../codes";
import { PROTOCOL_HEADER, rangeText, SPOKEN } from "../version";
import type { Endpoint } from "./json-client";

/** What an upgrade asks for that turns its connection into bytes to and from a port in a cluster. */
export const TUNNEL_PROTOCOL = "slipway-tcp";

const MAX_REFUSAL_BYTES = 16 * 1024;

/**
 * Asks a process of ours for a tunnel, in any version this release speaks unless `headers` says otherwise. Rejects with the `SandboxError` that the other side named, or `peer-unreachable`.
 * Once it is open, `signal` no longer matters.
 */
export function openTunnel(
  endpoint: Endpoint,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const unreachable = (cause: unknown): void => reject(new SandboxError("peer-unreachable", path, { cause }));
    const request = httpRequest({
      ...endpoint,
      path,
      headers: {
        [PROTOCOL_HEADER]: rangeText(SPOKEN),
        ...headers,
        host: "socket",
        connection: "Upgrade",
        upgrade: TUNNEL_PROTOCOL,
      },
      agent: false,
      signal,
    });
    request.on("error", unreachable);
    request.on("upgrade", (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.on("response", (response) => {
      readRefusal(response).then(reject, unreachable);
    });
    request.end();
  });
}

/** Says that the connection is a tunnel from here on. */
export function acceptTunnel(socket: Duplex): void {
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${TUNNEL_PROTOCOL}\r\n\r\n`);
}

async function readRefusal(response: IncomingMessage): Promise<SandboxError> {
  let text = "";
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString("utf8");
    if (text.length > MAX_REFUSAL_BYTES) break;
  }
  const { data } = errorBodySchema.safeParse(parseJson(text));
  if (!data) return new SandboxError("protocol-mismatch", `HTTP ${response.statusCode ?? 0}`);
  return new SandboxError(data.error.code, data.error.detail);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what no schema accepts
  }
}
