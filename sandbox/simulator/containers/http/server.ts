import { BrokenPipeError } from "../../pipe";
import { ConnectionResetError, type Connection } from "../../network/network";
import { ProcessKilled } from "../processes/program";
import type { Process } from "../processes/process";
import { hasBody, HttpFormatError, type MessageHead, MessageReader } from "./message";

export interface HttpRequest {
  readonly method: string;
  /** As it was asked for: path and query. */
  readonly target: string;
  readonly version: string;
  readonly head: MessageHead;
  readonly remote: { readonly address: string; readonly port: number };
  readonly port: number;
}

export interface HttpReply {
  readonly status: number;
  readonly reason: string;
  /** In the order they are sent; Content-Length and Connection are added. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

export interface HttpServer {
  /** Takes no new connections and ends idle ones; resolves when what was being answered is done. */
  drain(): Promise<void>;
}

/** Serves HTTP/1.1 on a port for as long as the process lives. Throws `AddressInUseError`. */
export function serveHttp(
  process: Process,
  port: number,
  answer: (request: HttpRequest) => HttpReply | Promise<HttpReply>,
  badRequest: HttpReply,
): HttpServer {
  const connections = new Set<Connection>();
  const busy = new Set<Promise<void>>();
  let draining = false;
  const isDraining = (): boolean => draining;
  const listener = process.machine.network.listen({ port }, (connection) => {
    connections.add(connection);
    // One client's trouble must not end the server for all.
    const work = converse(connection)
      .catch(() => connection.reset())
      .finally(() => connections.delete(connection));
    busy.add(work);
    void work.finally(() => busy.delete(work));
  });
  const idle = new Set<Connection>();
  process.onEnd(() => {
    listener.close();
    for (const connection of connections) connection.reset();
  });

  async function converse(connection: Connection): Promise<void> {
    const messages = new MessageReader(connection.reader);
    try {
      for (;;) {
        idle.add(connection);
        const head = await messages.head();
        idle.delete(connection);
        if (!head || isDraining() || !process.running) break;
        const [method, target, version, ...more] = head.start.split(" ");
        if (!method || !target || !version?.startsWith("HTTP/") || more.length > 0) {
          await send(connection, badRequest, false, false);
          break;
        }
        if (hasBody(head)) await drainBody(messages, head);
        const request = { method, target, version, head, remote: connection.remote, port };
        process.machine.meter.busy(REQUEST_MS);
        const reply = await answer(request);
        const wish = head.headers.get("connection")?.toLowerCase();
        const keep = !isDraining() && (version === "HTTP/1.1" ? wish !== "close" : wish === "keep-alive");
        await send(connection, reply, keep, method === "HEAD");
        if (!keep) break;
      }
    } catch (error) {
      if (error instanceof HttpFormatError) await send(connection, badRequest, false, false).catch(ignoreGone);
      else ignoreGone(error);
    } finally {
      connection.writer.end();
      connection.reader.cancel();
    }
  }

  return {
    drain: async () => {
      draining = true;
      listener.close();
      for (const connection of idle) connection.reader.cancel();
      for (const connection of idle) connection.writer.end();
      for (const connection of idle) connection.reset();
      await process.until(Promise.all(busy).then(() => undefined));
    },
  };
}

/** What a server is busy for each request, beside what its answer takes. */
const REQUEST_MS = 0.4;

/** A request's body is read and dropped: nothing here takes one. */
async function drainBody(messages: MessageReader, head: MessageHead): Promise<void> {
  const pieces = messages.body(head, false);
  while (!(await pieces.next()).done);
}

const ENCODER = new TextEncoder();

async function send(connection: Connection, reply: HttpReply, keep: boolean, headOnly: boolean): Promise<void> {
  const bodiless = reply.status === 304 || reply.status === 204;
  const lines = [`HTTP/1.1 ${reply.status} ${reply.reason}`];
  for (const [name, value] of reply.headers) lines.push(`${name}: ${value}`);
  if (!bodiless && !reply.headers.some(([name]) => name === "Content-Length"))
    lines.push(`Content-Length: ${reply.body.byteLength}`);
  lines.push(`Connection: ${keep ? "keep-alive" : "close"}`);
  await connection.writer.write(ENCODER.encode(`${lines.join("\r\n")}\r\n\r\n`));
  if (!headOnly && !bodiless && reply.body.byteLength > 0) await connection.writer.write(reply.body);
}

/** The client went away, or this process did: nothing is left to say to it. */
function ignoreGone(error: unknown): void {
  const gone =
    error instanceof BrokenPipeError || error instanceof ConnectionResetError || error instanceof ProcessKilled;
  if (!gone && !(error instanceof HttpFormatError)) throw error;
}
