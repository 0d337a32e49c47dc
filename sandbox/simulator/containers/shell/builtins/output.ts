import { echoText, printfText } from "../../applets/format";
import { evaluateTest } from "../../applets/test-expression";
import type { Builtin } from "./builtin";

export const echo: Builtin = async (shell, args) => {
  await shell.process.print(echoText(args, shell.state.dialect === "dash" ? "dash" : "ash"));
  return 0;
};

export const printf: Builtin = async (shell, args, name) => {
  const words = args[0] === "--" ? args.slice(1) : args;
  const [format, ...rest] = words;
  if (format === undefined) {
    await shell.complain(
      shell.state.dialect === "ash" ? "usage: printf FORMAT [ARG]..." : "usage: printf format [arg ...]",
      shell.state.dialect === "ash" ? undefined : name,
    );
    return 2;
  }
  const result = printfText(format, rest);
  // The complaint comes first: standard output is written at the end.
  for (const word of result.invalid) {
    if (shell.state.dialect === "ash")
      await shell.process.complain(`${shell.state.messageName}: invalid number '${word}'\n`);
    else await shell.complain(`${word}: expected numeric value`, name);
  }
  if (result.badFormat !== undefined)
    await (shell.state.dialect === "ash"
      ? shell.process.complain(`${shell.state.messageName}: ${format}: invalid format\n`)
      : shell.complain(`${result.badFormat}: invalid directive`, name));
  await shell.process.print(result.text);
  return result.invalid.length > 0 || result.badFormat !== undefined ? 1 : 0;
};

export const test: Builtin = async (shell, args, name) => {
  let words = args;
  if (name === "[") {
    if (args.at(-1) !== "]") {
      if (shell.state.dialect === "ash") await shell.process.complain(`${shell.state.messageName}: missing ]\n`);
      else await shell.complain(shell.state.dialect === "bash" ? "missing `]'" : "missing ]", name);
      return 2;
    }
    words = args.slice(0, -1);
  }
  const result = evaluateTest(shell.process, words);
  if (!result.error) return result.status;
  const { kind, word } = result.error;
  if (shell.state.dialect === "ash") {
    const text = {
      "bad number": `${word}: bad number`,
      unexpected: `${word}: unknown operand`,
      "argument expected": "argument expected",
      "closing paren expected": "closing paren expected",
    }[kind];
    await shell.process.complain(`${shell.state.messageName}: ${text}\n`);
  } else {
    const text = {
      "bad number": `Illegal number: ${word}`,
      unexpected: `${word}: unexpected operator`,
      "argument expected": "argument expected",
      "closing paren expected": "closing paren expected",
    }[kind];
    await shell.complain(text, name);
  }
  return 2;
};
