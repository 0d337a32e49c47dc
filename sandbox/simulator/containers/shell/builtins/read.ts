import { Interrupted } from "../../processes/program";
import type { Builtin } from "./builtin";
import { isName } from "../state";
import type { Shell } from "../shell";
import { readLine } from "../read-line";

/** `read`: one line of standard input into variables. */
export const readBuiltin: Builtin = async (shell, args, name) => {
  let raw = false;
  let prompt: string | undefined;
  let seconds: number | undefined;
  let count: number | undefined;
  const names: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (names.length > 0 || !/^-./.test(word)) names.push(word);
    else if (word === "-r") raw = true;
    else if (word === "-p") prompt = args[++at];
    else if (word === "-t" && shell.state.dialect !== "dash") seconds = Number(args[++at]);
    else if (word === "-n" && shell.state.dialect !== "dash") count = Number(args[++at]);
    else if (word === "-s" && shell.state.dialect !== "dash") continue;
    else return shell.fail(`${shell.state.dialect === "ash" ? "illegal" : "Illegal"} option ${word.slice(0, 2)}`, name);
  }
  if (names.length === 0) {
    if (shell.state.dialect === "dash") return shell.fail("arg count", name);
    names.push("REPLY");
  }
  for (const variable of names) if (!isName(variable)) return shell.fail(`${variable}: bad variable name`, name);
  if (prompt !== undefined && shell.process.descriptor(0)?.terminal) await shell.process.complain(prompt);
  let read: { text: string; ended: boolean };
  try {
    read = await readLogicalLine(shell, raw, seconds, count);
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    throw error;
  }
  await assignFields(shell, names, read.text, raw);
  return read.ended ? 1 : 0;
};

/** A line with its continuations joined; a backslash that quotes is kept as a mark (\0) before its character. */
async function readLogicalLine(
  shell: Shell,
  raw: boolean,
  seconds: number | undefined,
  count: number | undefined,
): Promise<{ text: string; ended: boolean }> {
  let text = "";
  for (;;) {
    const line = await readLine(shell.process, 0, {
      ...(seconds !== undefined && { timeoutMs: seconds * 1000 }),
      ...(count !== undefined && { limit: count }),
    });
    if (line === undefined) return { text, ended: true };
    const whole = line.endsWith("\n");
    const body = whole ? line.slice(0, -1) : line;
    if (raw) return { text: body, ended: !whole && count === undefined };
    const continued = whole && /(?:^|[^\\])(?:\\\\)*\\$/.test(body);
    text += (continued ? body.slice(0, -1) : body).replace(/\\([\s\S])/g, "\0$1");
    if (!continued) return { text, ended: !whole && count === undefined };
  }
}

async function assignFields(shell: Shell, names: readonly string[], text: string, raw: boolean): Promise<void> {
  const ifs = shell.get("IFS") ?? " \t\n";
  const blank = (char: string): boolean => ifs.includes(char) && /\s/.test(char);
  let at = 0;
  while (blank(text[at] ?? "x")) at++;
  for (const [index, name] of names.entries()) {
    if (index === names.length - 1) {
      let end = text.length;
      while (end > at && blank(text[end - 1] ?? "x") && text[end - 2] !== "\0") end--;
      let rest = text.slice(at, end);
      // One separator at the very end belongs to the last field only when there are more of them.
      if (
        rest.length > 0 &&
        ifs.includes(rest.at(-1) ?? "") &&
        Array.from(rest).filter((char) => ifs.includes(char)).length === 1
      )
        rest = rest.slice(0, -1);
      await shell.set(name, unmark(rest, raw));
      return;
    }
    let field = "";
    while (at < text.length && !ifs.includes(text[at] ?? "")) {
      if (!raw && text[at] === "\0") field += text[at++] ?? "";
      field += text[at++] ?? "";
    }
    while (blank(text[at] ?? "x")) at++;
    if (at < text.length && ifs.includes(text[at] ?? "") && !blank(text[at] ?? "")) {
      at++;
      while (blank(text[at] ?? "x")) at++;
    }
    await shell.set(name, unmark(field, raw));
  }
}

function unmark(text: string, raw: boolean): string {
  return raw ? text : text.replace(/\0/g, "");
}
