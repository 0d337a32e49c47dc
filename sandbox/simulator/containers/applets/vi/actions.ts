import { KEY } from "../screen/keys";
import { firstNonBlank } from "./motions";
import type { Cut, Place, TextBuffer } from "./text-buffer";

/** What a command does to the editor. */
export interface Changes {
  readonly buffer: TextBuffer;
  readonly cursor: Place;
  readonly window: { readonly rows: number; top: number };
  exit: number | undefined;
  change(): void;
  insert(at: Place, times?: number, replaces?: boolean): void;
  register(name: string): Cut | undefined;
  keep(name: string, cut: Cut): void;
  mark(name: string): void;
  moveTo(place: Place): void;
  openLine(prompt: ":" | "/" | "?"): void;
  repeat(count: number): void;
  say(text: string): void;
  key(key: string): void;
}

interface Given {
  readonly count?: number;
  readonly char: string;
  readonly register: string;
}

type Action = (editor: Changes, given: Given) => void;

const at = (editor: Changes, column: number): Place => ({ row: editor.cursor.row, column });
const lineOf = (editor: Changes): string => editor.buffer.line(editor.cursor.row);

/** Cuts `count` characters from `column` on. */
function cut(editor: Changes, column: number, count: number, register: string): void {
  const to = Math.min(lineOf(editor).length, column + count);
  if (to <= column) return;
  editor.change();
  editor.keep(register, { text: editor.buffer.remove(at(editor, column), at(editor, to)), whole: false });
  editor.moveTo(at(editor, column));
}

function put(editor: Changes, { count = 1, register }: Given, after: boolean): void {
  const kept = editor.register(register);
  if (!kept) return;
  const { buffer, cursor } = editor;
  editor.change();
  const text = kept.text.repeat(Math.min(count, 1000));
  if (kept.whole) {
    const row = cursor.row + (after ? 1 : 0);
    buffer.insertLines(row, text.slice(0, -1).split("\n"));
    const shown = Math.min(row, buffer.lines.length - 1);
    editor.moveTo({ row: shown, column: firstNonBlank(buffer.line(shown)) });
    return;
  }
  const place = at(editor, after && lineOf(editor) !== "" ? cursor.column + 1 : cursor.column);
  const end = buffer.insert(place, text);
  editor.moveTo(text.includes("\n") ? place : { row: end.row, column: Math.max(0, end.column - 1) });
}

function page(editor: Changes, rows: number): void {
  const { window, buffer, cursor } = editor;
  const last = buffer.lines.length - 1;
  window.top = Math.min(Math.max(0, window.top + rows), last);
  const row = Math.min(Math.max(cursor.row, window.top), Math.min(last, window.top + window.rows - 1));
  editor.moveTo({ row, column: firstNonBlank(buffer.line(row)) });
}

const keys =
  (text: string): Action =>
  (editor) => {
    for (const key of text) editor.key(key);
  };

export const NORMAL_ACTIONS: Readonly<Record<string, Action>> = {
  nothing: () => {},
  i: (editor, { count }) => {
    editor.change();
    editor.insert(editor.cursor, count);
  },
  I: (editor, { count }) => {
    editor.change();
    editor.insert(at(editor, lineOf(editor).trim() === "" ? 0 : firstNonBlank(lineOf(editor))), count);
  },
  a: (editor, { count }) => {
    editor.change();
    editor.insert(at(editor, Math.min(editor.cursor.column + 1, lineOf(editor).length)), count);
  },
  A: (editor, { count }) => {
    editor.change();
    editor.insert(at(editor, lineOf(editor).length), count);
  },
  o: (editor) => {
    editor.change();
    editor.insert(editor.buffer.insert(at(editor, lineOf(editor).length), "\n"));
  },
  O: (editor) => {
    editor.change();
    editor.buffer.insert(at(editor, 0), "\n");
    editor.insert(at(editor, 0));
  },
  R: (editor) => {
    editor.change();
    editor.insert(editor.cursor, 1, true);
  },
  r: (editor, { char, count = 1 }) => {
    const { column } = editor.cursor;
    if (char === KEY.escape || column + count > lineOf(editor).length) return;
    editor.change();
    editor.buffer.remove(editor.cursor, at(editor, column + count));
    const end = editor.buffer.insert(editor.cursor, char === "\n" ? char : char.repeat(count));
    editor.moveTo(char === "\n" ? end : at(editor, column + count - 1));
  },
  x: (editor, { count = 1, register }) => cut(editor, editor.cursor.column, count, register),
  [KEY.delete]: (editor, { count = 1, register }) => cut(editor, editor.cursor.column, count, register),
  X: (editor, { count = 1, register }) => {
    const from = Math.max(0, editor.cursor.column - count);
    cut(editor, from, editor.cursor.column - from, register);
  },
  s: (editor, { count = 1, register }) => {
    editor.change();
    cut(editor, editor.cursor.column, count, register);
    editor.insert(editor.cursor);
  },
  S: (editor, { register }) => {
    editor.change();
    editor.keep(register, { text: `${lineOf(editor)}\n`, whole: true });
    editor.buffer.setLine(editor.cursor.row, "");
    editor.insert(at(editor, 0));
  },
  D: (editor, { register }) => cut(editor, editor.cursor.column, Number.POSITIVE_INFINITY, register),
  C: (editor, { register }) => {
    editor.change();
    cut(editor, editor.cursor.column, Number.POSITIVE_INFINITY, register);
    editor.insert(at(editor, Math.min(editor.cursor.column, lineOf(editor).length)));
  },
  Y: (editor, { count = 1, register }) => {
    const { row } = editor.cursor;
    editor.keep(register, { text: `${editor.buffer.lines.slice(row, row + count).join("\n")}\n`, whole: true });
  },
  p: (editor, given) => put(editor, given, true),
  P: (editor, given) => put(editor, given, false),
  J: (editor, { count = 2 }) => {
    editor.change();
    for (let left = Math.max(2, count) - 1; left > 0; left--) {
      const { row } = editor.cursor;
      if (row + 1 >= editor.buffer.lines.length) return;
      const [mine, next] = [lineOf(editor), editor.buffer.line(row + 1).trimStart()];
      const blank = mine === "" || next === "" || /\s$/.test(mine) ? "" : " ";
      editor.buffer.removeLines(row + 1, row + 1);
      editor.buffer.setLine(row, mine + blank + next);
      editor.moveTo(at(editor, mine.length));
    }
  },
  "~": (editor, { count = 1 }) => {
    const { column } = editor.cursor;
    const line = lineOf(editor);
    const part = line.slice(column, column + count);
    editor.change();
    const turned = Array.from(part, (char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase()));
    editor.buffer.setLine(editor.cursor.row, line.slice(0, column) + turned.join("") + line.slice(column + count));
    editor.moveTo(at(editor, column + count));
  },
  u: (editor) => {
    const place = editor.buffer.undo();
    if (place) editor.moveTo(place);
    else editor.say("Already at oldest change");
  },
  ".": (editor, { count = 1 }) => editor.repeat(count),
  ":": (editor) => editor.openLine(":"),
  "/": (editor) => editor.openLine("/"),
  "?": (editor) => editor.openLine("?"),
  m: (editor, { char }) => editor.mark(char),
  Z: (editor, { char }) => {
    if (char === "Z") keys(":x\n")(editor, { char, register: "" });
    else if (char === "Q") editor.exit = 0;
  },
  z: (editor, { char }) => {
    const { row } = editor.cursor;
    const above =
      char === "." || char === "z"
        ? editor.window.rows >> 1
        : char === "-" || char === "b"
          ? editor.window.rows - 1
          : 0;
    editor.window.top = Math.max(0, row - above);
  },
  "\x06": (editor) => page(editor, editor.window.rows - 2),
  [KEY.pageDown]: (editor) => page(editor, editor.window.rows - 2),
  "\x02": (editor) => page(editor, 2 - editor.window.rows),
  [KEY.pageUp]: (editor) => page(editor, 2 - editor.window.rows),
  "\x04": (editor) => page(editor, editor.window.rows >> 1),
  "\x15": (editor) => page(editor, -(editor.window.rows >> 1)),
  "\x05": (editor) => page(editor, 1),
  "\x19": (editor) => page(editor, -1),
  "\x0c": () => {},
  "\x12": () => {},
  "\x07": (editor) => editor.say(`line ${editor.cursor.row + 1} of ${editor.buffer.lines.length}`),
};
