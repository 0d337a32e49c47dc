import type { Builtin } from "./builtin";

/** `history`: the lines typed so far, numbered as each shell does it. */
export const history: Builtin = async (shell, _args, name) => {
  const { dialect, history: lines } = shell.state;
  if (dialect === "dash") {
    await shell.complain("not found", name);
    return 127;
  }
  const [first, width, gap] = dialect === "ash" ? [0, 4, " "] : [1, 5, "  "];
  for (const [index, line] of lines.entries())
    await shell.process.print(`${String(index + first).padStart(width)}${gap}${line}\n`);
  return 0;
};
