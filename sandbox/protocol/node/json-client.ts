import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import type { ZodType } from "zod";
import { errorBodySchema, SandboxError } from "../codes";
import {
  greetingSchema,
  highestCommon,
  peerRange,
  PROTOCOL_HEADER,
  rangeText,
  SPOKEN,
  type Greeting,
  type ProtocolRange,
} from "../version";
import { PACKED, unpack } from "./packed";

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
  readonly #speaks: ProtocolRange;

  constructor(endpoint: Endpoint, speaks: ProtocolRange = SPOKEN) {
    this.#endpoint = endpoint;
    this.#speaks = speaks;
  }

  async call<T = void>(method: "GET" | "POST" | "DELETE", path: string, options: CallOptions<T> = {}): Promise<T> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    const response = await this.#send(method, path, options.body, signal);
    const payload = await readAll(response);
    const status = response.statusCode ?? 0;
    if (status >= 400) throw refusalOf(status, payload);
    if (!options.schema) return undefined as T; // what `T` is without a schema
    const answer = response.headers["content-type"] === PACKED ? unpack(payload) : parseJson(payload.toString("utf8"));
    const parsed = options.schema.safeParse(answer);
    if (!parsed.success) throw new SandboxError("protocol-mismatch", `${method} ${path}`, { cause: parsed.error });
    return parsed.data;
  }

  /** The lines of an endless answer; ends when the other side does, and without an error when `signal` aborts. */
  async *lines<T>(path: string, schema: ZodType<T>, signal: AbortSignal): AsyncGenerator<T> {
    try {
      const response = await this.#send("GET", path, undefined, signal);
      if ((response.statusCode ?? 0) >= 400) throw refusalOf(response.statusCode ?? 0, await readAll(response));
      for await (const line of linesOf(response)) {
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
    const response = await this.#send("GET", "/v1/hello", undefined, AbortSignal.timeout(2_000), "any version");
    const parsed = greetingSchema.safeParse(parseJson((await readAll(response)).toString("utf8")));
    if (!parsed.success) throw new SandboxError("protocol-mismatch", "no greeting", { cause: parsed.error });
    const greeting = parsed.data;
    const theirs = peerRange(response.headers[PROTOCOL_HEADER]);
    if (highestCommon(this.#speaks, theirs) === undefined) {
      const text =
        `${greeting.process} (process ${greeting.pid}) speaks protocol ${rangeText(theirs)}, this release ` +
        `${rangeText(this.#speaks)}. Start a release that speaks with it, or end that process: what runs in it ends with it`;
      throw new SandboxError("protocol-mismatch", text);
    }
    if (greeting.instance !== instance || greeting.process !== process) {
      throw new SandboxError("instance-mismatch", `${greeting.process} of ${greeting.instance}`);
    }
    return greeting;
  }

  /** @throws SandboxError `protocol-mismatch` when the answer is in a version that is not spoken here */
  #send(
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal,
    accepts: "spoken versions" | "any version" = "spoken versions",
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const unreachable = (cause: unknown): void =>
        reject(new SandboxError("peer-unreachable", `${method} ${path}`, { cause }));
      let request: ClientRequest;
      try {
        const headers = {
          [PROTOCOL_HEADER]: rangeText(this.#speaks),
          ...(body !== undefined && { "content-type": "application/json" }),
        };
        request = httpRequest({ ...this.#endpoint, method, path, headers, signal, agent: false });
      } catch (cause) {
        unreachable(cause);
        return;
      }
      request.on("response", (response) => {
        const theirs = peerRange(response.headers[PROTOCOL_HEADER]);
        if (accepts === "any version" || highestCommon(this.#speaks, theirs) !== undefined) {
          resolve(response);
          return;
        }
        response.destroy();
        const text = `${method} ${path}: answered in ${rangeText(theirs)}, spoken here ${rangeText(this.#speaks)}`;
        reject(new SandboxError("protocol-mismatch", text));
      });
      request.on("error", unreachable);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function refusalOf(status: number, payload: Buffer): SandboxError {
  const { data } = errorBodySchema.safeParse(parseJson(payload.toString("utf8")));
  return data
    ? new SandboxError(data.error.code, data.error.detail)
    : new SandboxError("protocol-mismatch", `HTTP ${status}`);
}

/** Without the end of the last one where it was cut off; then the response says why. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let begun = "";
  response.setEncoding("utf8");
  for await (const chunk of response as AsyncIterable<string>) {
    const lines = (begun + chunk).split("\n");
    begun = lines.pop() ?? "";
    yield* lines;
  }
  if (begun !== "") yield begun;
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (cause) {
    throw new SandboxError("peer-unreachable", "the answer broke off", { cause });
  }
  return Buffer.concat(chunks);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what no schema accepts
  }
}
