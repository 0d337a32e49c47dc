import type { BinaryOperator, Expression, Place } from "./syntax";
import { AwkSyntaxError, type Token } from "./tokens";

const ASSIGNMENTS: Readonly<Record<string, BinaryOperator | undefined>> = {
  "+=": "+",
  "-=": "-",
  "*=": "*",
  "/=": "/",
  "%=": "%",
  "^=": "^",
};
const COMPARISONS: ReadonlySet<string> = new Set(["<", "<=", "==", "!=", ">", ">="]);

/** The half of the parser that reads expressions, from the loosest binding to the tightest. */
export class ExpressionParser {
  readonly #tokens: readonly Token[];
  protected position = 0;
  /** Inside `print …` a bare `>` is a redirection. */
  #printing = false;
  /** Inside the head of `for (… in …)` and `getline < file`. */
  #noIn = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expression(): Expression {
    const left = this.#choice();
    const operator = this.peek();
    if (operator.kind !== "symbol" || !(operator.text === "=" || ASSIGNMENTS[operator.text])) return left;
    if (left.kind !== "variable" && left.kind !== "element" && left.kind !== "field") this.fail();
    this.next();
    this.skipNewlines();
    const combined = ASSIGNMENTS[operator.text];
    return { kind: "assign", place: left, ...(combined && { operator: combined }), value: this.expression() };
  }

  /** What `print` takes: a list, in brackets or not. */
  printList(): Expression[] {
    const outer = this.#printing;
    this.#printing = true;
    try {
      const first = this.expression();
      if (first.kind === "group" && !this.at(",")) return [...first.values];
      const values = [first];
      while (this.take(",")) {
        this.skipNewlines();
        values.push(this.expression());
      }
      return values;
    } finally {
      this.#printing = outer;
    }
  }

  concatenation(): Expression {
    const outer = this.#printing;
    this.#printing = true;
    try {
      return this.#concatenation(false);
    } finally {
      this.#printing = outer;
    }
  }

  place(): Place {
    const primary = this.#primary();
    if (primary.kind === "variable" || primary.kind === "element" || primary.kind === "field") return primary;
    this.fail();
  }

  #choice(): Expression {
    const test = this.#or();
    if (!this.take("?")) return test;
    this.skipNewlines();
    const then = this.expression();
    this.skipNewlines();
    this.expect(":");
    this.skipNewlines();
    return { kind: "choice", test, then, otherwise: this.expression() };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.take("||")) {
      this.skipNewlines();
      left = { kind: "or", left, right: this.#and() };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#in();
    while (this.take("&&")) {
      this.skipNewlines();
      left = { kind: "and", left, right: this.#in() };
    }
    return left;
  }

  #in(): Expression {
    let left = this.#match();
    while (!this.#noIn && this.takeKeyword("in")) {
      const index = left.kind === "group" ? left.values : [left];
      left = { kind: "in", index, array: this.expectName() };
    }
    return left;
  }

  #match(): Expression {
    let left = this.#comparison();
    while (this.at("~") || this.at("!~")) {
      const negated = this.next().text === "!~";
      left = { kind: "match", negated, left, right: this.#comparison() };
    }
    return left;
  }

  #comparison(): Expression {
    let left = this.#concatenation(true);
    for (;;) {
      const token = this.peek();
      if (token.kind === "symbol" && COMPARISONS.has(token.text) && !(this.#printing && token.text === ">")) {
        this.next();
        left = { kind: "binary", operator: token.text as BinaryOperator, left, right: this.#concatenation(true) };
      } else if (token.text === "|" && token.kind === "symbol" && this.ahead(2)[1]?.text === "getline") {
        this.next();
        this.next();
        const into = this.#optionalPlace();
        left = { kind: "getline", from: "command", source: left, ...(into && { into }) };
      } else return left;
    }
  }

  #concatenation(allowed: boolean): Expression {
    let left = this.#sum();
    while (this.#startsOperand(allowed)) left = { kind: "binary", operator: "concat", left, right: this.#sum() };
    return left;
  }

  #startsOperand(allowed: boolean): boolean {
    const { kind, text } = this.peek();
    if (kind === "symbol") return ["$", "(", "!", "-", "+", "++", "--"].includes(text) && !(text === "!" && !allowed);
    if (kind === "keyword") return false;
    return ["number", "string", "regex", "name", "call", "builtin"].includes(kind);
  }

  #sum(): Expression {
    let left = this.#product();
    while (this.at("+") || this.at("-")) {
      const operator = this.next().text as BinaryOperator;
      left = { kind: "binary", operator, left, right: this.#product() };
    }
    return left;
  }

  #product(): Expression {
    let left = this.#unary();
    while (this.at("*") || this.at("/") || this.at("%")) {
      const operator = this.next().text as BinaryOperator;
      left = { kind: "binary", operator, left, right: this.#unary() };
    }
    return left;
  }

  #unary(): Expression {
    if (this.take("!")) return { kind: "not", operand: this.#unary() };
    if (this.take("-")) return { kind: "minus", operand: this.#unary() };
    if (this.take("+")) return { kind: "plus", operand: this.#unary() };
    return this.#power();
  }

  #power(): Expression {
    const left = this.#postfix();
    if (!this.take("^")) return left;
    // Binds to the right, and a sign may follow it: 2^-1.
    return { kind: "binary", operator: "^", left, right: this.#unary() };
  }

  #postfix(): Expression {
    if (this.at("++") || this.at("--")) {
      const by = this.next().text === "++" ? 1 : -1;
      return { kind: "step", place: this.place(), by, before: true };
    }
    const primary = this.#primary();
    if (primary.kind !== "variable" && primary.kind !== "element" && primary.kind !== "field") return primary;
    if (this.take("++")) return { kind: "step", place: primary, by: 1, before: false };
    if (this.take("--")) return { kind: "step", place: primary, by: -1, before: false };
    return primary;
  }

  #primary(): Expression {
    const token = this.next();
    switch (token.kind) {
      case "number":
        return { kind: "number", value: Number(token.text) };
      case "string":
        return { kind: "string", value: token.text };
      case "regex":
        return { kind: "regex", source: token.text };
      case "name":
        return this.take("[")
          ? { kind: "element", array: token.text, index: this.#list("]") }
          : { kind: "variable", name: token.text };
      case "call":
        this.expect("(");
        return { kind: "call", name: token.text, args: this.#list(")"), builtin: false };
      case "builtin":
        return {
          kind: "call",
          name: token.text,
          args: this.take("(") ? this.#list(")") : [],
          builtin: true,
        };
      default:
    }
    if (token.text === "getline" && token.kind === "keyword") return this.#getline();
    if (token.text === "$") return { kind: "field", index: this.#fieldIndex() };
    if (token.text === "(") return this.#group();
    return this.fail(token);
  }

  #fieldIndex(): Expression {
    if (this.at("++") || this.at("--")) return this.#postfix();
    if (this.take("-")) return { kind: "minus", operand: this.#primary() };
    return this.#primary();
  }

  #group(): Expression {
    const [printing, noIn] = [this.#printing, this.#noIn];
    this.#printing = false;
    this.#noIn = false;
    const values = this.#list(")");
    this.#printing = printing;
    this.#noIn = noIn;
    return { kind: "group", values };
  }

  #getline(): Expression {
    const into = this.#optionalPlace();
    if (!this.take("<")) return { kind: "getline", from: "input", ...(into && { into }) };
    const source = this.#primary();
    return { kind: "getline", from: "file", source, ...(into && { into }) };
  }

  #optionalPlace(): Place | undefined {
    return this.peek().kind === "name" || this.at("$") ? this.place() : undefined;
  }

  #list(close: string): Expression[] {
    const [printing, noIn] = [this.#printing, this.#noIn];
    this.#printing = false;
    this.#noIn = false;
    const values: Expression[] = [];
    this.skipNewlines();
    while (!this.take(close)) {
      values.push(this.expression());
      this.skipNewlines();
      if (!this.at(close)) this.expect(",");
      this.skipNewlines();
    }
    this.#printing = printing;
    this.#noIn = noIn;
    return values;
  }

  // --- words -------------------------------------------------------------------------------------------------------

  protected peek(): Token {
    return this.#tokens[this.position] ?? { kind: "end", text: "", line: 0 };
  }

  protected ahead(count: number): readonly Token[] {
    return this.#tokens.slice(this.position, this.position + count);
  }

  protected next(): Token {
    const token = this.peek();
    this.position++;
    return token;
  }

  protected at(symbol: string): boolean {
    const token = this.peek();
    return token.kind === "symbol" && token.text === symbol;
  }

  protected take(symbol: string): boolean {
    if (!this.at(symbol)) return false;
    this.position++;
    return true;
  }

  protected takeKeyword(word: string): boolean {
    const token = this.peek();
    if (token.kind !== "keyword" || token.text !== word) return false;
    this.position++;
    return true;
  }

  protected expect(symbol: string): void {
    if (!this.take(symbol)) this.fail();
  }

  protected expectName(): string {
    const token = this.next();
    return token.kind === "name" ? token.text : this.fail(token);
  }

  protected skipNewlines(): void {
    while (this.peek().kind === "newline") this.position++;
  }

  /** Newlines and semicolons. */
  protected skipBreaks(): void {
    while (this.peek().kind === "newline" || this.at(";")) this.position++;
  }

  protected fail(token = this.peek()): never {
    throw new AwkSyntaxError(`cmd. line:${token.line}: Unexpected token`);
  }
}
