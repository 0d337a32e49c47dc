import { BrokenPipeError, type Duplex } from "../../pipe";
import { ConnectionResetError } from "../network";
import { joinBytes } from "../tls/der";
import { decodeHeaders, encodeHeaders, FLAG, FRAME, Frames, Http2Error } from "./frames";

/** https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
const METHOD = "/grpc.health.v1.Health/Check";

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const CODES = ["OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound"];
const UNIMPLEMENTED = 12;
const SERVING_STATUS = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

export type ServingStatus = "SERVING" | "NOT_SERVING";

export type HealthAnswer =
  | { readonly kind: "status"; readonly status: string }
  | { readonly kind: "unimplemented"; readonly message: string }
  | { readonly kind: "error"; readonly code: string; readonly message: string };

/** Asks how a service is, once a connection stands. Throws `Http2Error` where nobody speaks gRPC. */
export class HealthClient {
  readonly #frames: Frames;

  private constructor(frames: Frames) {
    this.#frames = frames;
  }

  static async connect(stream: Duplex): Promise<HealthClient> {
    const frames = new Frames(stream);
    await frames.sendPreface();
    await frames.send(FRAME.SETTINGS, 0, 0);
    const first = await frames.receive();
    if (first?.type !== FRAME.SETTINGS) throw new Http2Error("error reading server preface");
    return new HealthClient(frames);
  }

  async check(authority: string, service: string, userAgent: string): Promise<HealthAnswer> {
    const fields = [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", METHOD],
      [":authority", authority],
      ["content-type", "application/grpc"],
      ["user-agent", userAgent],
      ["te", "trailers"],
    ] as const;
    await this.#frames.send(FRAME.HEADERS, FLAG.END_HEADERS, 1, encodeHeaders(fields));
    await this.#frames.send(FRAME.DATA, FLAG.END_STREAM, 1, message(stringField(1, service)));
    let status = 0;
    const headers = new Map<string, string>();
    for (let frame = await this.#frames.receive(); frame; frame = await this.#frames.receive()) {
      if (frame.stream !== 1) continue;
      if (frame.type === FRAME.DATA) status = varintIn(frame.payload.subarray(5), 1);
      if (frame.type === FRAME.HEADERS) {
        for (const [name, value] of decodeHeaders(frame.payload)) headers.set(name, value);
      }
      if ((frame.flags & FLAG.END_STREAM) !== 0) return answerOf(status, headers);
    }
    return { kind: "error", code: "Unavailable", message: "error reading from server: EOF" };
  }
}

function answerOf(status: number, headers: ReadonlyMap<string, string>): HealthAnswer {
  const code = Number(headers.get("grpc-status") ?? 2);
  const text = headers.get("grpc-message") ?? "";
  if (code === 0) return { kind: "status", status: SERVING_STATUS[status] ?? String(status) };
  return code === UNIMPLEMENTED
    ? { kind: "unimplemented", message: text }
    : { kind: "error", code: CODES[code] ?? `Code(${code})`, message: text };
}

/** Answers for the services of one connection until it ends; `undefined` for services that nobody knows. */
export async function serveHealth(
  stream: Duplex,
  statusOf: (service: string) => ServingStatus | undefined,
): Promise<void> {
  const frames = new Frames(stream);
  const paths = new Map<number, string>();
  try {
    await frames.receivePreface();
    await frames.send(FRAME.SETTINGS, 0, 0);
    for (let frame = await frames.receive(); frame; frame = await frames.receive()) {
      if (frame.type === FRAME.HEADERS) paths.set(frame.stream, decodeHeaders(frame.payload).get(":path") ?? "");
      if (frame.type !== FRAME.DATA) continue;
      const path = paths.get(frame.stream) ?? "";
      paths.delete(frame.stream);
      await reply(frames, frame.stream, path, path === METHOD ? statusOf(serviceIn(frame.payload)) : undefined);
    }
  } catch (error) {
    const isTheirs =
      error instanceof Http2Error || error instanceof BrokenPipeError || error instanceof ConnectionResetError;
    if (!isTheirs) throw error;
  } finally {
    stream.writer.end();
    stream.reader.cancel();
  }
}

async function reply(frames: Frames, stream: number, path: string, status: ServingStatus | undefined): Promise<void> {
  const head = [
    [":status", "200"],
    ["content-type", "application/grpc"],
  ] as const;
  if (status === undefined) {
    const [, service = ""] = path.split("/");
    const [code, text] = path === METHOD ? [5, "unknown service"] : [UNIMPLEMENTED, `unknown service ${service}`];
    const trailers = [...head, ["grpc-status", String(code)], ["grpc-message", text]] as const;
    return frames.send(FRAME.HEADERS, FLAG.END_HEADERS | FLAG.END_STREAM, stream, encodeHeaders(trailers));
  }
  await frames.send(FRAME.HEADERS, FLAG.END_HEADERS, stream, encodeHeaders(head));
  await frames.send(FRAME.DATA, 0, stream, message(Uint8Array.of(0x08, SERVING_STATUS.indexOf(status))));
  const trailers = encodeHeaders([["grpc-status", "0"]]);
  await frames.send(FRAME.HEADERS, FLAG.END_HEADERS | FLAG.END_STREAM, stream, trailers);
}

/** Uncompressed, with its length before it. */
function message(bytes: Uint8Array): Uint8Array {
  const head = new Uint8Array(5);
  new DataView(head.buffer).setUint32(1, bytes.byteLength);
  return joinBytes(head, bytes);
}

function stringField(number: number, value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value).subarray(0, 0x7f);
  return value === "" ? new Uint8Array() : joinBytes(Uint8Array.of((number << 3) | 2, bytes.byteLength), bytes);
}

function varintIn(bytes: Uint8Array, number: number): number {
  return bytes[0] === number << 3 ? (bytes[1] ?? 0) : 0;
}

function serviceIn(payload: Uint8Array): string {
  const [tag, length = 0] = payload.subarray(5);
  return tag === 0x0a ? new TextDecoder().decode(payload.subarray(7, 7 + length)) : "";
}
