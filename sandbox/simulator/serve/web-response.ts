import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { isEventStream } from "../api/event-stream";
import { wholeBodyOf } from "../api/whole-body";
import { MAX_BODY_BYTES } from "./web-request";

/** What both versions of HTTP let one do with an answer. */
export interface AnswerStream {
  statusCode: number;
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  setHeader(name: string, value: string): unknown;
  /** In both; Node's types know of one. */
  flushHeaders?(): void;
  write(chunk: Uint8Array): boolean;
  end(chunk?: Uint8Array | string): unknown;
  once(event: "drain" | "close", listener: () => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
}

/** Writes a response as its body arrives; waits while the client is slow, cancels the body when it is gone. */
export async function writeResponse(to: AnswerStream, response: Response): Promise<void> {
  to.statusCode = response.status;
  for (const [name, value] of response.headers) to.setHeader(name, value);
  const whole = wholeBodyOf(response);
  const reader = whole === undefined ? response.body?.getReader() : undefined;
  if (!reader) {
    if (whole === undefined) to.end();
    else to.end(whole);
    return;
  }
  const isEvents = isEventStream(response);
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  to.once("close", cancel);
  try {
    let reading = reader.read();
    const first = await soon(reading);
    if (first?.done === false) {
      reading = reader.read();
      const second = await soon(reading);
      // One piece and no more: one write, with its length.
      if (second?.done) to.end(first.value);
      else to.write(first.value);
    } else to.flushHeaders?.(); // A watch shows that it has begun before its first event.
    for (let part = await reading; !part.done && !to.destroyed; part = await reader.read()) {
      if (!to.write(part.value)) await drained(to);
      // What comes within one turn goes out together; of a burst of events, what comes within a moment.
      else await (isEvents ? moment() : nextTurn());
    }
    if (!to.writableEnded) to.end();
  } finally {
    to.off("close", cancel);
  }
}

/** The answer to an upgrade that is refused, straight onto its socket; the connection ends with it. */
export async function writeRawResponse(socket: Socket, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.set("connection", "close");
  headers.set("content-length", String(body.length));
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  if (socket.writable)
    socket.end(
      Buffer.concat([
        Buffer.from(
          `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n`,
        ),
        body,
      ]),
    );
}

const FAILURES = {
  400: { reason: "BadRequest", message: "the request could not be understood" },
  413: { reason: "RequestEntityTooLarge", message: `Request entity too large: limit is ${MAX_BODY_BYTES}` },
  500: { reason: "InternalError", message: "Internal error occurred: the request could not be answered" },
} as const;

/** What the edge itself answers, as the API server words it. */
export function statusResponse(code: keyof typeof FAILURES): Response {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", ...FAILURES[code], code };
  return new Response(`${JSON.stringify(status)}\n`, { status: code, headers: { "content-type": "application/json" } });
}

/** What a promise gives within this turn of the event loop, if anything. */
async function soon<T>(promise: Promise<T>): Promise<T | undefined> {
  return await Promise.race([promise, nextTurn()]);
}

function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(resolve, undefined));
}

const MOMENT_MS = 4;

function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, MOMENT_MS));
}

async function drained(to: AnswerStream): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      to.off("drain", done);
      to.off("close", done);
      resolve();
    };
    to.once("drain", done);
    to.once("close", done);
  });
}
