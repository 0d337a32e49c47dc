import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { ZodError } from "zod";
import { SandboxError } from "../protocol/codes";
import { MAX_CLIENT_FRAME_BYTES } from "../protocol/terminal-frames";
import { terminalAttachQuerySchema, terminalCreateSchema, terminalIdSchema } from "../protocol/terminal-host-api";
import { PROTOCOL, TERMINAL_SUBPROTOCOL, type Greeting } from "../protocol/version";
import { serveViewer } from "./viewer-socket";
import type { Terminals } from "./terminals";

const MAX_BODY_BYTES = 2 * 1024 * 1024;

export interface HostServerOptions {
  instance: string;
  terminals: Terminals;
  /** An answer of 500: something that should not happen. */
  onFault: (error: unknown) => void;
}

/** The terminal-host's API (protocol/terminal-host-api.ts), not yet listening. */
export function createHostServer({ instance, terminals, onFault }: HostServerOptions): Server {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_CLIENT_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(TERMINAL_SUBPROTOCOL) ? TERMINAL_SUBPROTOCOL : false),
  });
  const greeting: Greeting = { protocol: PROTOCOL, instance, process: "terminal-host", pid: process.pid };

  const server = createServer((request, response) => {
    answer(request, greeting, terminals).then(
      ({ status, body }) => reply(response, status, body),
      (error: unknown) => {
        const refusal = refusalOf(error, onFault);
        reply(response, refusal.status, refusal.toBody());
      },
    );
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    try {
      const { session, from } = attachment(request, terminals);
      sockets.handleUpgrade(request, socket, head, (client) => serveViewer(client, session, from));
    } catch (error) {
      refuseUpgrade(socket, refusalOf(error, onFault));
    }
  });
  return server;
}

interface Answer {
  status: number;
  body?: unknown;
}

async function answer(request: IncomingMessage, greeting: Greeting, terminals: Terminals): Promise<Answer> {
  const { method } = request;
  const [version, collection, id, rest] = pathOf(request);
  if (version !== "v1") throw new SandboxError("not-found");
  if (collection === "hello" && id === undefined && method === "GET") return { status: 200, body: greeting };
  if (collection !== "terminals") throw new SandboxError("not-found");
  if (id === undefined) {
    if (method === "GET") return { status: 200, body: { terminals: terminals.list() } };
    if (method === "POST")
      return { status: 201, body: terminals.create(terminalCreateSchema.parse(await json(request))) };
    throw new SandboxError("method-not-allowed");
  }
  if (rest === "attach") throw new SandboxError("upgrade-required");
  if (rest !== undefined) throw new SandboxError("not-found");
  if (method === "GET") return { status: 200, body: terminals.view(terminalId(id)) };
  if (method !== "DELETE") throw new SandboxError("method-not-allowed");
  await terminals.remove(terminalId(id));
  return { status: 204 };
}

function attachment(request: IncomingMessage, terminals: Terminals) {
  const [version, collection, id, rest] = pathOf(request);
  if (version !== "v1" || collection !== "terminals" || id === undefined || rest !== "attach") {
    throw new SandboxError("not-found");
  }
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(TERMINAL_SUBPROTOCOL)) throw new SandboxError("protocol-mismatch", "no slipway.v1 offered");
  const { from } = terminalAttachQuerySchema.parse({ from: urlOf(request).searchParams.get("from") ?? undefined });
  return { session: terminals.session(terminalId(id)), from };
}

function terminalId(text: string): string {
  const parsed = terminalIdSchema.safeParse(text);
  if (!parsed.success) throw new SandboxError("terminal-not-found");
  return parsed.data;
}

function urlOf(request: IncomingMessage): URL {
  const path = request.url ?? "/";
  const base = "http://terminal-host";
  if (!URL.canParse(path, base)) throw new SandboxError("bad-request", "not a path");
  return new URL(path, base);
}

function pathOf(request: IncomingMessage): string[] {
  return urlOf(request).pathname.split("/").slice(1);
}

async function json(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_BODY_BYTES) throw new SandboxError("body-too-large");
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new SandboxError("bad-body", "not JSON", { cause });
  }
}

function refusalOf(error: unknown, onFault: (error: unknown) => void): SandboxError {
  if (error instanceof SandboxError) return error;
  if (error instanceof ZodError) return new SandboxError("bad-body", error.message, { cause: error });
  onFault(error);
  return new SandboxError("internal", undefined, { cause: error });
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  const text = JSON.stringify(body);
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
    .end(text);
}

function refuseUpgrade(socket: Duplex, refusal: SandboxError): void {
  const text = JSON.stringify(refusal.toBody());
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? "Refused"}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(text)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${text}`);
}
