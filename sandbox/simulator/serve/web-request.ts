import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { withWholeBody } from "../api/whole-body";

/** What the API server takes at most in one body: https://github.com/kubernetes/kubernetes (MaxRequestBodyBytes). */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

// A client that still writes does not read: its answer would be lost with the connection.
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;

/** The whole body; `undefined` when there is none. What is beyond the limit is read, within reason, but not kept. */
export async function readBody(
  message: IncomingMessage | Http2ServerRequest,
): Promise<Uint8Array<ArrayBuffer> | undefined | "too large"> {
  const { headers } = message;
  const isHttp1 = message.httpVersionMajor === 1;
  if (isHttp1 && headers["content-length"] === undefined && headers["transfer-encoding"] === undefined)
    return undefined;
  if ("stream" in message && message.stream.endAfterHeaders) {
    // A stream whose end nobody has read is not closed when its client leaves.
    message.resume();
    return undefined;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
    if (size > MAX_DISCARDED_BYTES) break;
  }
  if (size > MAX_BODY_BYTES) return "too large";
  return size === 0 ? undefined : Buffer.concat(chunks, size);
}

/** The request as the handler takes it; `undefined` when its target is no path or its method cannot be carried. */
export function toWebRequest(
  message: IncomingMessage | Http2ServerRequest,
  body: Uint8Array<ArrayBuffer> | undefined,
  signal: AbortSignal,
): Request | undefined {
  const { method = "GET", url = "" } = message;
  if (!url.startsWith("/")) return undefined;
  const headers = new Headers();
  const raw = message.rawHeaders;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    // HTTP/2 has method, path and host among the headers.
    if (!raw[index]?.startsWith(":")) headers.append(raw[index] ?? "", raw[index + 1] ?? "");
  }
  const hasBody = body !== undefined && method !== "GET" && method !== "HEAD";
  try {
    const request = new Request(`https://${hostOf(message)}${url}`, {
      method,
      headers,
      signal,
      ...(hasBody && { body }),
    });
    return hasBody ? withWholeBody(request, body) : request;
  } catch {
    // TRACE and CONNECT, or a target that is no URL: the client is told 400.
    return undefined;
  }
}

/** The Host header where it is one; a strange one must not decide what the rest of the URL means. */
function hostOf(message: IncomingMessage | Http2ServerRequest): string {
  const host = String(message.headers.host ?? message.headers[":authority"] ?? "");
  return /^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(host) ? host : "localhost";
}
