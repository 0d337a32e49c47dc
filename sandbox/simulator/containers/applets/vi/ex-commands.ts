import { FileError } from "../../filesystem/file-error";
import type { Editor } from "./editor";
import { firstNonBlank } from "./motions";
import { matcherOf } from "./search";
import { linesOf, TextBuffer } from "./text-buffer";

/** Runs what was typed after a colon. */
export function runExCommand(editor: Editor, typed: string): void {
  const text = typed.trim().replace(/^:+/, "");
  const { range, rest } = readRange(editor, text);
  if (range === "bad") {
    editor.fail("Invalid range");
    return;
  }
  const [, name = "", force = "", words = ""] =
    /^\s*(s(?=[^a-zA-Z0-9\s])|[a-zA-Z]+|=|)(!?)\s*([\s\S]*)$/.exec(rest) ?? [];
  if (name === "") {
    if (words !== "" || force !== "") {
      editor.fail(`'${text}' is not implemented`);
      return;
    }
    if (range) goToLine(editor, range.to);
    return;
  }
  const command = COMMANDS.find(({ whole, least }) => whole.startsWith(name) && name.length >= least);
  if (!command) {
    editor.fail(`'${text}' is not implemented`);
    return;
  }
  const row = editor.cursor.row;
  command.run(editor, {
    from: range?.from ?? row,
    to: range?.to ?? row,
    hasRange: range !== undefined,
    force: force !== "",
    words,
  });
}

interface Given {
  readonly from: number;
  readonly to: number;
  readonly hasRange: boolean;
  readonly force: boolean;
  readonly words: string;
}

const COMMANDS: readonly { whole: string; least: number; run: (editor: Editor, given: Given) => void }[] = [
  { whole: "substitute", least: 1, run: substitute },
  { whole: "write", least: 1, run: (editor, given) => void write(editor, given) },
  {
    whole: "wq",
    least: 2,
    run: (editor, given) => {
      if (write(editor, given)) editor.exit = 0;
    },
  },
  {
    whole: "xit",
    least: 1,
    run: (editor, given) => {
      if (!editor.buffer.isModified || write(editor, given)) editor.exit = 0;
    },
  },
  { whole: "quit", least: 1, run: quit },
  { whole: "edit", least: 1, run: edit },
  { whole: "read", least: 1, run: read },
  {
    whole: "file",
    least: 1,
    run: (editor) =>
      editor.say(`'${editor.path ?? "No file"}' line ${editor.cursor.row + 1} of ${editor.buffer.lines.length}`),
  },
  {
    whole: "delete",
    least: 1,
    run: (editor, { from, to }) => {
      editor.change();
      editor.keep("", { text: `${editor.buffer.removeLines(from, to).join("\n")}\n`, whole: true });
      goToLine(editor, from);
    },
  },
  {
    whole: "yank",
    least: 1,
    run: (editor, { from, to }) => {
      editor.keep("", { text: `${editor.buffer.lines.slice(from, to + 1).join("\n")}\n`, whole: true });
      editor.say(
        `Yank ${to - from + 1} lines (${editor.buffer.lines.slice(from, to + 1).join("\n").length + 1} chars)`,
      );
    },
  },
  { whole: "set", least: 2, run: set },
  { whole: "nohlsearch", least: 3, run: () => {} },
  { whole: "=", least: 1, run: (editor, { to }) => editor.say(String(to + 1)) },
];

/** `%`, `3`, `.`, `$`, `'a`, `+2` and two of them with a comma. Rows from 0. */
function readRange(
  editor: Editor,
  text: string,
): { range: { from: number; to: number } | "bad" | undefined; rest: string } {
  const last = editor.buffer.lines.length - 1;
  if (text.startsWith("%")) return { range: { from: 0, to: last }, rest: text.slice(1) };
  let rest = text;
  const address = (): number | "bad" | undefined => {
    const match = /^\s*(\d+|\.|\$|'[a-z])?((?:[+-]\d*)*)\s*/.exec(rest);
    const [whole = "", base, offsets = ""] = match ?? [];
    if (base === undefined && offsets === "") return undefined;
    rest = rest.slice(whole.length);
    const row = base?.startsWith("'")
      ? editor.marked(base.slice(1))?.row
      : base === "$"
        ? last
        : base === undefined || base === "."
          ? editor.cursor.row
          : Number(base) - 1;
    if (row === undefined) return "bad";
    const moved = (offsets.match(/[+-]\d*/g) ?? []).reduce(
      (sum, offset) => sum + (offset.length === 1 ? Number(`${offset}1`) : Number(offset)),
      row,
    );
    return moved > last ? "bad" : Math.max(0, moved);
  };
  const from = address();
  if (from === undefined) return { range: undefined, rest };
  let to: number | "bad" = from;
  if (rest.startsWith(",")) {
    rest = rest.slice(1);
    to = address() ?? editor.cursor.row;
  }
  if (from === "bad" || to === "bad" || from > to) return { range: "bad", rest };
  return { range: { from, to }, rest };
}

function goToLine(editor: Editor, row: number): void {
  const inside = Math.min(row, editor.buffer.lines.length - 1);
  editor.cursor = { row: inside, column: firstNonBlank(editor.buffer.line(inside)) };
}

/** Whether it could. */
function write(editor: Editor, { words, force, from, to, hasRange }: Given): boolean {
  const path = words || editor.path;
  if (path === undefined) {
    editor.fail("No current filename");
    return false;
  }
  if (editor.isReadOnly && !force && words === "") {
    editor.fail(`'${path}' is read only`);
    return false;
  }
  const text = hasRange ? `${editor.buffer.lines.slice(from, to + 1).join("\n")}\n` : editor.buffer.text;
  try {
    editor.files.write(path, text);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    editor.fail(`'${path}' ${error.message}`);
    return false;
  }
  if (!hasRange && (words === "" || editor.path === undefined)) {
    editor.path ??= path;
    editor.buffer.saved();
  }
  const lines = text === "" ? 0 : linesOf(text).length;
  editor.say(`'${path}' ${lines}L, ${text.length}C`);
  return true;
}

function quit(editor: Editor, { force }: Given): void {
  if (!force && editor.buffer.isModified) editor.fail("No write since last change (:q! overrides)");
  else editor.exit = 0;
}

function edit(editor: Editor, { words, force }: Given): void {
  if (!force && editor.buffer.isModified) {
    editor.fail("No write since last change (:edit! overrides)");
    return;
  }
  const path = words || editor.path;
  if (path === undefined) {
    editor.fail("No current filename");
    return;
  }
  const text = readFile(editor, path) ?? "";
  editor.path = path;
  editor.buffer = new TextBuffer(text);
  goToLine(editor, 0);
  editor.say(`'${path}' ${text === "" ? 0 : linesOf(text).length}L, ${text.length}C`);
}

function read(editor: Editor, { words, to, hasRange }: Given): void {
  if (words === "") {
    editor.fail("No filename given");
    return;
  }
  const text = readFile(editor, words);
  if (text === undefined) return;
  editor.change();
  const row = (hasRange ? to : editor.cursor.row) + 1;
  if (text !== "") editor.buffer.insertLines(row, linesOf(text));
  goToLine(editor, row);
  editor.say(`'${words}' ${text === "" ? 0 : linesOf(text).length}L, ${text.length}C`);
}

function readFile(editor: Editor, path: string): string | undefined {
  try {
    return editor.files.read(path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    editor.fail(`'${path}' ${error.message}`);
    return undefined;
  }
}

function substitute(editor: Editor, { words, from, to }: Given): void {
  const [delimiter = "/"] = words;
  const parts = [""];
  for (let at = 1; at < words.length; at++) {
    const char = words[at] ?? "";
    if (char === "\\" && words[at + 1] !== undefined) {
      const next = words[++at] ?? "";
      parts.push((parts.pop() ?? "") + (next === delimiter ? next : char + next));
    } else if (char === delimiter && parts.length < 3) parts.push("");
    else parts.push((parts.pop() ?? "") + char);
  }
  const [typed = "", replacement = "", flags = ""] = parts;
  const pattern = typed || (editor.lastSearch?.pattern ?? "");
  if (pattern === "") {
    editor.fail("No previous search");
    return;
  }
  editor.lastSearch = { pattern, backward: false };
  const matcher = matcherOf(pattern, editor.ignoresCase || flags.includes("i"));
  if ("error" in matcher) {
    editor.fail(matcher.error);
    return;
  }
  editor.change();
  let [count, lines, last] = [0, 0, -1];
  for (let row = from, end = to; row <= end; row++) {
    const line = editor.buffer.line(row);
    let result = "";
    let at = 0;
    let done = 0;
    while (at <= line.length) {
      const match = matcher.find(line, at);
      if (!match) break;
      result += line.slice(at, match.start) + filled(replacement, match.groups);
      done++;
      at = match.end;
      if (match.end === match.start) result += line[at++] ?? "";
      if (!flags.includes("g")) break;
    }
    if (done === 0) continue;
    const changed = result + line.slice(at);
    editor.buffer.setLine(row, changed);
    const more = changed.split("\n").length - 1;
    row += more;
    end += more;
    last = row;
    lines++;
    count += done;
  }
  if (count === 0) {
    editor.fail("No match");
    return;
  }
  goToLine(editor, last);
  if (count > 1) editor.say(`${count} substitutions on ${lines} lines`);
}

function filled(replacement: string, groups: readonly (string | undefined)[]): string {
  // Unlike sed, busybox' vi takes `&` as it is.
  return replacement.replace(/\\([\s\S])/g, (_whole, escaped: string) => {
    if (/\d/.test(escaped)) return groups[Number(escaped)] ?? "";
    return { n: "\n", r: "\n", t: "\t" }[escaped] ?? escaped;
  });
}

function set(editor: Editor, { words }: Given): void {
  for (const word of words.split(/\s+/).filter(Boolean)) {
    const on = !word.startsWith("no");
    const name = on ? word : word.slice(2);
    if (name === "number" || name === "nu") editor.showsNumbers = on;
    else if (name === "ignorecase" || name === "ic") editor.ignoresCase = on;
    else if (!/^(?:autoindent|ai|expandtab|et|flash|fl|showmatch|sm|tabstop|ts)(?:=\d+)?$/.test(name)) {
      editor.fail(`bad option: ${word}`);
      return;
    }
  }
}
