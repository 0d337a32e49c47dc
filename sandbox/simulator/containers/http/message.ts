import type { PipeReader } from "../../pipe";
import { concat } from "../filesystem/open-file";

/** The first lines of an HTTP/1 message. Header names are lower case; `lines` keep them as they came. */
export interface MessageHead {
  /** `GET / HTTP/1.1` or `HTTP/1.1 200 OK` */
  readonly start: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly lines: readonly string[];
}

/** The peer said something that is not HTTP. */
export class HttpFormatError extends Error {
  override readonly name = "HttpFormatError";
}

const NOTHING: Uint8Array = new Uint8Array();
const DECODER = new TextDecoder();
const MAX_HEAD_BYTES = 64 * 1024;
/** What a TLS client says first: no more of a head would follow. */
const TLS_HANDSHAKE = 0x16;

/** Reads HTTP messages from one side of a connection, keeping what comes after each. */
export class MessageReader {
  readonly #reader: PipeReader;
  #buffer = NOTHING;

  constructor(reader: PipeReader) {
    this.#reader = reader;
  }

  /** `undefined` when the peer closed before a message began. */
  async head(): Promise<MessageHead | undefined> {
    for (;;) {
      const end = headEnd(this.#buffer);
      if (end !== undefined) {
        const text = DECODER.decode(this.#buffer.subarray(0, end.start));
        this.#buffer = this.#buffer.subarray(end.next);
        return parseHead(text);
      }
      if (this.#buffer.byteLength > MAX_HEAD_BYTES) throw new HttpFormatError("head too long");
      if (this.#buffer[0] === TLS_HANDSHAKE) throw new HttpFormatError("a TLS handshake");
      const chunk = await this.#reader.read();
      if (!chunk) {
        if (this.#buffer.byteLength === 0) return undefined;
        throw new HttpFormatError("closed in the middle of the head");
      }
      this.#buffer = this.#buffer.byteLength === 0 ? chunk : concat(this.#buffer, chunk);
    }
  }

  /** The body's pieces as they come: by length, chunked, or until the peer closes when `untilClose`. */
  async *body(head: MessageHead, untilClose: boolean): AsyncGenerator<Uint8Array> {
    const length = head.headers.get("content-length");
    if (isChunked(head)) yield* this.#chunks();
    else if (length !== undefined) yield* this.#exactly(Number(length));
    else if (untilClose) {
      for (let chunk = await this.#next(); chunk; chunk = await this.#next()) yield chunk;
    }
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const size = Number.parseInt(await this.#line(), 16);
      if (!Number.isSafeInteger(size) || size < 0) throw new HttpFormatError("bad chunk");
      if (size === 0) break;
      yield* this.#exactly(size);
      await this.#line();
    }
    while ((await this.#line()) !== "");
  }

  async *#exactly(count: number): AsyncGenerator<Uint8Array> {
    if (!Number.isSafeInteger(count) || count < 0) throw new HttpFormatError("bad length");
    for (let left = count; left > 0;) {
      const chunk = await this.#next();
      if (!chunk) throw new HttpFormatError("closed in the middle of the body");
      const piece = chunk.subarray(0, left);
      if (piece.byteLength < chunk.byteLength) this.#buffer = concat(chunk.subarray(left), this.#buffer);
      left -= piece.byteLength;
      yield piece;
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const newline = this.#buffer.indexOf(0x0a);
      if (newline >= 0) {
        const text = new TextDecoder().decode(this.#buffer.subarray(0, newline)).replace(/\r$/, "");
        this.#buffer = this.#buffer.subarray(newline + 1);
        return text;
      }
      const chunk = await this.#reader.read();
      if (!chunk) throw new HttpFormatError("closed in the middle of a line");
      this.#buffer = concat(this.#buffer, chunk);
    }
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#buffer.byteLength > 0) {
      const all = this.#buffer;
      this.#buffer = NOTHING;
      return all;
    }
    return this.#reader.read();
  }
}

/** Whether a request's head announces a body. */
export function hasBody(head: MessageHead): boolean {
  return isChunked(head) || (head.headers.get("content-length") ?? "0") !== "0";
}

function isChunked({ headers }: MessageHead): boolean {
  return /chunked/i.test(headers.get("transfer-encoding") ?? "");
}

function headEnd(bytes: Uint8Array): { start: number; next: number } | undefined {
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return { start: at, next: at + 2 };
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return { start: at, next: at + 3 };
  }
  return undefined;
}

function parseHead(text: string): MessageHead {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  const start = lines.shift() ?? "";
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { start, headers, lines };
}
