import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { Agent, request as httpsRequest, type AgentOptions } from "node:https";
import { Readable } from "node:stream";
import { WebSocket } from "ws";
import { HttpClient } from "../../simulator/client/http-client";

export interface UpstreamOptions {
  /** Scheme, host and port; a path before the API's own is kept. */
  readonly server: URL;
  readonly tls: Pick<AgentOptions, "ca" | "cert" | "key" | "servername" | "rejectUnauthorized">;
  /** A bearer token, asked for with every request. */
  readonly token?: () => Promise<string>;
}

export interface Outgoing {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly signal?: AbortSignal;
}

const FIELD_MANAGER = "slipway";

/** A real API server, and who one is there. */
export class Upstream {
  readonly #options: UpstreamOptions;
  readonly #agent: Agent | HttpAgent;

  constructor(options: UpstreamOptions) {
    this.#options = options;
    const keep = { keepAlive: true, maxFreeSockets: 4, timeout: 0 };
    this.#agent = options.server.protocol === "https:" ? new Agent({ ...keep, ...options.tls }) : new HttpAgent(keep);
  }

  get server(): URL {
    return this.#options.server;
  }

  /** The same server for somebody else; without a token, for nobody in particular. */
  as(token?: () => Promise<string>): Upstream {
    const { server, tls } = this.#options;
    return new Upstream({ server, tls: { ...tls, cert: undefined, key: undefined }, token });
  }

  /** A request that is ready to be written to; its head is sent with the first byte. */
  async open({ method, path, headers, signal }: Outgoing): Promise<ClientRequest> {
    const { server, token } = this.#options;
    const send = server.protocol === "https:" ? httpsRequest : httpRequest;
    const all: Record<string, string | string[]> = {};
    for (const [name, value] of Object.entries(headers)) all[name] = typeof value === "string" ? value : [...value];
    all["host"] = server.host;
    if (token) all["authorization"] = `Bearer ${await token()}`;
    return send({
      host: server.hostname,
      port: server.port === "" ? undefined : Number(server.port),
      path: server.pathname.replace(/\/$/, "") + path,
      method,
      headers: all,
      agent: this.#agent,
      signal,
    });
  }

  /** A WebSocket, on its way; what is refused ends it with an error. */
  async socket(path: string, protocol: string): Promise<WebSocket> {
    const { server, tls, token } = this.#options;
    const url = `${server.protocol === "https:" ? "wss" : "ws"}://${server.host}${server.pathname.replace(/\/$/, "")}${path}`;
    const headers = token ? { authorization: `Bearer ${await token()}` } : {};
    return new WebSocket(url, protocol, { ...tls, headers, perMessageDeflate: false, handshakeTimeout: 10_000 });
  }

  client(): HttpClient {
    const fetch = (request: Request): Promise<Response> => this.#fetch(request);
    return new HttpClient({ server: this.#options.server.origin, fetch, fieldManager: FIELD_MANAGER });
  }

  /** One document. @throws Error with what the server says */
  async json(path: string, signal?: AbortSignal): Promise<unknown> {
    const request = new Request(new URL(path, this.#options.server), {
      headers: { accept: "application/json" },
      signal,
    });
    const response = await this.#fetch(request);
    const body = await response.text();
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${body.slice(0, 500)}`);
    return JSON.parse(body);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const body = request.body ? Buffer.from(await request.arrayBuffer()) : undefined;
    const outgoing = await this.open({
      method: request.method,
      path: url.pathname + url.search,
      // Without a length Node sends a DELETE's body with no frame around it.
      headers: { ...Object.fromEntries(request.headers), ...(body && { "content-length": String(body.length) }) },
      signal: request.signal,
    });
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once("response", resolve);
      outgoing.on("error", reject);
      outgoing.end(body);
    });
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headersDistinct)) {
      for (const one of value ?? []) headers.append(name, one);
    }
    return new Response(asWebStream(incoming), { status: incoming.statusCode, headers });
  }
}

function asWebStream(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  // A watch that is given up aborts its request; the stream has no reader left to tell.
  incoming.on("error", () => undefined);
  // Node's own type for what is the same stream.
  return Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
}
