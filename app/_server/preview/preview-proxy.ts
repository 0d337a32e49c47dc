import { request as httpRequest, type ClientRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Transform, pipeline, type Duplex } from "node:stream";
import { SandboxError } from "@/sandbox/protocol/codes";
import { headersForBrowser, headersForPod } from "./preview-headers";
import { answerWithPage } from "./preview-page";
import type { PreviewTarget } from "./preview-hosts";

/** What one request through a preview may cost. */
export const PREVIEW_LIMITS = {
  /** Of what a browser sends. */
  requestBytes: 16 * 1024 * 1024,
  /** Of what a pod answers, also over a WebSocket. */
  answerBytes: 256 * 1024 * 1024,
  /** Until the first line of an answer. */
  answerWithinMs: 30_000,
  /** Without a byte either way. */
  idleMs: 120_000,
} as const;

/** Where a request goes, and as whose. */
export interface Passage {
  readonly target: PreviewTarget;
  /** The preview's own host and port. */
  readonly host: string;
  readonly scheme: "http" | "https";
  /** The name of the cookie with the pass. */
  readonly cookie: string;
  /** A connection to the pod. */
  readonly tunnel: Socket;
}

/** Passes one request on and its answer back, both as they come. */
export function passRequest(request: IncomingMessage, response: ServerResponse, passage: Passage): void {
  const upstream = ask(request, passage);
  const refuse = (code: "connection-timeout" | "preview-answer" | "body-too-large"): void => {
    upstream.destroy();
    answerWithPage(response, code, passage.target);
  };
  const timer = setTimeout(() => refuse("connection-timeout"), PREVIEW_LIMITS.answerWithinMs);
  upstream.on("error", () => {
    if (!response.writableEnded && !response.destroyed) refuse("preview-answer");
  });
  response.once("close", () => {
    clearTimeout(timer);
    upstream.destroy();
  });
  upstream.once("response", (answer) => {
    clearTimeout(timer);
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? "", answerHeaders(answer, passage));
    response.flushHeaders();
    pipeline(answer, capped(PREVIEW_LIMITS.answerBytes), response, () => upstream.destroy());
  });
  pipeline(request, capped(PREVIEW_LIMITS.requestBytes), upstream, (error) => {
    if (error instanceof SandboxError) refuse("body-too-large");
  });
}

/** Passes an upgrade on; where the pod agrees, bytes go both ways from there on. */
export function passUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, passage: Passage): void {
  const upstream = ask(request, passage, ["connection", "Upgrade", "upgrade", request.headers.upgrade ?? ""]);
  const end = (): void => void socket.destroy();
  const timer = setTimeout(end, PREVIEW_LIMITS.answerWithinMs);
  upstream.on("error", end);
  socket.on("error", () => upstream.destroy());
  socket.once("close", () => {
    clearTimeout(timer);
    upstream.destroy();
  });
  upstream.once("upgrade", (answer, pod, rest) => {
    clearTimeout(timer);
    const protocol = answer.headers.upgrade ?? "websocket";
    writeHead(socket, answer, [...answerHeaders(answer, passage), "connection", "Upgrade", "upgrade", protocol]);
    if (rest.length > 0) socket.write(rest);
    if (head.length > 0) pod.write(head);
    pipeline(socket, capped(PREVIEW_LIMITS.answerBytes), pod, end);
    pipeline(pod, capped(PREVIEW_LIMITS.answerBytes), socket, () => pod.destroy());
  });
  upstream.once("response", (answer) => {
    clearTimeout(timer);
    writeHead(socket, answer, [...answerHeaders(answer, passage), "connection", "close"]);
    pipeline(answer, capped(PREVIEW_LIMITS.answerBytes), socket, end);
  });
  upstream.end();
}

function ask(request: IncomingMessage, passage: Passage, more: string[] = ["connection", "close"]): ClientRequest {
  const { tunnel } = passage;
  const chunked = request.headers["transfer-encoding"] === undefined ? [] : ["transfer-encoding", "chunked"];
  const upstream = httpRequest({
    // Without an agent: one would connect by itself.
    createConnection: () => tunnel,
    method: request.method,
    path: request.url,
    headers: [...headersForPod(request.rawHeaders, passage), ...chunked, ...more],
    setHost: false,
  });
  tunnel.setTimeout(PREVIEW_LIMITS.idleMs, () => tunnel.destroy());
  return upstream;
}

function answerHeaders(answer: IncomingMessage, passage: Passage): string[] {
  // Other previews of the same learner are no concern of this one's.
  return [...headersForBrowser(answer.rawHeaders, passage), "cross-origin-resource-policy", "same-origin"];
}

function writeHead(socket: Duplex, answer: IncomingMessage, headers: readonly string[]): void {
  const lines = [`HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ""}`];
  for (let at = 0; at + 1 < headers.length; at += 2) lines.push(`${headers[at] ?? ""}: ${headers[at + 1] ?? ""}`);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
}

/** Breaks off what is larger than that. */
function capped(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left < 0) done(new SandboxError("body-too-large"));
      else done(null, chunk);
    },
  });
}
