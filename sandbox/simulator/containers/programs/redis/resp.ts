import type { PipeReader } from "../../../pipe";
import { fromBytes } from "../../applets/applet";

/** Values of the Redis protocol (RESP2): https://redis.io/docs/latest/develop/reference/protocol-spec/ */
export type RespValue =
  | { readonly kind: "simple" | "error" | "bulk"; readonly text: string }
  | { readonly kind: "integer"; readonly value: number }
  | { readonly kind: "null" }
  | { readonly kind: "array"; readonly items: readonly RespValue[] };

/** The peer said something that is not RESP, or too much of it. */
export class RespError extends Error {
  override readonly name = "RespError";
}

const MAX_BULK_BYTES = 8 * 1024 * 1024;
const MAX_ITEMS = 100_000;

export function encode(value: RespValue): string {
  switch (value.kind) {
    case "simple":
      return `+${value.text}\r\n`;
    case "error":
      return `-${value.text}\r\n`;
    case "integer":
      return `:${value.value}\r\n`;
    case "bulk":
      return `$${value.text.length}\r\n${value.text}\r\n`;
    case "null":
      return "$-1\r\n";
    case "array":
      return `*${value.items.length}\r\n${value.items.map(encode).join("")}`;
  }
}

/** Reads values, and inline commands (`PING\r\n` typed by hand) as arrays. Text is bytes, one character each. */
export class RespReader {
  readonly #reader: PipeReader;
  #buffer = "";

  constructor(reader: PipeReader) {
    this.#reader = reader;
  }

  /** `undefined` at the end. */
  async read(): Promise<RespValue | undefined> {
    const line = await this.#line();
    if (line === undefined) return undefined;
    const [mark = "", rest] = [line[0], line.slice(1)];
    switch (mark) {
      case "+":
        return { kind: "simple", text: rest };
      case "-":
        return { kind: "error", text: rest };
      case ":":
        return { kind: "integer", value: Number(rest) };
      case "$":
        return this.#bulk(sizeOf(rest, MAX_BULK_BYTES));
      case "*":
        return this.#array(sizeOf(rest, MAX_ITEMS));
      default:
        return {
          kind: "array",
          items: (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => ({
            kind: "bulk",
            text: word.replace(/^"(.*)"$/, "$1"),
          })),
        };
    }
  }

  async #bulk(size: number): Promise<RespValue> {
    if (size < 0) return { kind: "null" };
    while (this.#buffer.length < size + 2) if (!(await this.#more())) throw new RespError("closed in a value");
    const text = this.#buffer.slice(0, size);
    this.#buffer = this.#buffer.slice(size + 2);
    return { kind: "bulk", text };
  }

  async #array(size: number): Promise<RespValue> {
    if (size < 0) return { kind: "null" };
    const items: RespValue[] = [];
    while (items.length < size) {
      const item = await this.read();
      if (!item) throw new RespError("closed in an array");
      items.push(item);
    }
    return { kind: "array", items };
  }

  async #line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#buffer.indexOf("\n");
      if (end >= 0) {
        const line = this.#buffer.slice(0, end).replace(/\r$/, "");
        this.#buffer = this.#buffer.slice(end + 1);
        return line;
      }
      if (this.#buffer.length > MAX_BULK_BYTES) throw new RespError("too big inline request");
      if (!(await this.#more())) return undefined;
    }
  }

  async #more(): Promise<boolean> {
    const chunk = await this.#reader.read();
    if (!chunk) return false;
    this.#buffer += fromBytes(chunk);
    return true;
  }
}

function sizeOf(text: string, limit: number): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < -1 || size > limit) throw new RespError("invalid length");
  return size;
}
