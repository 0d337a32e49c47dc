import { X509Certificate } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { ClusterPki } from "../../simulator/serve/pki";
import type { Upstream } from "./upstream";

export interface RelayOptions {
  readonly socketPath: string;
  /** Serve a free loopback port too. */
  readonly loopback: boolean;
  readonly pki: ClusterPki;
  /** Known once the cluster is there; requests wait for it. */
  readonly target: Promise<RelayTarget>;
  readonly onWrite: () => void;
}

export interface RelayTarget {
  /** Who the learner is. */
  readonly learner: Upstream;
  /** The authority that signs client certificates in the cluster, PEM, where the learner may speak for others. */
  readonly clientCa?: string;
}

type Identity = { kind: "learner" } | { kind: "certificate"; user: string; groups: string[] } | { kind: "nobody" };

// https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"]);

/**
 * One learner's door to a real API server: TLS with an authority of the sandbox's own, on a unix socket. What comes with
 * the learner's certificate goes on with their credentials, which never leave this process; what comes with a token goes
 * on as it is; a certificate that the cluster itself has signed is vouched for by impersonation.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Socket>();
  readonly #own: X509Certificate;
  #clientCa: string | undefined;

  private constructor(options: RelayOptions) {
    this.#options = options;
    this.#own = new X509Certificate(options.pki.ca.cert);
  }

  /** Resolves once it listens. */
  static async open(options: RelayOptions): Promise<Relay> {
    const relay = new Relay(options);
    // A socket that a process left behind when it was killed.
    rmSync(options.socketPath, { force: true });
    await relay.#listen((server) => server.listen(options.socketPath));
    // The folder it lies in decides who gets there.
    chmodSync(options.socketPath, 0o666);
    if (options.loopback) await relay.#listen((server) => server.listen(0, "127.0.0.1"));
    void options.target.then(
      ({ clientCa }) => relay.#trust(clientCa),
      () => undefined,
    );
    return relay;
  }

  /** 0 without a loopback port. */
  get port(): number {
    const address = this.#servers.at(-1)?.address();
    return isPort(address) ? address.port : 0;
  }

  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const connection of this.#connections) connection.destroy();
    await Promise.all(closed);
    rmSync(this.#options.socketPath, { force: true });
  }

  async #listen(start: (server: Server) => void): Promise<void> {
    const server = createServer({
      ...this.#tls(),
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      ALPNProtocols: ["http/1.1"],
      // Watches live as long as whoever looks at them.
      requestTimeout: 0,
    });
    server.on("secureConnection", (socket: TLSSocket) => {
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      this.#connections.add(socket);
      socket.once("close", () => this.#connections.delete(socket));
    });
    server.on("request", (request, response) => void this.#pass(request, response));
    server.on("upgrade", (request, socket, head) => void this.#passUpgrade(request, socket, head));
    server.on("clientError", (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.once("listening", resolve);
      start(server);
    });
    this.#servers.push(server);
  }

  #tls(): { key: string; cert: string; ca: string[] } {
    const { serving, ca } = this.#options.pki;
    return { ...serving, ca: [ca.cert, ...(this.#clientCa === undefined ? [] : [this.#clientCa])] };
  }

  #trust(clientCa: string | undefined): void {
    this.#clientCa = clientCa;
    if (clientCa !== undefined) for (const server of this.#servers) server.setSecureContext(this.#tls());
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    if (!isLook(request)) this.#options.onWrite();
    try {
      const outgoing = await this.#open(request, gone.signal);
      outgoing.once("response", (incoming) => {
        response.writeHead(incoming.statusCode ?? 502, withoutHops(incoming));
        // A watch's head is news of its own.
        response.flushHeaders();
        incoming.on("error", () => response.destroy());
        incoming.pipe(response);
      });
      outgoing.on("error", (error) => (gone.signal.aborted ? undefined : refuse(response, error)));
      request.pipe(outgoing);
    } catch (error) {
      if (!gone.signal.aborted) refuse(response, error);
    }
  }

  /** exec, attach and port-forward: once both sides have changed protocols, bytes. */
  async #passUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#options.onWrite();
    const gone = new AbortController();
    socket.on("error", () => socket.destroy());
    socket.once("close", () => gone.abort());
    try {
      const outgoing = await this.#open(request, gone.signal, {
        connection: "Upgrade",
        upgrade: request.headers.upgrade ?? "",
      });
      outgoing.once("upgrade", (incoming: IncomingMessage, other: Duplex, first: Buffer) => {
        other.on("error", () => socket.destroy());
        other.once("close", () => socket.destroy());
        socket.once("close", () => other.destroy());
        socket.write(rawHead(incoming, 101));
        if (first.length > 0) socket.write(first);
        if (head.length > 0) other.write(head);
        other.pipe(socket);
        socket.pipe(other);
      });
      outgoing.once("response", (incoming: IncomingMessage) => {
        socket.write(rawHead(incoming, incoming.statusCode ?? 502));
        incoming.pipe(socket);
      });
      outgoing.on("error", () => socket.destroy());
      outgoing.end();
    } catch {
      // There is no server behind it, or none any more.
      socket.destroy();
    }
  }

  async #open(request: IncomingMessage, signal: AbortSignal, extra: Readonly<Record<string, string>> = {}) {
    const { learner } = await this.#options.target;
    const identity = this.#identityOf(request.socket);
    const headers = { ...withoutHops(request), ...extra };
    // Each hop frames a body of unknown length for itself; Node would not for every method.
    if (request.headers["transfer-encoding"] !== undefined) headers["transfer-encoding"] = "chunked";
    const outgoing = { method: request.method ?? "GET", path: request.url ?? "/", headers, signal };
    switch (identity.kind) {
      case "learner":
        delete headers["authorization"];
        return learner.open(outgoing);
      case "certificate":
        delete headers["authorization"];
        for (const name of Object.keys(headers))
          if (name.startsWith("impersonate-")) Reflect.deleteProperty(headers, name);
        headers["impersonate-user"] = identity.user;
        headers["impersonate-group"] = identity.groups;
        return learner.open(outgoing);
      case "nobody":
        return learner.as().open(outgoing);
    }
  }

  #identityOf(socket: Socket): Identity {
    const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
    if (!certificate) return { kind: "nobody" };
    if (certificate.checkIssued(this.#own) && certificate.verify(this.#own.publicKey)) return { kind: "learner" };
    const parts = certificate.subject.split("\n").map((line) => line.split("="));
    const of = (name: string): string[] => parts.flatMap(([key, ...value]) => (key === name ? [value.join("=")] : []));
    return { kind: "certificate", user: of("CN").at(-1) ?? "", groups: [...of("O"), "system:authenticated"] };
  }
}

function isLook({ method }: IncomingMessage): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

function withoutHops(message: IncomingMessage): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    if (HOP_BY_HOP.has(name) || name === "upgrade" || values === undefined) continue;
    headers[name] = values.length === 1 && values[0] !== undefined ? values[0] : values;
  }
  return headers;
}

function rawHead(message: IncomingMessage, status: number): string {
  const lines = [`HTTP/1.1 ${status} ${message.statusMessage ?? ""}`];
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    const name = message.rawHeaders[i] ?? "";
    if (status !== 101 && HOP_BY_HOP.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${message.rawHeaders[i + 1] ?? ""}`);
  }
  if (status !== 101) lines.push("Connection: close");
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** As an API server would say that what is behind it does not answer. */
function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const message = `the cluster does not answer: ${error instanceof Error ? error.message : String(error)}`;
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "ServiceUnavailable", code: 503 };
  response.writeHead(503, { "content-type": "application/json" });
  response.end(JSON.stringify({ ...status, message }));
}

function isPort(address: AddressInfo | string | null | undefined): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
