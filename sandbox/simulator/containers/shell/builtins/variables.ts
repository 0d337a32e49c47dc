import { ProcessExit } from "../../processes/program";
import { ShellError } from "../control";
import { isName } from "../state";
import { byName, quote, type Builtin } from "./builtin";

export const mark =
  (kind: "exported" | "readOnly"): Builtin =>
  async (shell, args, name) => {
    const words = args.filter((word) => word !== "-p" && word !== "-n" && word !== "--");
    if (words.length === 0) {
      const lines = [...shell.state.variables].filter(([, variable]) => variable[kind]).sort(byName);
      for (const [variable, { value }] of lines)
        await shell.process.print(`${name} ${variable}${value === undefined ? "" : `=${quote(value)}`}\n`);
      return 0;
    }
    for (const word of words) {
      const equals = word.indexOf("=");
      const variable = equals < 0 ? word : word.slice(0, equals);
      if (!isName(variable)) await shell.fail(`${variable}: bad variable name`, name);
      if (equals >= 0) await shell.set(variable, word.slice(equals + 1));
      const old = shell.state.variables.get(variable) ?? { value: undefined, exported: false, readOnly: false };
      const exported = args[0] === "-n" ? false : kind === "exported" || old.exported;
      shell.state.variables.set(variable, { ...old, exported, readOnly: kind === "readOnly" || old.readOnly });
    }
    return 0;
  };

export const unset: Builtin = async (shell, args, name) => {
  let kind: "variable" | "function" | "either" = "either";
  for (const word of args) {
    if (word === "-v") kind = "variable";
    else if (word === "-f") kind = "function";
    else if (/^-./.test(word))
      return shell.fail(`${shell.state.dialect === "ash" ? "illegal" : "Illegal"} option ${word.slice(0, 2)}`, name);
    else if (kind === "function") shell.state.functions.delete(word);
    else if (!isName(word)) return shell.fail(`${word}: bad variable name`, name);
    else {
      if (shell.state.variables.get(word)?.readOnly) return shell.fail(`${word}: is read only`, name);
      shell.state.variables.delete(word);
    }
  }
  return 0;
};

export const local: Builtin = async (shell, args, name) => {
  const frame = shell.frames.at(-1);
  if (!frame)
    return shell.fail("not in a function", name).catch((error: unknown) => {
      if (error instanceof ShellError) throw new ProcessExit(2);
      throw error;
    });
  for (const word of args) {
    if (/^-/.test(word)) continue;
    const equals = word.indexOf("=");
    const variable = equals < 0 ? word : word.slice(0, equals);
    if (!isName(variable)) return shell.fail(`${variable}: bad variable name`, name);
    const old = shell.state.variables.get(variable);
    if (!frame.has(variable)) frame.set(variable, old);
    if (equals >= 0) await shell.set(variable, word.slice(equals + 1));
    else
      shell.state.variables.set(variable, {
        value: shell.state.dialect === "dash" ? old?.value : undefined,
        exported: old?.exported ?? false,
        readOnly: false,
      });
  }
  return 0;
};

export const shift: Builtin = async (shell, args, name) => {
  const count = Number(args[0] ?? 1);
  if (!Number.isInteger(count) || count < 0) return shell.fail(`Illegal number: ${args[0] ?? ""}`, name);
  if (count > shell.state.positional.length)
    return shell.state.dialect === "dash" ? shell.fail("can't shift that many", name) : 1;
  shell.state.positional = shell.state.positional.slice(count);
  return 0;
};
