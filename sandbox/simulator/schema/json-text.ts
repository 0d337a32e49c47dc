import { DecodeError } from "./protobuf-reader";

/** Parsed JSON text, with the keys in text order of every object that has one twice (`JSON.parse` forgets them). */
export interface JsonDocument {
  readonly value: unknown;
  readonly repeated: ReadonlyMap<object, readonly string[]>;
}

/**
 * Parses one JSON value. Throws `DecodeError` with the reason as Go's decoder words it. The engine's parser does the
 * work; ours, several times slower, only where the engine refuses the text or lost a key.
 */
export function parseJson(text: string): JsonDocument {
  const keys = countKeysIn(text);
  try {
    const value = JSON.parse(text) as unknown;
    if (keys === countKeysOf(value)) return { value, repeated: NONE };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const parser = new Parser(text);
  return { value: parser.document(), repeated: parser.repeated };
}

const NONE: ReadonlyMap<object, readonly string[]> = new Map();
const MAX_DEPTH = 1000;

/** How many keys JSON text writes down; a colon outside strings ends each. Throws when it nests too deeply. */
function countKeysIn(text: string): number {
  let keys = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) {
      index = endOfString(text, index);
      if (index < 0) return keys;
    } else if (code === 0x3a) keys++;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_DEPTH) throw new DecodeError("exceeded max depth");
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return keys;
}

/** Index of the quote that ends the string which begins at `start`; negative when none does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}

function countKeysOf(value: unknown): number {
  let keys = 0;
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null) continue;
    const values: unknown[] = Object.values(next);
    if (!Array.isArray(next)) keys += values.length;
    for (const inner of values) if (typeof inner === "object" && inner !== null) open.push(inner);
  }
  return keys;
}

const WHITESPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN_STRING = /"[^"\\\u0000-\u001f]*"/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

class Parser {
  readonly repeated = new Map<object, string[]>();
  readonly #text: string;
  #offset = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value("looking for beginning of value");
    this.#space();
    if (this.#offset < this.#text.length) throw this.#unexpected("after top-level value");
    return value;
  }

  #value(where: string): unknown {
    this.#space();
    const char = this.#text[this.#offset];
    if (char === "{") return this.#nested(() => this.#object());
    if (char === "[") return this.#nested(() => this.#array());
    if (char === '"') return this.#string();
    if (char === "t") return this.#word("true", true);
    if (char === "f") return this.#word("false", false);
    if (char === "n") return this.#word("null", null);
    const number = this.#match(NUMBER);
    if (number === undefined) throw this.#unexpected(where);
    return Number(number);
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new DecodeError("exceeded max depth");
    this.#offset++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): object {
    const object: Record<string, unknown> = {};
    const keys: string[] = [];
    let isRepeated = false;
    this.#space();
    if (this.#take("}")) return object;
    do {
      this.#space();
      if (this.#text[this.#offset] !== '"') throw this.#unexpected("looking for beginning of object key string");
      const key = this.#string();
      this.#space();
      if (!this.#take(":")) throw this.#unexpected("after object key");
      isRepeated ||= Object.hasOwn(object, key);
      keys.push(key);
      const value = this.#value("looking for beginning of value");
      // Assigning to __proto__ would change the prototype instead.
      if (key === "__proto__")
        Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
      else object[key] = value;
      this.#space();
    } while (this.#take(","));
    if (!this.#take("}")) throw this.#unexpected("after object key:value pair");
    if (isRepeated) this.repeated.set(object, keys);
    return object;
  }

  #array(): unknown[] {
    const items: unknown[] = [];
    this.#space();
    if (this.#take("]")) return items;
    do {
      items.push(this.#value("looking for beginning of value"));
      this.#space();
    } while (this.#take(","));
    if (!this.#take("]")) throw this.#unexpected("after array element");
    return items;
  }

  #string(): string {
    const plain = this.#match(PLAIN_STRING);
    if (plain !== undefined) return plain.slice(1, -1);
    const quoted = this.#match(STRING);
    if (quoted === undefined)
      throw new DecodeError(
        this.#text.indexOf('"', this.#offset + 1) < 0
          ? "unexpected end of JSON input"
          : "invalid character in string literal",
      );
    return JSON.parse(quoted) as string;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#offset)) throw this.#unexpected("looking for beginning of value");
    this.#offset += word.length;
    return value;
  }

  #space(): void {
    this.#match(WHITESPACE);
  }

  #take(char: string): boolean {
    if (this.#text[this.#offset] !== char) return false;
    this.#offset++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#offset += found.length;
    return found;
  }

  #unexpected(where: string): DecodeError {
    const char = this.#text[this.#offset];
    return new DecodeError(
      char === undefined ? "unexpected end of JSON input" : `invalid character '${char}' ${where}`,
    );
  }
}
