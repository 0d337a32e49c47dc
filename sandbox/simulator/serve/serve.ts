import { constants } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { WebSocketServer } from "ws";
import type { Channel, HttpHandler, Peer } from "../api/channel";
import type { KeyPair } from "./certificate-authority";
import { SocketChannel } from "./socket-channel";
import { readBody, toWebRequest } from "./web-request";
import { statusResponse, writeRawResponse, writeResponse } from "./web-response";
import { WebSocketChannel } from "./web-socket-channel";

export type Listen = { readonly port: number; readonly host?: string } | { readonly socketPath: string };

export interface ServeOptions {
  /** Port 0 takes a free one; the host is 127.0.0.1 unless said otherwise. */
  readonly listen: Listen;
  readonly tls: KeyPair & {
    /** The authority that client certificates must be signed by, PEM. */
    readonly clientCa: string;
  };
  /** Faults of the handler itself, already answered with a 500. */
  readonly onError?: (error: unknown) => void;
}

export interface Server {
  /** `https://127.0.0.1:40123`; for a socket the name that the certificate carries. */
  readonly url: string;
  /** 0 on a unix socket. */
  readonly port: number;
  /** Stops listening and ends every connection, watches and exec sessions too. Twice is harmless. */
  close(): Promise<void>;
}

type AnyRequest = IncomingMessage | Http2ServerRequest;
type AnyResponse = ServerResponse | Http2ServerResponse;

/** As kube-apiserver has it: https://github.com/kubernetes/kubernetes (http2-max-streams-per-connection). */
const MAX_CONCURRENT_STREAMS = 1000;

/**
 * Puts the API server behind TLS: HTTP/2, HTTP/1.1 with keep-alive, and upgrades of the latter to WebSocket or SPDY. A client certificate is verified
 * and handed on as the `Peer`; without one the handler sees an anonymous peer. Resolves once it listens, rejects when
 * it cannot. A request's `signal` aborts when its client goes away.
 */
export async function serve(
  handler: HttpHandler,
  { listen, tls, onError = () => undefined }: ServeOptions,
): Promise<Server> {
  const https = createSecureServer({
    allowHTTP1: true,
    key: tls.key,
    cert: tls.cert,
    ca: tls.clientCa,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
    // kubectl is a new process each time and resumes nothing: two tickets for each connection would be made in vain.
    secureOptions: constants.SSL_OP_NO_TICKET,
    ALPNProtocols: ["h2", "http/1.1"],
    settings: { maxConcurrentStreams: MAX_CONCURRENT_STREAMS },
  });
  const connections = new Set<Socket>();
  https.on("secureConnection", (socket: TLSSocket) => {
    socket.setNoDelay(true);
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  https.on("sessionError", () => undefined); // the connection is gone; its streams have heard
  const upgrades = new Upgrades(handler, onError);
  https.on("request", (message, response) => void answer(handler, message, response, onError));
  https.on(
    "upgrade",
    (message: IncomingMessage, socket: Socket, head: Buffer) => void upgrades.handle(message, socket, head),
  );
  https.on("clientError", (_error: Error, socket: Socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    else socket.destroy();
  });
  await listening(https, listen);
  const address = https.address();
  const port = isPort(address) ? address.port : 0;
  let closed: Promise<void> | undefined;
  return {
    url: isPort(address) ? `https://${address.address}:${port}` : "https://localhost",
    port,
    close: () => (closed ??= closeAll(https, upgrades, connections)),
  };
}

async function answer(
  handler: HttpHandler,
  message: AnyRequest,
  response: AnyResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  const gone = new AbortController();
  // Making the reason of an abort costs more than a small answer: only who leaves early needs one.
  response.once("close", () => (response.writableEnded ? undefined : gone.abort()));
  try {
    const body = await readBody(message);
    if (body === "too large") {
      if (message.httpVersionMajor === 1) response.setHeader("connection", "close");
      await writeResponse(response, statusResponse(413));
      return;
    }
    const request = toWebRequest(message, body, gone.signal);
    const answered = request ? await handler.fetch(request, peerOf(message)) : statusResponse(400);
    await writeResponse(response, answered);
  } catch (error) {
    if (gone.signal.aborted) return;
    onError(error);
    if (response.headersSent) response.destroy();
    else await writeResponse(response, statusResponse(500)).catch(() => response.destroy());
  }
}

/** WebSocket and SPDY sessions, from the request to their end. */
class Upgrades {
  readonly #handler: HttpHandler;
  readonly #onError: (error: unknown) => void;
  readonly #chosen = new WeakMap<IncomingMessage, string>();
  readonly #open = new Set<{ destroy(): void }>();
  readonly #sockets: WebSocketServer;

  constructor(handler: HttpHandler, onError: (error: unknown) => void) {
    this.#handler = handler;
    this.#onError = onError;
    this.#sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: 4 * 1024 * 1024,
    });
    this.#sockets.on("headers", (headers, message) => {
      const protocol = this.#chosen.get(message);
      if (protocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
    });
  }

  async handle(message: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const gone = new AbortController();
    const entry = { destroy: () => socket.destroy() };
    this.#open.add(entry);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      this.#open.delete(entry);
      gone.abort();
    });
    try {
      const request = toWebRequest(message, undefined, gone.signal);
      const upgrade = request && (await this.#handler.connect(request, peerOf(message)));
      const asked = upgrade?.kind === "accept" && upgrade.spdy ? "spdy/3.1" : "websocket";
      if (upgrade?.kind !== "accept" || message.headers.upgrade?.toLowerCase() !== asked) {
        await writeRawResponse(socket, upgrade?.kind === "refuse" ? upgrade.response : statusResponse(400));
        return;
      }
      if (upgrade.spdy) {
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${upgrade.protocol}\r\n\r\n`,
        );
        const channel = new SocketChannel(socket, head, upgrade.protocol);
        void this.#run(upgrade.run(channel), channel);
        return;
      }
      if (upgrade.protocol !== "") this.#chosen.set(message, upgrade.protocol);
      // The library knows tokens only; "SPDY/3.1+portforward.k8s.io" is none. The handler has chosen already.
      delete message.headers["sec-websocket-protocol"];
      this.#sockets.handleUpgrade(message, socket, head, (webSocket) => {
        const channel = new WebSocketChannel(webSocket, upgrade.protocol);
        void this.#run(upgrade.run(channel), channel);
      });
    } catch (error) {
      this.#onError(error);
      await writeRawResponse(socket, statusResponse(500));
    }
  }

  closeAll(): void {
    for (const entry of this.#open) entry.destroy();
    this.#sockets.close();
  }

  async #run(session: Promise<void>, channel: Channel & { readonly closed: boolean }): Promise<void> {
    try {
      await session;
      channel.close(1000);
    } catch (error) {
      if (!channel.closed) this.#onError(error);
      channel.close(1011);
    }
  }
}

/** Subject of the client's certificate, when it has one that our authority signed. Read once per connection. */
function peerOf(message: AnyRequest): Peer {
  // HTTP/2 shows each stream a shell of its socket; the session is what they have in common.
  const connection = "stream" in message ? (message.stream.session ?? message.stream) : message.socket;
  const socket = "stream" in message ? message.stream.session?.socket : message.socket;
  const known = peers.get(connection);
  if (known) return known;
  const peer: Peer = socket instanceof TLSSocket && socket.authorized ? { certificate: subjectOf(socket) } : {};
  peers.set(connection, peer);
  return peer;
}

// Keyed by live sockets only.
const peers = new WeakMap<object, Peer>();

function subjectOf(socket: TLSSocket): NonNullable<Peer["certificate"]> {
  const { CN, O } = socket.getPeerCertificate().subject;
  // Node gives a list where a part of the name occurs more than once; its types do not say so.
  const list = (part: unknown): string[] =>
    (Array.isArray(part) ? part : [part]).filter((entry) => typeof entry === "string");
  return { commonName: list(CN).at(-1) ?? "", organizations: list(O) };
}

async function listening(https: Http2SecureServer, listen: Listen): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    https.once("error", reject);
    https.once("listening", resolve);
    if ("socketPath" in listen) https.listen(listen.socketPath);
    else https.listen(listen.port, listen.host ?? "127.0.0.1");
  });
  https.removeAllListeners("error");
  https.on("error", () => undefined);
}

async function closeAll(https: Http2SecureServer, upgrades: Upgrades, connections: Iterable<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => https.close(() => resolve()));
  upgrades.closeAll();
  for (const connection of connections) connection.destroy();
  await closed;
}

function isPort(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
