import { KEY } from "../screen/keys";
import type { Place, TextBuffer } from "./text-buffer";

/** Where a motion leads, and what an operator over it takes: whole lines, or up to there, that place included or not. */
export interface Motion extends Place {
  readonly reach: "lines" | "included" | "excluded";
}

export interface MotionContext {
  readonly buffer: TextBuffer;
  readonly cursor: Place;
  /** The rows shown, first and last. */
  readonly shown: readonly [number, number];
  /** What `f`, `t`, `F`, `T` looked for last. */
  readonly lastFind: { readonly name: string; readonly char: string } | undefined;
  search(backward: boolean): Place | undefined;
  marked(name: string): Place | undefined;
}

type Rule = (context: MotionContext, count: number | undefined, char: string) => Motion | undefined;

/** The motion's end; `undefined` where it cannot be made. `char` is what follows `f`, `t`, `g` and the like. */
export function motion(
  name: string,
  context: MotionContext,
  count: number | undefined,
  char: string,
): Motion | undefined {
  return RULES[name]?.(context, count, char);
}

export function isMotion(name: string): boolean {
  return name in RULES;
}

const down =
  (by: number): Rule =>
  ({ buffer, cursor }, count) => {
    const row = cursor.row + by * (count ?? 1);
    return row < 0 || row >= buffer.lines.length ? undefined : { row, column: cursor.column, reach: "lines" };
  };

const toRow =
  (row: (context: MotionContext, count: number | undefined) => number): Rule =>
  (context, count) => {
    const wanted = Math.min(Math.max(row(context, count), 0), context.buffer.lines.length - 1);
    return { row: wanted, column: firstNonBlank(context.buffer.line(wanted)), reach: "lines" };
  };

const left: Rule = ({ cursor }, count) => ({
  row: cursor.row,
  column: Math.max(0, cursor.column - (count ?? 1)),
  reach: "excluded",
});

const right: Rule = ({ buffer, cursor }, count) => ({
  row: cursor.row,
  column: Math.min(buffer.line(cursor.row).length, cursor.column + (count ?? 1)),
  reach: "excluded",
});

const lineStart: Rule = ({ cursor }) => ({ row: cursor.row, column: 0, reach: "excluded" });

const lineEnd: Rule = ({ buffer, cursor }, count) => {
  const row = Math.min(cursor.row + (count ?? 1) - 1, buffer.lines.length - 1);
  return { row, column: Math.max(0, buffer.line(row).length - 1), reach: "included" };
};

const RULES: Readonly<Record<string, Rule>> = {
  h: left,
  [KEY.left]: left,
  [KEY.backspace]: left,
  l: right,
  " ": right,
  [KEY.right]: right,
  j: down(1),
  [KEY.down]: down(1),
  "\x0e": down(1),
  k: down(-1),
  [KEY.up]: down(-1),
  "\x10": down(-1),
  "\n": toRow(({ cursor }, count) => cursor.row + (count ?? 1)),
  "+": toRow(({ cursor }, count) => cursor.row + (count ?? 1)),
  "-": toRow(({ cursor }, count) => cursor.row - (count ?? 1)),
  _: toRow(({ cursor }, count) => cursor.row + (count ?? 1) - 1),
  G: toRow(({ buffer }, count) => (count ?? buffer.lines.length) - 1),
  g: toRow((_, count) => (count ?? 1) - 1),
  H: toRow(({ shown }, count) => shown[0] + (count ?? 1) - 1),
  M: toRow(({ shown }) => (shown[0] + shown[1]) >> 1),
  L: toRow(({ shown }, count) => shown[1] - (count ?? 1) + 1),
  "0": lineStart,
  [KEY.home]: lineStart,
  "^": ({ buffer, cursor }) => ({
    row: cursor.row,
    column: firstNonBlank(buffer.line(cursor.row)),
    reach: "excluded",
  }),
  $: lineEnd,
  [KEY.end]: lineEnd,
  "|": ({ cursor }, count) => ({ row: cursor.row, column: (count ?? 1) - 1, reach: "excluded" }),
  w: words((buffer, at) => nextWord(buffer, at, kind), "excluded"),
  W: words((buffer, at) => nextWord(buffer, at, bigKind), "excluded"),
  e: words((buffer, at) => wordEnd(buffer, at, kind), "included"),
  E: words((buffer, at) => wordEnd(buffer, at, bigKind), "included"),
  b: words((buffer, at) => wordStart(buffer, at, kind), "excluded"),
  B: words((buffer, at) => wordStart(buffer, at, bigKind), "excluded"),
  f: find,
  F: find,
  t: find,
  T: find,
  ";": (context, count) => context.lastFind && findFrom(context, context.lastFind.name, context.lastFind.char, count),
  ",": (context, count) =>
    context.lastFind && findFrom(context, REVERSED[context.lastFind.name] ?? "f", context.lastFind.char, count),
  "{": paragraph(-1),
  "}": paragraph(1),
  "%": matchingBracket,
  "'": (context, _count, char) => {
    const place = context.marked(char);
    return place && { row: place.row, column: firstNonBlank(context.buffer.line(place.row)), reach: "lines" };
  },
  "`": (context, _count, char) => found(context.marked(char)),
  n: (context) => found(context.search(false)),
  N: (context) => found(context.search(true)),
};

const REVERSED: Readonly<Record<string, string>> = { f: "F", F: "f", t: "T", T: "t" };

export function firstNonBlank(line: string): number {
  const at = line.search(/\S/);
  return at < 0 ? Math.max(0, line.length - 1) : at;
}

function found(place: Place | undefined): Motion | undefined {
  return place && { ...place, reach: "excluded" };
}

function words(next: (buffer: TextBuffer, at: Place) => Place, reach: Motion["reach"]): Rule {
  return ({ buffer, cursor }, count = 1) => {
    let at = cursor;
    for (let left = Math.min(count, 1000); left > 0; left--) at = next(buffer, at);
    return { ...at, reach };
  };
}

/** 0: blank, 1: part of a word, 2: anything else. */
function kind(char: string | undefined): number {
  return char === undefined || /\s/.test(char) ? 0 : /[\p{L}\p{N}_]/u.test(char) ? 1 : 2;
}

function bigKind(char: string | undefined): number {
  return char === undefined || /\s/.test(char) ? 0 : 1;
}

function nextWord(buffer: TextBuffer, { row, column }: Place, kindOf: typeof kind): Place {
  const line = buffer.line(row);
  let at = column;
  const here = kindOf(line[at]);
  while (at < line.length && here !== 0 && kindOf(line[at]) === here) at++;
  while (at < line.length && kindOf(line[at]) === 0) at++;
  if (at < line.length) return { row, column: at };
  for (let below = row + 1; below < buffer.lines.length; below++) {
    const next = buffer.line(below).search(/\S/);
    if (next >= 0 || buffer.line(below) === "") return { row: below, column: Math.max(0, next) };
  }
  return { row, column: line.length };
}

function wordEnd(buffer: TextBuffer, { row, column }: Place, kindOf: typeof kind): Place {
  let [at, line] = [column + 1, buffer.line(row)];
  let here = row;
  for (;;) {
    while (at < line.length && kindOf(line[at]) === 0) at++;
    if (at < line.length) break;
    if (here + 1 >= buffer.lines.length) return { row: here, column: Math.max(0, line.length - 1) };
    line = buffer.line(++here);
    at = 0;
  }
  while (at + 1 < line.length && kindOf(line[at + 1]) === kindOf(line[at])) at++;
  return { row: here, column: at };
}

function wordStart(buffer: TextBuffer, { row, column }: Place, kindOf: typeof kind): Place {
  let [at, line] = [column - 1, buffer.line(row)];
  let here = row;
  for (;;) {
    while (at >= 0 && kindOf(line[at]) === 0) at--;
    if (at >= 0) break;
    if (here === 0) return { row: 0, column: 0 };
    line = buffer.line(--here);
    if (line === "") return { row: here, column: 0 };
    at = line.length - 1;
  }
  while (at > 0 && kindOf(line[at - 1]) === kindOf(line[at])) at--;
  return { row: here, column: at };
}

function findFrom({ buffer, cursor }: MotionContext, name: string, char: string, count = 1): Motion | undefined {
  const line = buffer.line(cursor.row);
  const forward = name === "f" || name === "t";
  let at = cursor.column;
  for (let left = Math.min(count, 1000); left > 0; left--) {
    at = forward ? line.indexOf(char, at + 1) : at > 0 ? line.lastIndexOf(char, at - 1) : -1;
    if (at < 0) return undefined;
  }
  const column = name === "t" ? at - 1 : name === "T" ? at + 1 : at;
  return { row: cursor.row, column, reach: forward ? "included" : "excluded" };
}

function find(context: MotionContext, count: number | undefined, char: string): Motion | undefined {
  const name = char.slice(0, 1);
  return findFrom(context, name, char.slice(1), count);
}

function paragraph(by: 1 | -1): Rule {
  return ({ buffer, cursor }, count = 1) => {
    let row = cursor.row;
    for (let left = Math.min(count, 1000); left > 0; left--) {
      while (buffer.lines[row + by] !== undefined && buffer.line(row) === "") row += by;
      while (buffer.lines[row + by] !== undefined && buffer.line(row) !== "") row += by;
    }
    const isAtEnd = by > 0 && buffer.line(row) !== "";
    return { row, column: isAtEnd ? buffer.line(row).length : 0, reach: "excluded" };
  };
}

function matchingBracket({ buffer, cursor }: MotionContext): Motion | undefined {
  const line = buffer.line(cursor.row);
  let column = cursor.column;
  while (column < line.length && !"()[]{}".includes(line[column] ?? "")) column++;
  const own = line[column];
  if (own === undefined) return undefined;
  const other = "()[]{}"["()[]{}".indexOf(own) ^ 1] ?? "";
  const by = "([{".includes(own) ? 1 : -1;
  let depth = 0;
  for (let row = cursor.row; row >= 0 && row < buffer.lines.length; row += by) {
    const text = buffer.line(row);
    const start = row === cursor.row ? column : by > 0 ? 0 : text.length - 1;
    for (let at = start; at >= 0 && at < text.length; at += by) {
      if (text[at] === own) depth++;
      else if (text[at] === other && --depth === 0) return { row, column: at, reach: "included" };
    }
  }
  return undefined;
}
