import { compileRegex } from "../regex";
import { fromInput, toText, type Value } from "./values";

const MAX_FIELDS = 32_767;

/** `$0` and its fields; each is made from the other only when somebody asks. */
export class AwkRecord {
  #whole: Value = undefined;
  #fields: Value[] | undefined = [];
  /** `$0` is to be joined anew from the fields. */
  #stale = false;
  readonly #separators: () => { readonly fields: string; readonly output: string };
  readonly #format: (value: number) => string;

  constructor(
    separators: () => { readonly fields: string; readonly output: string },
    format: (value: number) => string,
  ) {
    this.#separators = separators;
    this.#format = format;
  }

  setWhole(text: string): void {
    this.#whole = fromInput(text);
    this.#fields = undefined;
    this.#stale = false;
  }

  get(index: number): Value {
    if (index === 0) return this.#join();
    return this.#split()[index - 1];
  }

  set(index: number, value: Value): void {
    if (index === 0) {
      this.setWhole(toText(value, this.#format));
      return;
    }
    const fields = this.#split();
    while (fields.length < Math.min(index, MAX_FIELDS) - 1) fields.push("");
    fields[Math.min(index, MAX_FIELDS) - 1] = value;
    this.#stale = true;
  }

  get count(): number {
    return this.#split().length;
  }

  set count(count: number) {
    const fields = this.#split();
    const wanted = Math.max(0, Math.min(count, MAX_FIELDS));
    while (fields.length < wanted) fields.push("");
    fields.length = wanted;
    this.#stale = true;
  }

  #split(): Value[] {
    this.#fields ??= splitFields(toText(this.#whole, this.#format), this.#separators().fields).map(fromInput);
    return this.#fields;
  }

  #join(): Value {
    if (!this.#stale) return this.#whole;
    const texts = this.#split().map((field) => toText(field, this.#format));
    this.#whole = fromInput(texts.join(this.#separators().output));
    this.#stale = false;
    return this.#whole;
  }
}

/** A blank separates by runs of white space, another single character by itself, anything longer as an expression. */
export function splitFields(text: string, separator: string): string[] {
  if (text === "") return [];
  if (separator === " ") {
    // What is blank at either end leaves an empty field there.
    return text.split(/[ \t\n]+/).filter((field) => field !== "");
  }
  if (separator === "") return Array.from(text);
  if (separator.length === 1 && separator !== "\\") return text.split(separator);
  const matcher = compileRegex(separator, { extended: true });
  const parts: string[] = [];
  let start = 0;
  for (let from = 0; from <= text.length;) {
    const match = matcher.find(text, from);
    if (!match) break;
    if (match.end === match.start) {
      from = match.end + 1;
      continue;
    }
    parts.push(text.slice(start, match.start));
    start = match.end;
    from = match.end;
  }
  return [...parts, text.slice(start)];
}
