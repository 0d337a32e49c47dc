import { fromBytes, roomFor } from "../applet";
import { withoutTrailing } from "../../trailing";
import { compileRegex } from "../regex";

/** Cuts a stream of bytes into records, as RS says at the time each is read. */
export class RecordReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest = "";
  #ended = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next record without its separator; `undefined` at the end. */
  async read(separator: string): Promise<string | undefined> {
    if (separator === "") await this.#skipBlankLines();
    for (;;) {
      const found = this.#find(separator);
      // A separator at the very end of what has come may yet grow longer.
      if (found && (this.#ended || separator.length === 1 || found.end < this.#rest.length)) {
        const record = this.#rest.slice(0, found.start);
        this.#rest = this.#rest.slice(found.end);
        return record;
      }
      if (this.#ended) break;
      await this.#more();
    }
    if (this.#rest === "") return undefined;
    const last = separator === "" ? withoutTrailing(this.#rest, "\n") : this.#rest;
    this.#rest = "";
    return last;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #find(separator: string): { start: number; end: number } | undefined {
    if (separator.length === 1) {
      const start = this.#rest.indexOf(separator);
      return start < 0 ? undefined : { start, end: start + 1 };
    }
    const match = compileRegex(separator === "" ? "\n\n+" : separator, { extended: true }).find(this.#rest);
    return match && match.end > match.start ? match : undefined;
  }

  async #skipBlankLines(): Promise<void> {
    do this.#rest = this.#rest.replace(/^\n+/, "");
    while (this.#rest === "" && (await this.#more()));
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) this.#ended = true;
    else this.#rest = roomFor(this.#rest + fromBytes(next.value));
    return !this.#ended;
  }
}
