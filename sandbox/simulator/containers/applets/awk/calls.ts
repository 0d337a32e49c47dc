import { roomFor } from "../applet";
import { compileRegex } from "../regex";
import { plainFunctions, splitInto } from "./functions";
import type { AwkInterpreter } from "./interpreter";
import { substitute } from "./substitute";
import type { Expression } from "./syntax";
import { fromInput, toNumber, type Value } from "./values";
import { AwkRuntimeError } from "./variables";

type CallExpression = Extract<Expression, { kind: "call" }>;
type GetlineExpression = Extract<Expression, { kind: "getline" }>;

const WHOLE_RECORD = { kind: "field", index: { kind: "number", value: 0 } } as const;

/** Calls of functions, awk's and the program's own, and `getline`. */
export class AwkFunctions {
  readonly #interpreter: AwkInterpreter;

  constructor(interpreter: AwkInterpreter) {
    this.#interpreter = interpreter;
  }

  async call(expression: CallExpression): Promise<Value> {
    if (!expression.builtin) return this.#own(expression);
    const { name, args } = expression;
    const interpreter = this.#interpreter;
    switch (name) {
      case "length":
        return this.#length(args);
      case "split":
        return this.#split(args);
      case "sub":
      case "gsub":
        return this.#substitute(args, name === "gsub");
      case "match":
        return this.#match(args);
      case "srand":
        return 0;
      case "system":
        return interpreter.host.streams.run(interpreter.text(await this.#first(args)));
      case "close":
        return interpreter.host.streams.close(interpreter.text(await this.#first(args)));
      case "fflush":
        return 0;
      default:
        return plainFunctions[name]?.(interpreter, await interpreter.evaluateAll(args));
    }
  }

  /** 1 when a record came, 0 at the end, -1 when it could not be opened. */
  async getline({ from, source, into }: GetlineExpression): Promise<number> {
    const interpreter = this.#interpreter;
    if (from === "input") {
      if (!into) return (await interpreter.nextRecord()) ? 1 : 0;
      const text = await interpreter.readInput();
      if (text === undefined) return 0;
      await interpreter.assign(into, fromInput(text));
      return 1;
    }
    const name = interpreter.text(source && (await interpreter.evaluate(source)));
    const text = await interpreter.host.streams
      .reader(from, name)
      ?.read(interpreter.text(interpreter.variables.get("RS")));
    if (text === undefined) return interpreter.host.streams.reader(from, name) ? 0 : -1;
    if (from === "command") this.#count("NR");
    if (into) await interpreter.assign(into, fromInput(text));
    else interpreter.record.setWhole(text);
    return 1;
  }

  #count(name: string): void {
    const { variables } = this.#interpreter;
    variables.set(name, toNumber(variables.get(name)) + 1);
  }

  async #own({ name, args }: CallExpression): Promise<Value> {
    const interpreter = this.#interpreter;
    const called = interpreter.program.functions.get(name);
    if (!called) throw new AwkRuntimeError(`Call to undefined function`);
    const frame: Parameters<typeof interpreter.variables.enter>[0] = new Map();
    for (const [index, parameter] of called.parameters.entries()) {
      const argument = args[index];
      if (argument === undefined) frame.set(parameter, { value: undefined });
      else if (argument.kind === "variable" && argument.name !== "NF")
        frame.set(parameter, interpreter.variables.argument(argument.name));
      else frame.set(parameter, { value: await interpreter.evaluate(argument) });
    }
    interpreter.variables.enter(frame);
    try {
      return await interpreter.invoke(called.body);
    } finally {
      interpreter.variables.leave();
    }
  }

  async #length([argument]: readonly Expression[]): Promise<number> {
    const interpreter = this.#interpreter;
    if (argument?.kind === "variable" && argument.name !== "NF") {
      const { array } = interpreter.variables.argument(argument.name);
      if (array) return array.size;
    }
    return interpreter.text(await interpreter.evaluate(argument ?? WHOLE_RECORD)).length;
  }

  async #split([text, array, separator]: readonly Expression[]): Promise<number> {
    const interpreter = this.#interpreter;
    if (array?.kind !== "variable" || !text) throw new AwkRuntimeError("Not an array");
    const value = interpreter.text(await interpreter.evaluate(text));
    const by =
      separator === undefined
        ? interpreter.text(interpreter.variables.get("FS"))
        : separator.kind === "regex"
          ? separator.source.length === 1
            ? `[${separator.source}]`
            : separator.source
          : interpreter.text(await interpreter.evaluate(separator));
    return splitInto(interpreter.variables.array(array.name), value, by);
  }

  async #substitute(
    [pattern, replacement, target = WHOLE_RECORD]: readonly Expression[],
    all: boolean,
  ): Promise<number> {
    const interpreter = this.#interpreter;
    if (!pattern || !replacement) throw new AwkRuntimeError("Too few arguments");
    const matcher = await interpreter.matcherOf(pattern);
    const filled = interpreter.text(await interpreter.evaluate(replacement));
    const subject = interpreter.text(await interpreter.evaluate(target));
    const { text, count } = await substitute(subject, matcher, filled, all, () => interpreter.host.step());
    if (count > 0 && (target.kind === "variable" || target.kind === "element" || target.kind === "field"))
      await interpreter.assign(target, roomFor(text));
    return count;
  }

  async #match([text, pattern]: readonly Expression[]): Promise<number> {
    const interpreter = this.#interpreter;
    const value = interpreter.text(text && (await interpreter.evaluate(text)));
    const matcher = pattern ? await interpreter.matcherOf(pattern) : compileRegex("", { extended: true });
    const match = matcher.find(value);
    interpreter.variables.set("RSTART", match ? match.start + 1 : 0);
    interpreter.variables.set("RLENGTH", match ? match.end - match.start : -1);
    return match ? match.start + 1 : 0;
  }

  async #first([argument]: readonly Expression[]): Promise<Value> {
    return argument && this.#interpreter.evaluate(argument);
  }
}
