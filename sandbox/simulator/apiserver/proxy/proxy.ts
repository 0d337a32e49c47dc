import { HttpFormatError, MessageReader, type MessageHead } from "../../containers/http/message";
import { ConnectionRefusedError, ConnectionTimeoutError } from "../../network/network";
import { connectTls } from "../../network/tls/client";
import { TlsAlertError, TlsError } from "../../network/tls/record-layer";
import type { Duplex } from "../../pipe";
import { unavailable, type Location } from "./location";

/** Opens a connection from where the API server runs into the cluster's network, and nowhere else. */
export type Dialer = (target: { address: string; port: number }, options: { timeoutMs: number }) => Promise<Duplex>;

const DIAL_TIMEOUT_MS = 30_000;

// They belong to one connection: RFC 9110, 7.6.1.
const HOP_BY_HOP = "connection keep-alive proxy-connection te trailer transfer-encoding upgrade".split(" ");
// The rest belongs to the way between the client and the API server, or is written anew.
const NOT_SENT = new Set([...HOP_BY_HOP, "authorization", "content-length", "host"]);
const NOT_RETURNED = new Set(HOP_BY_HOP);

/**
 * Passes a request on as it is and its answer back. `prefix` is the part of the path that leads to the proxy: redirects
 * of the other side get it too. Throws a 503 when nothing answers.
 */
export async function proxyRequest(
  dial: Dialer,
  { scheme, address, port }: Location,
  request: Request,
  { prefix, path }: { readonly prefix: string; readonly path: string },
): Promise<Response> {
  const host = `${address}:${port}`;
  const connection = await dial({ address, port }, { timeoutMs: DIAL_TIMEOUT_MS }).catch((error: unknown) => {
    throw unreachable(`dial tcp ${host}: ${dialFailure(error)}`);
  });
  const close = (): void => {
    connection.writer.end();
    connection.reader.cancel();
  };
  request.signal.addEventListener("abort", close, { once: true });
  try {
    const stream = scheme === "https" ? await secured(connection, address) : connection;
    await send(stream, request, host, prefix, path);
    const reader = new MessageReader(stream.reader);
    const head = await answerHead(reader);
    return toResponse(head, reader, request.method, prefix, `${scheme}://${host}`, close);
  } catch (error) {
    close();
    if (error instanceof HttpFormatError) throw unreachable(`malformed HTTP response: ${error.message}`);
    throw error;
  }
}

/** Nobody looks at the certificate: https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/ */
async function secured(connection: Duplex, address: string): Promise<Duplex> {
  try {
    return await connectTls(connection, { name: address, accepts: () => Promise.resolve(true) });
  } catch (error) {
    if (error instanceof TlsAlertError) throw unreachable("remote error: tls: handshake failure");
    throw unreachable(error instanceof TlsError ? "tls: first record does not look like a TLS handshake" : "EOF");
  }
}

async function send({ writer }: Duplex, request: Request, host: string, prefix: string, path: string): Promise<void> {
  const url = new URL(request.url);
  const body = new Uint8Array(await request.arrayBuffer());
  const lines = [`${request.method} ${path}${url.search} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of request.headers) if (!NOT_SENT.has(name)) lines.push(`${name}: ${value}`);
  lines.push(`X-Forwarded-Host: ${url.host}`, "X-Forwarded-Proto: https", `X-Forwarded-Uri: ${prefix}${path}`);
  if (body.byteLength > 0) lines.push(`Content-Length: ${body.byteLength}`);
  lines.push("Connection: close", "", "");
  try {
    await writer.write(new TextEncoder().encode(lines.join("\r\n")));
    await writer.write(body);
  } catch {
    // The other side stopped reading; what it answered, if anything, says why.
  }
}

/** The final answer's head: "100 Continue" and its like come before. */
async function answerHead(reader: MessageReader): Promise<MessageHead> {
  for (;;) {
    const head = await reader.head().catch((error: unknown) => {
      if (error instanceof HttpFormatError) throw error;
      throw unreachable("read: connection reset by peer");
    });
    if (!head) throw unreachable("EOF");
    if (statusOf(head) >= 200) return head;
  }
}

function toResponse(
  head: MessageHead,
  reader: MessageReader,
  method: string,
  prefix: string,
  origin: string,
  close: () => void,
): Response {
  const headers = answerHeaders(head, prefix, origin);
  const status = statusOf(head);
  if (method === "HEAD" || [204, 205, 304].includes(status)) {
    close();
    return new Response(null, { status, headers });
  }
  const pieces = reader.body(head, true);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await pieces.next();
      if (!next.done) {
        controller.enqueue(next.value);
        return;
      }
      close();
      controller.close();
    },
    cancel: close,
  });
  return new Response(body, { status, headers });
}

function answerHeaders({ headers: all }: MessageHead, prefix: string, origin: string): Headers {
  const headers = new Headers();
  for (const [name, value] of all) {
    if (NOT_RETURNED.has(name)) continue;
    try {
      headers.set(name, name === "location" ? redirect(value, prefix, origin) : value);
    } catch (error) {
      throw new HttpFormatError(`the header ${JSON.stringify(name)} is invalid`, { cause: error });
    }
  }
  return headers;
}

function statusOf({ start }: MessageHead): number {
  const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(start)?.[1]);
  if (status >= 100 && status <= 599) return status;
  throw new HttpFormatError(JSON.stringify(start));
}

/** A path of the other side, with what leads there before it; other hosts and relative paths stay as they are. */
function redirect(location: string, prefix: string, origin: string): string {
  const own = location.startsWith(`${origin}/`) ? location.slice(origin.length) : location;
  return own.startsWith("/") && !own.startsWith("//") ? `${prefix}${own}` : location;
}

function dialFailure(error: unknown): string {
  if (error instanceof ConnectionRefusedError) return "connect: connection refused";
  if (error instanceof ConnectionTimeoutError) return "i/o timeout";
  return "connect: network is unreachable";
}

function unreachable(why: string): Error {
  return unavailable(`error trying to reach service: ${why}`);
}
