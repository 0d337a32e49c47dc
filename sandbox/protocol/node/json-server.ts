import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ZodError, type ZodType } from "zod";
import { SandboxError } from "../codes";
import {
  highestCommon,
  peerRange,
  PROTOCOL_HEADER,
  rangeText,
  SPOKEN,
  type Greeting,
  type ProtocolRange,
} from "../version";
import { pack } from "./packed";

/** A request after its path has been matched; nothing of it is trusted until it has been parsed by a schema. */
export interface JsonRequest {
  readonly params: Readonly<Record<string, string>>;
  /** @throws SandboxError `bad-request` */
  readonly query: <T>(schema: ZodType<T>) => T;
  /** @throws SandboxError `bad-body`, `body-too-large` */
  readonly body: <T>(schema: ZodType<T>) => Promise<T>;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal;
}

export type JsonAnswer =
  /** One of the body's fields may be a Uint8Array. */
  | { status: number; body?: unknown }
  /** One JSON value a line, until `write`'s caller returns or the reader goes. */
  | { lines: (write: (value: unknown) => void, signal: AbortSignal) => Promise<void> };

export interface JsonRoute {
  readonly method: "GET" | "POST" | "DELETE";
  /** `/v1/clusters/:id`; a parameter matches one segment. */
  readonly path: string;
  handle(request: JsonRequest): Promise<JsonAnswer> | JsonAnswer;
}

export interface JsonServerOptions {
  /** Mode 0600. A socket left behind by a process that is gone is replaced; one that answers is not. */
  readonly socketPath: string;
  /** What it says of itself at `GET /v1/hello`. */
  readonly identity: Pick<Greeting, "instance" | "process">;
  /** Without it what this release speaks. Who speaks nothing of it gets a greeting, and no more. */
  readonly speaks?: ProtocolRange;
  readonly routes: readonly JsonRoute[];
  readonly maxBodyBytes?: number;
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Told of what was answered with `internal`. */
  readonly onInternalError: (error: unknown) => void;
}

export interface JsonServer {
  /** Ends every connection; resolves when the socket is gone. */
  close(): Promise<void>;
}

const HELLO = "/v1/hello";
const LAST_WORDS_MS = 500;
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** A reader that has this much unread is cut off: it can come back and catch up. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

/** Serves JSON over a unix socket. Refusals are `ErrorBody`; nothing a caller sends can end the process. */
export async function serveJson(options: JsonServerOptions): Promise<JsonServer> {
  await removeStaleSocket(options.socketPath);
  const server = createServer((request, response) => {
    void answer(options, request, response).catch((error: unknown) => refuse(response, error, options));
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    const { common, speaks, mismatch } = versionFor(request, options);
    if (common === undefined) refuseUpgrade(socket, mismatch, { [PROTOCOL_HEADER]: rangeText(speaks) });
    else if (options.onUpgrade) options.onUpgrade(request, socket, head);
    else refuseUpgrade(socket, new SandboxError("not-found"));
  });
  server.on("clientError", (_error, socket) => refuseUpgrade(socket, new SandboxError("bad-request")));
  // Those that were upgraded are the server's no more, and yet it waits for them.
  const connections = new Set<Socket>();
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  await listen(server, options.socketPath);
  return {
    close: () =>
      new Promise((resolve) => {
        // What was said last is on its way; who does not read it is not waited for.
        const impatient = setTimeout(() => connections.forEach((socket) => socket.destroy()), LAST_WORDS_MS);
        server.close(() => {
          clearTimeout(impatient);
          resolve();
        });
        server.closeAllConnections();
        for (const socket of connections) socket.destroySoon();
      }),
  };
}

/** Answers an upgrade, or a connection that speaks no HTTP, with an ordinary refusal. */
export function refuseUpgrade(
  socket: Duplex,
  error: SandboxError,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(error.toBody());
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${error.status} Refused\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      more.join("") +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

async function answer(options: JsonServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A path that begins with two slashes would be read as a host.
  const address = `http://socket${request.url ?? "/"}`;
  if (!URL.canParse(address)) throw new SandboxError("bad-request");
  const url = new URL(address);
  const { common, speaks, mismatch } = versionFor(request, options);
  response.setHeader(PROTOCOL_HEADER, common === undefined ? rangeText(speaks) : String(common));
  if (url.pathname === HELLO && request.method === "GET") {
    const greeting: Greeting = { protocol: common ?? speaks.newest, ...options.identity, pid: process.pid };
    return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(greeting));
  }
  if (common === undefined) throw mismatch;
  const { route, params } = match(options.routes, request.method ?? "GET", url.pathname);
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const result = await route.handle({
    params,
    query: (schema) => parse(schema, Object.fromEntries(url.searchParams), "bad-request"),
    body: async (schema) => parse(schema, await readJson(request, options.maxBodyBytes ?? MAX_BODY_BYTES), "bad-body"),
    signal: gone.signal,
  });
  if ("lines" in result) return streamLines(response, result.lines, gone.signal);
  if (result.body === undefined) return void response.writeHead(result.status).end();
  const { type, payload } = pack(result.body, common);
  response.writeHead(result.status, { "content-type": type }).end(payload);
}

/** What to speak with whoever asks, and the refusal for who has nothing in common with this process. */
function versionFor(
  request: IncomingMessage,
  { speaks = SPOKEN, identity }: JsonServerOptions,
): { common: number | undefined; speaks: ProtocolRange; mismatch: SandboxError } {
  const theirs = peerRange(request.headers[PROTOCOL_HEADER]);
  const text = `this ${identity.process} speaks ${rangeText(speaks)}, who asks speaks ${rangeText(theirs)}`;
  return { common: highestCommon(speaks, theirs), speaks, mismatch: new SandboxError("protocol-mismatch", text) };
}

function match(
  routes: readonly JsonRoute[],
  method: string,
  pathname: string,
): { route: JsonRoute; params: Record<string, string> } {
  let known = false;
  for (const route of routes) {
    const params = matchPath(route.path, pathname);
    if (!params) continue;
    if (route.method === method) return { route, params };
    known = true;
  }
  throw new SandboxError(known ? "method-not-allowed" : "not-found", `${method} ${pathname.slice(0, 200)}`);
}

function matchPath(pattern: string, pathname: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = pathname.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new SandboxError("body-too-large");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new SandboxError("bad-body", "not JSON", { cause });
  }
}

function parse<T>(schema: ZodType<T>, value: unknown, code: "bad-body" | "bad-request"): T {
  try {
    return schema.parse(value);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const first = error.issues[0];
    throw new SandboxError(code, first && `${first.path.join(".")}: ${first.message}`, { cause: error });
  }
}

async function streamLines(
  response: ServerResponse,
  lines: (write: (value: unknown) => void, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.flushHeaders();
  await lines((value) => {
    if (signal.aborted) return;
    response.write(JSON.stringify(value) + "\n");
    if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
  }, signal);
  response.end();
}

function refuse(response: ServerResponse, error: unknown, options: JsonServerOptions): void {
  const known = error instanceof SandboxError ? error : new SandboxError("internal", undefined, { cause: error });
  if (known !== error) options.onInternalError(error);
  if (response.headersSent) return void response.destroy();
  const body = known.code === "internal" ? new SandboxError("internal").toBody() : known.toBody();
  // The rest of a refused body is not read.
  response.writeHead(known.status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify(body));
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // The socket is made inside `listen`; it must at no time be open to others.
    const before = process.umask(0o177);
    try {
      server.listen(socketPath, () => {
        server.off("error", reject);
        chmodSync(socketPath, 0o600);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

/** Removes what a process that is gone has left. @throws Error when one that lives serves the socket */
export async function removeStaleSocket(socketPath: string): Promise<void> {
  if (!lstatSync(socketPath, { throwIfNoEntry: false })?.isSocket()) return;
  if (await isAlive(socketPath)) throw new Error(`another process serves ${socketPath}`);
  unlinkSync(socketPath);
}

function isAlive(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socketPath);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    // One whose queue is full refuses too, and lives.
    probe.once("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT"),
    );
  });
}
