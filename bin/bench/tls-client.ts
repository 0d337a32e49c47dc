import { Agent, request } from "node:https";

/** Where a server is and how to get in. All texts are PEM. */
export interface TlsAccess {
  /** `https://127.0.0.1:40123` */
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A client that keeps its connections, as client-go does. */
export class TlsClient {
  readonly #access: TlsAccess;
  readonly #agent: Agent;

  constructor(access: TlsAccess, connections: number) {
    this.#access = access;
    const { ca, cert, key } = access;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, ca, cert, key });
  }

  /** The body's text. Rejects when the server answers with an error. */
  send(method: string, path: string, body?: string, accept = "application/json"): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = {
        accept,
        ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      };
      const sent = request(this.#access.url + path, { method, headers, agent: this.#agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const { statusCode = 0 } = response;
          if (statusCode < 400) resolve(text);
          else reject(new Error(`${method} ${path}: ${statusCode} ${text.slice(0, 300)}`));
        });
        response.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** Counts lines of an answer that goes on. Resolves once it has begun; `stop` ends it. */
  countLines(path: string, onLines: (count: number) => void): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const sent = request(this.#access.url + path, { agent: this.#agent }, (response) => {
        response.on("data", (chunk: Buffer) => onLines(linesIn(chunk)));
        response.on("error", () => undefined); // ended by us
        resolve(() => sent.destroy());
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function linesIn(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count++;
  return count;
}
