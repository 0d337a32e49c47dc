import type { Builtin } from "./builtin";

export const getopts: Builtin = async (shell, args, name) => {
  const [spec = "", variable = "", ...given] = args;
  if (args.length < 2)
    return shell.fail(
      shell.state.dialect === "ash" ? "usage: getopts optstring var [arg]" : "Usage: getopts optstring var [arg]",
      name,
    );
  const words = given.length > 0 ? given : shell.state.positional;
  const position = shell.get("OPTIND") ?? "1";
  // "2:3" would be index 2, third letter: kept beside OPTIND so that scripts see a plain number.
  const hidden = shell.state.variables.get("\0getopts")?.value;
  let index = Number(position) - 1;
  let letter = hidden?.startsWith(`${position}:`) ? Number(hidden.slice(position.length + 1)) : 1;
  const remember = async (): Promise<void> => {
    await shell.set("OPTIND", String(index + 1));
    shell.state.variables.set("\0getopts", { value: `${index + 1}:${letter}`, exported: false, readOnly: false });
  };
  const word = words[index];
  if (word === undefined || !/^-./.test(word) || word === "--") {
    if (word === "--") index++;
    letter = 1;
    await remember();
    await shell.set(variable, "?");
    return 1;
  }
  const option = word[letter] ?? "";
  const at = spec.replace(/^:/, "").indexOf(option);
  const takes = spec.replace(/^:/, "")[at + 1] === ":";
  letter++;
  if (at < 0 || option === ":") {
    if (letter >= word.length) [index, letter] = [index + 1, 1];
    await remember();
    await shell.set(variable, "?");
    if (spec.startsWith(":")) await shell.set("OPTARG", option);
    else await shell.process.complain(`Illegal option -${option}\n`);
    return 0;
  }
  if (takes) {
    const attached = word.slice(letter);
    const value = attached || words[index + 1];
    index += attached ? 1 : 2;
    letter = 1;
    await remember();
    if (value === undefined) {
      await shell.set(variable, spec.startsWith(":") ? ":" : "?");
      if (spec.startsWith(":")) await shell.set("OPTARG", option);
      else await shell.process.complain(`No arg for -${option} option\n`);
      return 0;
    }
    await shell.set("OPTARG", value);
  } else {
    if (letter >= word.length) [index, letter] = [index + 1, 1];
    await remember();
    shell.state.variables.delete("OPTARG");
  }
  await shell.set(variable, option);
  return 0;
};
