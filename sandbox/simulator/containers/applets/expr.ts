import { compileRegex, RegexError } from "./regex";

/** What `expr` makes of its words: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/expr.html */
export function expressionResult(words: readonly string[]): { value: string } | { error: string } {
  try {
    return { value: new Expression(words).whole() };
  } catch (error) {
    if (error instanceof ExprError || error instanceof RegexError) return { error: error.message };
    throw error;
  }
}

class ExprError extends Error {}

const LEVELS: readonly (readonly string[])[] = [
  ["|"],
  ["&"],
  ["=", "==", "!=", "<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/", "%"],
  [":"],
];

class Expression {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  whole(): string {
    const value = this.#level(0);
    if (this.#at < this.#words.length) throw new ExprError("syntax error");
    return value;
  }

  #level(level: number): string {
    const operators = LEVELS[level];
    if (!operators) return this.#primary();
    let left = this.#level(level + 1);
    while (operators.includes(this.#words[this.#at] ?? "")) {
      const operator = this.#words[this.#at++] ?? "";
      left = apply(operator, left, this.#level(level + 1));
    }
    return left;
  }

  #primary(): string {
    const word = this.#words[this.#at++];
    if (word === undefined) throw new ExprError("syntax error");
    if (word === "(") {
      const value = this.#level(0);
      if (this.#words[this.#at++] !== ")") throw new ExprError("syntax error");
      return value;
    }
    if (word === "length" && this.#at < this.#words.length) return String(Array.from(this.#primary()).length);
    if (word === "substr" && this.#words.length - this.#at >= 3) {
      const text = Array.from(this.#primary());
      const [start, length] = [Number(this.#primary()), Number(this.#primary())];
      return start < 1 || length < 1 ? "" : text.slice(start - 1, start - 1 + length).join("");
    }
    return word;
  }
}

function apply(operator: string, left: string, right: string): string {
  const empty = (text: string): boolean => text === "" || text === "0";
  switch (operator) {
    case "|":
      return empty(left) ? (empty(right) ? "0" : right) : left;
    case "&":
      return empty(left) || empty(right) ? "0" : left;
    case ":": {
      const match = compileRegex(`^${right}`, { extended: false }).find(left);
      return match?.groups.length && match.groups.length > 1
        ? (match.groups[1] ?? "")
        : match
          ? String(match.end)
          : /\\\(/.test(right)
            ? ""
            : "0";
    }
    case "+":
    case "-":
    case "*":
    case "/":
    case "%": {
      if (!isNumber(left) || !isNumber(right)) throw new ExprError("non-integer argument");
      const [a, b] = [BigInt(left), BigInt(right)];
      if ((operator === "/" || operator === "%") && b === 0n) throw new ExprError("division by zero");
      return String(
        { "+": () => a + b, "-": () => a - b, "*": () => a * b, "/": () => a / b, "%": () => a % b }[operator](),
      );
    }
    default: {
      const order =
        isNumber(left) && isNumber(right)
          ? Number(BigInt(left) - BigInt(right))
          : left < right
            ? -1
            : left > right
              ? 1
              : 0;
      const holds = {
        "=": order === 0,
        "==": order === 0,
        "!=": order !== 0,
        "<": order < 0,
        "<=": order <= 0,
        ">": order > 0,
        ">=": order >= 0,
      }[operator];
      return holds ? "1" : "0";
    }
  }
}

function isNumber(text: string): boolean {
  return /^-?\d+$/.test(text);
}
