import { HttpFormatError, MessageReader, type MessageHead } from "../containers/http/message";
import { BrokenPipeError, type Duplex, type PipeWriter } from "../pipe";
import { ConnectionResetError, type Listener, type NetworkHost, type SocketAddress } from "./network";

/** Who asks, over what. */
export interface WebClient {
  readonly remote: SocketAddress;
  readonly scheme: "http" | "https";
}

export type WebHandler = (request: Request, client: WebClient) => Promise<Response>;

/** Answers HTTP/1.1 on a port of a host, for parts of the system that run in no container. Throws `AddressInUseError`. */
export function serveWeb(host: NetworkHost, port: number, handle: WebHandler): Listener {
  return host.listen({ port }, (connection) => {
    const client = { remote: connection.remote, scheme: "http" } as const;
    // One client's trouble must not end the server for all.
    converse(connection, client, handle).catch(() => connection.reset());
  });
}

/** One client's requests, in turn, until either side has enough. Rejects only on a fault of the handler. */
export async function converse(stream: Duplex, client: WebClient, handle: WebHandler): Promise<void> {
  const messages = new MessageReader(stream.reader);
  try {
    for (let head = await messages.head(); head; head = await messages.head()) {
      const request = await toRequest(messages, head, client);
      const response = request ? await handle(request, client) : new Response("400 Bad Request", { status: 400 });
      const wish = head.headers.get("connection")?.toLowerCase();
      const keep = request !== undefined && head.start.endsWith("HTTP/1.1") && wish !== "close";
      await send(stream.writer, response, { keep, bodiless: request?.method === "HEAD" });
      if (!keep) break;
    }
  } catch (error) {
    const gone =
      error instanceof BrokenPipeError || error instanceof ConnectionResetError || error instanceof HttpFormatError;
    if (!gone) throw error;
  } finally {
    stream.writer.end();
    stream.reader.cancel();
  }
}

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const NO_BODY = new Set(["GET", "HEAD"]);

/** `undefined` for what is no request. */
async function toRequest(
  messages: MessageReader,
  head: MessageHead,
  { scheme }: WebClient,
): Promise<Request | undefined> {
  const [method = "", target = "", version = ""] = head.start.split(" ");
  const body = await readBody(messages, head);
  if (!version.startsWith("HTTP/1.") || body === "too large") return undefined;
  try {
    const base = `${scheme}://${head.headers.get("host") ?? "localhost"}`;
    return new Request(new URL(target, base), {
      method,
      headers: [...head.headers].filter(([name]) => name !== "connection"),
      ...(!NO_BODY.has(method.toUpperCase()) && { body }),
    });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

async function readBody(messages: MessageReader, head: MessageHead): Promise<Uint8Array<ArrayBuffer> | "too large"> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of messages.body(head, false)) {
    size += piece.byteLength;
    if (size > MAX_BODY_BYTES) return "too large";
    pieces.push(piece);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
}

async function send(
  writer: PipeWriter,
  response: Response,
  { keep, bodiless }: { readonly keep: boolean; readonly bodiless: boolean },
): Promise<void> {
  const { status, headers } = response;
  const body = status === 204 || status === 304 ? undefined : (response.body ?? undefined);
  const length = headers.get("content-length") ?? (body || status === 204 || status === 304 ? undefined : "0");
  const lines = [`HTTP/1.1 ${status} ${response.statusText || (REASONS[status] ?? "Unknown")}`];
  for (const [name, value] of inOrder(headers, length)) {
    if (name !== "connection" || keep) lines.push(`${properCase(name)}: ${value}`);
  }
  if (length === undefined && status !== 204 && status !== 304) lines.push("Transfer-Encoding: chunked");
  if (!keep) lines.push("Connection: close");
  await writer.write(encode(`${lines.join("\r\n")}\r\n\r\n`));
  if (!body || bodiless) return;
  for await (const chunk of body) {
    if (chunk.byteLength === 0) continue;
    if (length === undefined) await writer.write(encode(`${chunk.byteLength.toString(16)}\r\n`));
    await writer.write(chunk);
    if (length === undefined) await writer.write(encode("\r\n"));
  }
  if (length === undefined) await writer.write(encode("0\r\n\r\n"));
}

/** As servers like to send them; `Headers` only knows them by the alphabet. */
function inOrder(headers: Headers, length: string | undefined): [string, string][] {
  const all = new Map(headers);
  if (length !== undefined) all.set("content-length", length);
  const first = FIRST.flatMap((name): [string, string][] => {
    const value = all.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return [...first, ...[...all].filter(([name]) => !FIRST.includes(name))];
}

const FIRST = ["server", "date", "content-type", "content-length", "connection", "location"];

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** `content-type` as servers write it: `Content-Type`. */
function properCase(name: string): string {
  if (name === "etag") return "ETag";
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  301: "Moved Permanently",
  302: "Found",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  409: "Conflict",
  410: "Gone",
  413: "Request Entity Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
