import { ExpressionParser } from "./expression-parser";
import type { AwkFunction, AwkProgram, AwkRule, Expression, Place, Redirection, Statement } from "./syntax";
import { tokenize } from "./tokens";

/** Reads a program. Throws `AwkSyntaxError`. */
export function parseAwk(source: string): AwkProgram {
  return new AwkParser(tokenize(source)).program();
}

class AwkParser extends ExpressionParser {
  program(): AwkProgram {
    const begin: Statement[] = [];
    const rules: AwkRule[] = [];
    const end: Statement[] = [];
    const functions = new Map<string, AwkFunction>();
    let hasEnd = false;
    for (;;) {
      this.skipBreaks();
      if (this.peek().kind === "end") return { begin, rules, end, hasEnd, functions };
      if (this.takeKeyword("BEGIN")) begin.push(this.#block());
      else if (this.takeKeyword("END")) {
        hasEnd = true;
        end.push(this.#block());
      } else if (this.takeKeyword("function") || this.takeKeyword("func")) {
        const name = this.next().text;
        functions.set(name, this.#function());
      } else rules.push(this.#rule());
    }
  }

  #function(): AwkFunction {
    this.expect("(");
    const parameters: string[] = [];
    while (!this.take(")")) {
      parameters.push(this.expectName());
      this.skipNewlines();
      this.take(",");
      this.skipNewlines();
    }
    this.skipNewlines();
    return { parameters, body: this.#block() };
  }

  #rule(): AwkRule {
    if (this.at("{")) return { body: this.#block() };
    const pattern = this.expression();
    let until;
    if (this.take(",")) {
      this.skipNewlines();
      until = this.expression();
    }
    return {
      pattern,
      ...(until && { until }),
      ...(this.at("{") && { body: this.#block() }),
    };
  }

  #block(): Statement {
    this.expect("{");
    const body: Statement[] = [];
    for (;;) {
      this.skipBreaks();
      if (this.take("}")) return { kind: "block", body };
      body.push(this.#statement());
    }
  }

  #statement(): Statement {
    if (this.at("{")) return this.#block();
    if (this.take(";")) return { kind: "block", body: [] };
    if (this.takeKeyword("if")) return this.#if();
    if (this.takeKeyword("while")) {
      const test = this.#test();
      if (this.take(";")) return { kind: "while", test, body: { kind: "block", body: [] } };
      return { kind: "while", test, body: this.#body() };
    }
    if (this.takeKeyword("do")) {
      const body = this.#body();
      this.skipBreaks();
      if (!this.takeKeyword("while")) this.fail();
      const test = this.#test();
      this.#endOfStatement();
      return { kind: "do", test, body };
    }
    if (this.takeKeyword("for")) return this.#for();
    const simple = this.#simple();
    this.#endOfStatement();
    return simple;
  }

  #if(): Statement {
    const test = this.#test();
    const then = this.#body();
    const mark = this.position;
    this.skipBreaks();
    if (this.takeKeyword("else")) return { kind: "if", test, then, otherwise: this.#body() };
    this.position = mark;
    return { kind: "if", test, then };
  }

  #test(): Expression {
    this.expect("(");
    const test = this.expression();
    this.expect(")");
    return test;
  }

  #body(): Statement {
    this.skipNewlines();
    return this.#statement();
  }

  #for(): Statement {
    this.expect("(");
    const [variable, word, array, close] = this.ahead(4);
    if (variable?.kind === "name" && word?.text === "in" && array?.kind === "name" && close?.text === ")") {
      this.position += 4;
      return { kind: "forIn", variable: variable.text, array: array.text, body: this.#body() };
    }
    const start = this.at(";") ? undefined : this.#simple();
    this.expect(";");
    this.skipNewlines();
    const test = this.at(";") ? undefined : this.expression();
    this.expect(";");
    this.skipNewlines();
    const step = this.at(")") ? undefined : this.#simple();
    this.expect(")");
    const body: Statement = this.take(";") ? { kind: "block", body: [] } : this.#body();
    return { kind: "for", ...(start && { start }), ...(test && { test }), ...(step && { step }), body };
  }

  #simple(): Statement {
    for (const kind of ["next", "nextfile", "break", "continue"] as const) if (this.takeKeyword(kind)) return { kind };
    for (const kind of ["return", "exit"] as const)
      if (this.takeKeyword(kind)) return this.#endsHere() ? { kind } : { kind, value: this.expression() };
    for (const kind of ["print", "printf"] as const) if (this.takeKeyword(kind)) return this.#print(kind);
    if (this.takeKeyword("delete")) {
      const place: Place = this.place();
      if (place.kind === "element") return { kind: "delete", array: place.array, index: place.index };
      if (place.kind === "variable") return { kind: "delete", array: place.name };
      this.fail();
    }
    return { kind: "expression", value: this.expression() };
  }

  #print(kind: "print" | "printf"): Statement {
    const values = this.#endsHere() || this.at(">") || this.at(">>") || this.at("|") ? [] : this.printList();
    const to = this.#redirection();
    return { kind, values, ...(to && { to }) };
  }

  #redirection(): Redirection | undefined {
    if (this.take(">")) return { kind: "file", target: this.concatenation() };
    if (this.take(">>")) return { kind: "append", target: this.concatenation() };
    if (this.take("|")) return { kind: "command", target: this.concatenation() };
    return undefined;
  }

  #endsHere(): boolean {
    const { kind } = this.peek();
    return kind === "newline" || kind === "end" || this.at(";") || this.at("}");
  }

  #endOfStatement(): void {
    if (this.peek().kind === "newline" || this.at(";")) this.next();
    else if (!this.at("}") && this.peek().kind !== "end") this.fail();
  }
}
