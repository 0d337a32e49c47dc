import type { Shell } from "../shell";
import { OPTION_LETTERS, type ShellOptions } from "../state";
import { byName, quote, type Builtin } from "./builtin";

export const set: Builtin = async (shell, args, name) => {
  if (args.length === 0) {
    for (const [variable, { value }] of [...shell.state.variables].sort(byName))
      if (value !== undefined) await shell.process.print(`${variable}=${quote(value)}\n`);
    return 0;
  }
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--" || !/^[-+]./.test(word)) {
      if (word === "-") return 0;
      shell.state.positional = args.slice(word === "--" ? at + 1 : at);
      return 0;
    }
    const on = word.startsWith("-");
    for (const letter of word.slice(1)) {
      if (letter === "o") {
        const long = args[++at];
        if (long === undefined) await listOptions(shell);
        else if (isOption(shell, long)) setOption(shell, long, on);
        else
          return shell.fail(
            shell.state.dialect === "ash"
              ? `illegal option ${on ? "-" : "+"}o ${long}`
              : `Illegal option ${on ? "-" : "+"}o ${long}`,
            name,
          );
      } else {
        const option = OPTION_LETTERS[letter];
        if (option) setOption(shell, option, on);
        else if (!"hBbl".includes(letter))
          return shell.fail(
            `${shell.state.dialect === "ash" ? "illegal" : "Illegal"} option ${on ? "-" : "+"}${letter}`,
            name,
          );
      }
    }
  }
  return 0;
};

function isOption(shell: Shell, name: string): name is keyof ShellOptions {
  return Object.hasOwn(shell.state.options, name) && (name !== "pipefail" || shell.state.dialect !== "dash");
}

function setOption(shell: Shell, option: keyof ShellOptions, on: boolean): void {
  if (option !== "interactive") shell.state.options[option] = on;
}

async function listOptions(shell: Shell): Promise<void> {
  await shell.process.print("Current option settings\n");
  for (const [name, on] of Object.entries(shell.state.options))
    await shell.process.print(`${name.padEnd(16)}${on ? "on" : "off"}\n`);
}
