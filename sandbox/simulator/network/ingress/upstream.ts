import { HttpFormatError, MessageReader, type MessageHead } from "../../containers/http/message";
import { BrokenPipeError } from "../../pipe";
import {
  ConnectionRefusedError,
  ConnectionResetError,
  ConnectionTimeoutError,
  NetworkUnreachableError,
  type Connection,
  type NetworkHost,
  type SocketAddress,
} from "../network";

const CONNECT_TIMEOUT_MS = 5000;
const NO_BODY_STATUS = new Set([204, 304]);
// They belong to one connection only.
const NOT_RETURNED = new Set(["connection", "keep-alive", "transfer-encoding", "server", "date"]);

/** Passes a request on to a backend. 502 when it is not there or talks nonsense, 504 when it does not answer. */
export async function askUpstream(
  host: NetworkHost,
  target: SocketAddress,
  request: { method: string; path: string; headers: readonly (readonly [string, string])[]; body: Uint8Array },
): Promise<{ response: Response } | { failed: 502 | 504 }> {
  let connection: Connection;
  try {
    connection = await host.connect(target, { timeoutMs: CONNECT_TIMEOUT_MS });
  } catch (error) {
    if (error instanceof ConnectionTimeoutError) return { failed: 504 };
    if (error instanceof ConnectionRefusedError || error instanceof NetworkUnreachableError) return { failed: 502 };
    throw error;
  }
  try {
    const lines = request.headers.map(([name, value]) => `${name}: ${value}`);
    if (request.body.byteLength > 0) lines.push(`Content-Length: ${request.body.byteLength}`);
    const head = [`${request.method} ${request.path} HTTP/1.1`, ...lines, "Connection: close", "", ""].join("\r\n");
    await connection.writer.write(new TextEncoder().encode(head));
    await connection.writer.write(request.body);
    const reader = new MessageReader(connection.reader);
    const answer = await reader.head();
    if (!answer) return { failed: 502 };
    return { response: toResponse(answer, reader, request.method, connection) };
  } catch (error) {
    connection.reset();
    const gone =
      error instanceof HttpFormatError || error instanceof ConnectionResetError || error instanceof BrokenPipeError;
    if (!gone) throw error;
    return { failed: 502 };
  }
}

function toResponse(head: MessageHead, reader: MessageReader, method: string, connection: Connection): Response {
  const [, code = "502", statusText = ""] = /^HTTP\/\d\.\d (\d{3}) ?(.*)$/.exec(head.start) ?? [];
  const status = Number(code);
  const headers = new Headers();
  for (const line of head.lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    if (colon > 0 && !NOT_RETURNED.has(name.toLowerCase())) headers.append(name, line.slice(colon + 1).trim());
  }
  if (method === "HEAD" || NO_BODY_STATUS.has(status)) {
    connection.reset();
    return new Response(null, { status, statusText, headers });
  }
  const pieces = reader.body(head, true);
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const piece = await pieces.next();
      if (!piece.done) controller.enqueue(piece.value);
      else {
        controller.close();
        connection.reset();
      }
    },
    cancel: () => connection.reset(),
  });
  return new Response(body, { status, statusText, headers });
}
