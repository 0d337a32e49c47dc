import { DecodeError } from "./protobuf-reader";

/** Parsed JSON text, with the keys in text order of every object that has one twice (`JSON.parse` forgets them). */
export interface JsonDocument {
  readonly value: unknown;
  readonly repeated: ReadonlyMap<object, readonly string[]>;
}

/** Parses one JSON value. Throws `DecodeError` with the reason as Go's decoder words it. */
export function parseJson(text: string): JsonDocument {
  const parser = new Parser(text);
  return { value: parser.document(), repeated: parser.repeated };
}

const MAX_DEPTH = 1000;
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
