import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import type { ZodType } from "zod";
import { errorBodySchema, SandboxError } from "../codes";
import { greetingSchema, type Greeting } from "../version";

/** Where a process of ours answers. */
export type Endpoint = { socketPath: string } | { host: string; port: number };

export interface CallOptions<T> {
  readonly body?: unknown;
  /** What the answer must be; without it the answer is not read. */
  readonly schema?: ZodType<T>;
  /** Default 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 30_000;

/** Calls a JSON API. Rejects with the `SandboxError` that the other side named, or `peer-unreachable`. */
export class JsonClient {
  readonly #endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  async call<T = void>(method: "GET" | "POST" | "DELETE", path: string, options: CallOptions<T> = {}): Promise<T> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    const response = await this.#send(method, path, options.body, signal);
    const text = await readAll(response);
    const status = response.statusCode ?? 0;
    if (status >= 400) throw refusalOf(status, text);
    if (!options.schema) return undefined as T; // what `T` is without a schema
    const parsed = options.schema.safeParse(parseJson(text));
    if (!parsed.success) throw new SandboxError("protocol-mismatch", `${method} ${path}`, { cause: parsed.error });
    return parsed.data;
  }

  /** The lines of an endless answer; ends when the other side does, and without an error when `signal` aborts. */
  async *lines<T>(path: string, schema: ZodType<T>, signal: AbortSignal): AsyncGenerator<T> {
    try {
      const response = await this.#send("GET", path, undefined, signal);
      if ((response.statusCode ?? 0) >= 400) throw refusalOf(response.statusCode ?? 0, await readAll(response));
      for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
        const parsed = schema.safeParse(parseJson(line));
        if (!parsed.success) throw new SandboxError("protocol-mismatch", path, { cause: parsed.error });
        yield parsed.data;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** @throws SandboxError `protocol-mismatch`, `instance-mismatch`, `peer-unreachable` */
  async greet(instance: string, process: Greeting["process"]): Promise<Greeting> {
    const greeting = await this.call("GET", "/v1/hello", { schema: greetingSchema, timeoutMs: 2_000 });
    if (greeting.instance !== instance || greeting.process !== process) {
      throw new SandboxError("instance-mismatch", `${greeting.process} of ${greeting.instance}`);
    }
    return greeting;
  }

  #send(method: string, path: string, body: unknown, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const unreachable = (cause: unknown): void =>
        reject(new SandboxError("peer-unreachable", `${method} ${path}`, { cause }));
      let request: ClientRequest;
      try {
        const headers = body === undefined ? {} : { "content-type": "application/json" };
        request = httpRequest({ ...this.#endpoint, method, path, headers, signal, agent: false });
      } catch (cause) {
        unreachable(cause);
        return;
      }
      request.on("response", resolve);
      request.on("error", unreachable);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function refusalOf(status: number, text: string): SandboxError {
  const { data } = errorBodySchema.safeParse(parseJson(text));
  return data
    ? new SandboxError(data.error.code, data.error.detail)
    : new SandboxError("protocol-mismatch", `HTTP ${status}`);
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (cause) {
    throw new SandboxError("peer-unreachable", "the answer broke off", { cause });
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what no schema accepts
  }
}
