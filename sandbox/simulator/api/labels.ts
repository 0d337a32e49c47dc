import type { LabelSelector } from "./generated/kubernetes";
import { badRequest } from "./status";

/** One term of a label selector. `values` is empty for `exists` and `notExists`. */
export interface Requirement {
  readonly key: string;
  readonly operator: "in" | "notIn" | "exists" | "notExists" | "gt" | "lt" | "equals" | "notEquals";
  readonly values: readonly string[];
}

/** All terms must hold. The empty selector matches everything. */
export type Selector = readonly Requirement[];

export type Labels = Readonly<Record<string, string>>;

export function matchesLabels(selector: Selector, labels: Labels | undefined): boolean {
  return selector.every((requirement) => holds(requirement, labels ?? {}));
}

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "exists":
      return value !== undefined;
    case "notExists":
      return value === undefined;
    case "in":
    case "equals":
      return value !== undefined && values.includes(value);
    case "notIn":
    case "notEquals":
      return value === undefined || !values.includes(value);
    case "gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "lt":
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

/** A selector from `spec.selector` of workloads. `undefined` matches nothing, `{}` everything, as in Kubernetes. */
export function selectorFrom(selector: LabelSelector | undefined): Selector | undefined {
  if (!selector) return undefined;
  const terms: Requirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: "equals",
    values: [value],
  }));
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    terms.push({ key, operator: EXPRESSION_OPERATORS[operator] ?? "in", values: values ?? [] });
  }
  return terms;
}

/** A selector from a map, as Services have. The empty or missing map selects nothing. */
export function selectorFromMap(map: Labels | undefined): Selector | undefined {
  const entries = Object.entries(map ?? {});
  if (entries.length === 0) return undefined;
  return entries.map(([key, value]) => ({ key, operator: "equals" as const, values: [value] }));
}

const EXPRESSION_OPERATORS: Readonly<Record<string, Requirement["operator"]>> = {
  In: "in",
  NotIn: "notIn",
  Exists: "exists",
  DoesNotExist: "notExists",
};

/** How the selector is written in text: sorted by key, `a=b,c in (d,e),!f`. */
export function formatSelector(selector: Selector): string {
  return [...selector]
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ key, operator, values }) => {
      switch (operator) {
        case "exists":
          return key;
        case "notExists":
          return `!${key}`;
        case "equals":
          return `${key}=${values[0] ?? ""}`;
        case "notEquals":
          return `${key}!=${values[0] ?? ""}`;
        case "in":
          return `${key} in (${[...values].sort().join(",")})`;
        case "notIn":
          return `${key} notin (${[...values].sort().join(",")})`;
        case "gt":
          return `${key}>${values[0] ?? ""}`;
        case "lt":
          return `${key}<${values[0] ?? ""}`;
      }
    })
    .join(",");
}

/**
 * Parses `labelSelector`: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, `a>1`, `a<2`.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * Throws a `StatusError` (400) with the server's words.
 */
export function parseSelector(text: string): Selector {
  const parser = new SelectorParser(tokenize(text));
  return parser.parse();
}

type Token = { kind: "word" | "symbol" | "end"; text: string };

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s*(?:(!=|==|=|!|\(|\)|,|<|>)|([^\s!=(),<>]+))/y;
  let offset = 0;
  const trimmed = text.trimEnd();
  while (offset < trimmed.length) {
    pattern.lastIndex = offset;
    const match = pattern.exec(trimmed);
    if (!match) break;
    tokens.push(match[1] !== undefined ? { kind: "symbol", text: match[1] } : { kind: "word", text: match[2] ?? "" });
    offset = pattern.lastIndex;
  }
  return tokens;
}

const END: Token = { kind: "end", text: "" };

class SelectorParser {
  #position = 0;
  readonly #tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Selector {
    const terms: Requirement[] = [];
    if (this.#peek().kind === "end") return terms;
    for (;;) {
      const first = this.#peek();
      if (first.kind !== "word" && first.text !== "!")
        throw badRequest(`found '${first.text}', expected: !, identifier, or 'end of string'`);
      terms.push(this.#requirement());
      const next = this.#next();
      if (next.kind === "end") return terms;
      if (next.text !== ",") throw badRequest(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after.kind !== "word" && after.text !== "!")
        throw badRequest(`found '${after.text}', expected: identifier after ','`);
    }
  }

  #requirement(): Requirement {
    if (this.#peek().text === "!") {
      this.#next();
      return { key: this.#key(), operator: "notExists", values: [] };
    }
    const key = this.#key();
    const next = this.#peek();
    if (next.kind === "end" || next.text === ",") return { key, operator: "exists", values: [] };
    this.#next();
    switch (next.text) {
      case "=":
      case "==":
        return { key, operator: "equals", values: [this.#value()] };
      case "!=":
        return { key, operator: "notEquals", values: [this.#value()] };
      case ">":
        return { key, operator: "gt", values: [this.#integer(key)] };
      case "<":
        return { key, operator: "lt", values: [this.#integer(key)] };
      case "in":
        return { key, operator: "in", values: this.#values() };
      case "notin":
        return { key, operator: "notIn", values: this.#values() };
      default:
        throw parseError(`found '${next.text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #key(): string {
    const token = this.#next();
    if (token.kind !== "word") throw parseError(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  #value(): string {
    const token = this.#peek();
    if (token.kind === "end" || token.text === ",") return "";
    this.#next();
    if (token.kind !== "word") throw parseError(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  #integer(key: string): string {
    const text = this.#value();
    if (!/^[+-]?\d+$/.test(text)) {
      throw badRequest(
        `unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(text)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    }
    return text;
  }

  #values(): string[] {
    const open = this.#next();
    if (open.text !== "(") throw parseError(`found '${open.text}' expected: '('`);
    const values: string[] = [];
    for (;;) {
      values.push(this.#value());
      const next = this.#next();
      if (next.text === ")") return values.length === 1 && values[0] === "" ? [] : values;
      if (next.text !== ",") throw parseError(`found '${next.text}', expected: ',' or ')'`);
    }
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? END;
  }

  #next(): Token {
    return this.#tokens[this.#position++] ?? END;
  }
}

function parseError(why: string): Error {
  return badRequest(`unable to parse requirement: ${why}`);
}
