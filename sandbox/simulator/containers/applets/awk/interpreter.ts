import { floatText } from "../format";
import { compileRegex, type Matcher } from "../regex";
import type { FunctionContext } from "./functions";
import { AwkFunctions } from "./calls";
import type { MainInput } from "./main-input";
import { AwkRecord } from "./record";
import type { Streams } from "./streams";
import type { AwkProgram, AwkRule, Expression, Place, Redirection, Statement } from "./syntax";
import { binary } from "./operators";
import { isTrue, toNumber, toText, type Value } from "./values";
import { type AwkArray, AwkRuntimeError, Variables } from "./variables";
import { awkPrintf } from "./functions";

/** What the process gives to a program. */
export interface AwkHost {
  readonly streams: Streams;
  readonly now: () => number;
  readonly random: () => number;
  print(text: string): Promise<void>;
  /** Lets others run now and then. */
  step(): Promise<void>;
}

class Next extends Error {}
class NextFile extends Error {}
class Exit extends Error {}
class Return extends Error {
  readonly value: Value;
  constructor(value: Value) {
    super();
    this.value = value;
  }
}

type Completion = "break" | "continue" | undefined;

/** Runs a program over its input. */
export class AwkInterpreter implements FunctionContext {
  readonly variables = new Variables();
  readonly record: AwkRecord;
  readonly host: AwkHost;
  readonly program: AwkProgram;
  readonly #input: MainInput;
  readonly #calls: AwkFunctions;
  readonly #matchers = new Map<string, Matcher>();
  readonly #inRange = new Set<AwkRule>();
  readonly #asText = (value: number): string => this.#convert(value);
  #exitStatus = 0;

  constructor(program: AwkProgram, host: AwkHost, input: MainInput) {
    this.program = program;
    this.host = host;
    this.#input = input;
    this.#calls = new AwkFunctions(this);
    this.record = new AwkRecord(
      () => ({ fields: this.#variableText("FS"), output: this.#variableText("OFS") }),
      (value) => this.#convert(value),
    );
    const start = { FS: " ", OFS: " ", ORS: "\n", RS: "\n", SUBSEP: "\x1c", CONVFMT: "%.6g", OFMT: "%.6g" };
    for (const [name, value] of Object.entries(start)) this.variables.set(name, value);
    for (const name of ["NR", "FNR", "RSTART"]) this.variables.set(name, 0);
    this.variables.set("RLENGTH", -1);
  }

  /** The exit status. */
  async run(): Promise<number> {
    let exited = await this.#exits(async () => {
      for (const block of this.program.begin) await this.execute(block);
    });
    if (!exited && (this.program.rules.length > 0 || this.program.hasEnd))
      exited = await this.#exits(() => this.#records());
    // `exit` in BEGIN or a rule still runs END; a second one ends it all.
    await this.#exits(async () => {
      for (const block of this.program.end) await this.execute(block);
    });
    return this.#exitStatus;
  }

  async #exits(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return false;
    } catch (error) {
      if (error instanceof Exit) return true;
      throw error;
    }
  }

  async #records(): Promise<void> {
    while (await this.nextRecord()) {
      try {
        for (const rule of this.program.rules) if (await this.#applies(rule)) await this.#act(rule);
      } catch (error) {
        if (error instanceof NextFile) await this.#input.skipFile();
        else if (!(error instanceof Next)) throw error;
      }
    }
  }

  /** Reads the next record of the input into `$0`. */
  async nextRecord(): Promise<boolean> {
    const text = await this.#input.read(this);
    if (text === undefined) return false;
    this.record.setWhole(text);
    return true;
  }

  /** The next record of the input, counted, without touching `$0`. */
  readInput(): Promise<string | undefined> {
    return this.#input.read(this);
  }

  async #applies(rule: AwkRule): Promise<boolean> {
    if (!rule.pattern) return true;
    if (!rule.until) return isTrue(await this.evaluate(rule.pattern));
    if (!this.#inRange.has(rule) && !isTrue(await this.evaluate(rule.pattern))) return false;
    if (isTrue(await this.evaluate(rule.until))) this.#inRange.delete(rule);
    else this.#inRange.add(rule);
    return true;
  }

  async #act(rule: AwkRule): Promise<void> {
    if (rule.body) await this.execute(rule.body);
    else await this.host.print(this.text(this.record.get(0)) + this.#variableText("ORS"));
  }

  // --- statements --------------------------------------------------------------------------------------------------

  async execute(statement: Statement): Promise<Completion> {
    await this.host.step();
    switch (statement.kind) {
      case "block":
        for (const each of statement.body) {
          const completion = await this.execute(each);
          if (completion) return completion;
        }
        return undefined;
      case "expression":
        await this.evaluate(statement.value);
        return undefined;
      case "print":
        await this.#output(await this.#printed(statement.values), statement.to);
        return undefined;
      case "printf": {
        const [format, ...values] = await this.evaluateAll(statement.values);
        await this.#output(
          awkPrintf(this.text(format), values, (value) => this.text(value)),
          statement.to,
        );
        return undefined;
      }
      case "if":
        if (isTrue(await this.evaluate(statement.test))) return this.execute(statement.then);
        return statement.otherwise && this.execute(statement.otherwise);
      case "while":
        return this.#loop(statement.test, statement.body);
      case "do":
        if ((await this.execute(statement.body)) === "break") return undefined;
        return this.#loop(statement.test, statement.body);
      case "for":
        if (statement.start) await this.execute(statement.start);
        return this.#loop(statement.test, statement.body, statement.step);
      case "forIn":
        for (const key of [...this.variables.array(statement.array).keys()]) {
          this.variables.set(statement.variable, key);
          if ((await this.execute(statement.body)) === "break") return undefined;
        }
        return undefined;
      case "delete":
        if (statement.index) this.variables.array(statement.array).delete(await this.#key(statement.index));
        else this.variables.array(statement.array).clear();
        return undefined;
      case "return":
        throw new Return(statement.value && (await this.evaluate(statement.value)));
      case "exit":
        if (statement.value) this.#exitStatus = toNumber(await this.evaluate(statement.value)) & 0xff;
        throw new Exit();
      case "next":
        throw new Next();
      case "nextfile":
        throw new NextFile();
      case "break":
      case "continue":
        return statement.kind;
    }
  }

  async #loop(test: Expression | undefined, body: Statement, step?: Statement): Promise<Completion> {
    while (!test || isTrue(await this.evaluate(test))) {
      if ((await this.execute(body)) === "break") break;
      if (step) await this.execute(step);
    }
    return undefined;
  }

  async #printed(values: readonly Expression[]): Promise<string> {
    const shown = values.length === 0 ? [this.record.get(0)] : await this.evaluateAll(values);
    const texts = shown.map((value) => toText(value, (number) => this.#convert(number, "OFMT")));
    return texts.join(this.#variableText("OFS")) + this.#variableText("ORS");
  }

  async #output(text: string, to: Redirection | undefined): Promise<void> {
    if (!to) return this.host.print(text);
    await this.host.streams.write(to.kind, this.text(await this.evaluate(to.target)), text);
  }

  // --- expressions -------------------------------------------------------------------------------------------------

  async evaluateAll(expressions: readonly Expression[]): Promise<Value[]> {
    const values: Value[] = [];
    for (const expression of expressions) {
      if (expression.kind === "group") values.push(...(await this.evaluateAll(expression.values)));
      else values.push(await this.evaluate(expression));
    }
    return values;
  }

  async evaluate(expression: Expression): Promise<Value> {
    switch (expression.kind) {
      case "number":
      case "string":
        return expression.value;
      case "regex":
        return this.matcher(expression.source).test(this.text(this.record.get(0))) ? 1 : 0;
      case "variable":
        return expression.name === "NF" ? this.record.count : this.variables.get(expression.name);
      case "element":
        return this.#element(this.variables.array(expression.array), await this.#key(expression.index));
      case "field":
        return this.record.get(await this.#fieldIndex(expression.index));
      case "group": {
        const values = await this.evaluateAll(expression.values);
        return values.length === 1 ? values[0] : this.#joined(values);
      }
      case "not":
        return isTrue(await this.evaluate(expression.operand)) ? 0 : 1;
      case "minus":
        return -toNumber(await this.evaluate(expression.operand));
      case "plus":
        return toNumber(await this.evaluate(expression.operand));
      case "and":
        return isTrue(await this.evaluate(expression.left)) && isTrue(await this.evaluate(expression.right)) ? 1 : 0;
      case "or":
        return isTrue(await this.evaluate(expression.left)) || isTrue(await this.evaluate(expression.right)) ? 1 : 0;
      case "choice":
        return this.evaluate(isTrue(await this.evaluate(expression.test)) ? expression.then : expression.otherwise);
      case "binary":
        return binary(
          expression.operator,
          await this.evaluate(expression.left),
          await this.evaluate(expression.right),
          this.#asText,
        );
      case "match": {
        const text = this.text(await this.evaluate(expression.left));
        const found = (await this.matcherOf(expression.right)).test(text);
        return found === expression.negated ? 0 : 1;
      }
      case "in":
        return this.variables.array(expression.array).has(await this.#key(expression.index)) ? 1 : 0;
      case "assign": {
        const value = await this.evaluate(expression.value);
        if (!expression.operator) return this.assign(expression.place, value);
        const old = await this.evaluate(expression.place);
        return this.assign(expression.place, binary(expression.operator, old, value, this.#asText));
      }
      case "step": {
        const old = toNumber(await this.evaluate(expression.place));
        await this.assign(expression.place, old + expression.by);
        return expression.before ? old + expression.by : old;
      }
      case "call":
        return this.#calls.call(expression);
      case "getline":
        return this.#calls.getline(expression);
    }
  }

  async assign(place: Place, value: Value): Promise<Value> {
    if (place.kind === "field") this.record.set(await this.#fieldIndex(place.index), value);
    else if (place.kind === "element") this.variables.array(place.array).set(await this.#key(place.index), value);
    else if (place.name === "NF") this.record.count = toNumber(value);
    else this.variables.set(place.name, value);
    return value;
  }

  /** Calls one of the program's own functions with its frame made. */
  async invoke(body: Statement): Promise<Value> {
    try {
      await this.execute(body);
      return undefined;
    } catch (error) {
      if (error instanceof Return) return error.value;
      throw error;
    }
  }

  /** A regular expression as written, or any value taken as one. */
  async matcherOf(expression: Expression): Promise<Matcher> {
    if (expression.kind === "regex") return this.matcher(expression.source);
    return this.matcher(this.text(await this.evaluate(expression)));
  }

  matcher(source: string): Matcher {
    let matcher = this.#matchers.get(source);
    if (!matcher) {
      if (this.#matchers.size >= 200) this.#matchers.clear();
      matcher = compileRegex(source, { extended: true });
      this.#matchers.set(source, matcher);
    }
    return matcher;
  }

  text(value: Value): string {
    return toText(value, this.#asText);
  }

  now(): number {
    return this.host.now();
  }

  random(): number {
    return this.host.random();
  }

  #element(array: AwkArray, key: string): Value {
    // Asking for an element makes it.
    if (!array.has(key)) array.set(key, undefined);
    return array.get(key);
  }

  async #fieldIndex(expression: Expression): Promise<number> {
    const index = Math.trunc(toNumber(await this.evaluate(expression)));
    if (index < 0) throw new AwkRuntimeError("Access to negative field");
    return index;
  }

  async #key(index: readonly Expression[]): Promise<string> {
    return this.#joined(await this.evaluateAll(index));
  }

  #joined(values: readonly Value[]): string {
    return values.map((value) => this.text(value)).join(this.#variableText("SUBSEP"));
  }

  #variableText(name: string): string {
    const value = this.variables.get(name);
    return typeof value === "string" ? value : this.text(value);
  }

  #convert(value: number, name = "CONVFMT"): string {
    const format = this.variables.get(name);
    if (format === "%.6g" || typeof format !== "string") return floatText("g", value, 6);
    return awkPrintf(format, [value], () => String(value));
  }
}
