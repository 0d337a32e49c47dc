import { KEY } from "../screen/keys";
import { type Command, parseCommand } from "./command";
import { type Changes, NORMAL_ACTIONS } from "./actions";
import { runExCommand } from "./ex-commands";
import { firstNonBlank, motion, type Motion } from "./motions";
import { findPattern } from "./search";
import { type Cut, type Place, TextBuffer } from "./text-buffer";

/** What an editor needs of the file system. Both throw `FileError`. */
export interface EditorFiles {
  read(path: string): string;
  write(path: string, text: string): void;
}

export type Mode =
  | { readonly kind: "normal"; readonly keys: string }
  | { readonly kind: "insert"; readonly replaces: boolean; readonly times: number; typed: string }
  | { readonly kind: "line"; readonly prompt: ":" | "/" | "?"; readonly text: string };

const NORMAL: Mode = { kind: "normal", keys: "" };

/** A vi: keys go in one by one, and change the text, the cursor and what the last line says. Draws nothing. */
export class Editor implements Changes {
  buffer: TextBuffer;
  path: string | undefined;
  readonly isReadOnly: boolean;
  readonly files: EditorFiles;
  cursor: Place = { row: 0, column: 0 };
  mode: Mode = NORMAL;
  message: { readonly text: string; readonly isError: boolean } | undefined;
  /** Set once the user wants out. */
  exit: number | undefined;
  /** How many rows of text the screen has, and the first one shown: kept by who draws. */
  window = { rows: 23, top: 0 };
  showsNumbers = false;
  ignoresCase = false;
  lastSearch: { readonly pattern: string; readonly backward: boolean } | undefined;
  readonly #registers = new Map<string, Cut>();
  readonly #marks = new Map<string, Place>();
  #lastFind: { readonly name: string; readonly char: string } | undefined;
  #recorded = "";
  #lastChange = "";
  #changed = false;
  #isReplaying = false;

  constructor(files: EditorFiles, path: string | undefined, text: string, isReadOnly: boolean) {
    this.files = files;
    this.path = path;
    this.buffer = new TextBuffer(text);
    this.isReadOnly = isReadOnly;
  }

  key(key: string): void {
    if (key === KEY.resized || key === KEY.unknown) return;
    this.message = undefined;
    if (!this.#isReplaying) {
      if (this.mode.kind === "normal" && this.mode.keys === "") this.#recorded = "";
      this.#recorded += key;
    }
    switch (this.mode.kind) {
      case "normal":
        this.#normalKey(this.mode.keys + key, key);
        break;
      case "insert":
        this.#insertKey(this.mode, key);
        break;
      case "line":
        this.#lineKey(this.mode, key);
    }
    if (this.mode.kind === "normal") {
      this.#keepInside();
      if (this.mode.keys === "" && this.#changed && !this.#isReplaying) {
        this.#lastChange = this.#recorded;
        this.#changed = false;
      }
    }
  }

  // --- what actions and line commands do with it -------------------------------------------------------------------

  say(text: string): void {
    this.message = { text, isError: false };
  }

  fail(text: string): void {
    this.message = { text, isError: true };
  }

  /** Begins a change that `u` takes back as one and `.` repeats. */
  change(): void {
    this.buffer.remember(this.cursor);
    this.#changed = true;
  }

  insert(at: Place, times = 1, replaces = false): void {
    this.cursor = at;
    this.mode = { kind: "insert", replaces, times, typed: "" };
  }

  register(name: string): Cut | undefined {
    return this.#registers.get(name);
  }

  keep(name: string, cut: Cut): void {
    this.#registers.set(name, cut);
    this.#registers.set("", cut);
  }

  mark(name: string): void {
    this.#marks.set(name, this.cursor);
  }

  marked(name: string): Place | undefined {
    return this.#marks.get(name);
  }

  openLine(prompt: ":" | "/" | "?"): void {
    this.mode = { kind: "line", prompt, text: "" };
  }

  repeat(count: number): void {
    const keys = this.#lastChange;
    this.#isReplaying = true;
    for (let left = Math.min(count, 100); left > 0; left--) for (const key of keys) this.key(key);
    this.#isReplaying = false;
  }

  moveTo(place: Place): void {
    this.cursor = place;
  }

  /** From the place after the cursor on, and around the end of the text. */
  search(pattern: string, backward: boolean): Place | undefined {
    const { place, wrapped, error } = findPattern(this.buffer.lines, this.cursor, pattern, backward, this.ignoresCase);
    if (error !== undefined) this.fail(error);
    else if (!place) this.say("Pattern not found");
    else if (wrapped)
      this.say(backward ? "search hit TOP, continuing at BOTTOM" : "search hit BOTTOM, continuing at TOP");
    return place;
  }

  // --- keys --------------------------------------------------------------------------------------------------------

  #normalKey(keys: string, key: string): void {
    if (key === KEY.escape || key === "\x03") {
      this.mode = NORMAL;
      return;
    }
    const command = parseCommand(keys);
    if (command === "more") {
      this.mode = { kind: "normal", keys };
      return;
    }
    this.mode = NORMAL;
    this.#run(command);
  }

  #run(command: Command): void {
    switch (command.kind) {
      case "motion": {
        const end = this.#motion(command.name, command.count, command.char);
        if (end) this.cursor = end;
        return;
      }
      case "operator":
        this.#operate(command);
        return;
      case "action": {
        const action = NORMAL_ACTIONS[command.name];
        if (action) action(this, command);
        else this.fail(`'${command.name}' is not implemented`);
      }
    }
  }

  #motion(name: string, count: number | undefined, char: string): Motion | undefined {
    if ("fFtT".includes(name)) this.#lastFind = { name, char: char.slice(name.length) };
    const shown = [
      this.window.top,
      Math.min(this.window.top + this.window.rows, this.buffer.lines.length) - 1,
    ] as const;
    return motion(
      name,
      {
        buffer: this.buffer,
        cursor: this.cursor,
        shown,
        lastFind: this.#lastFind,
        marked: (mark) => this.marked(mark),
        search: (reversed) => {
          if (!this.lastSearch) {
            this.fail("No previous search");
            return undefined;
          }
          return this.search(this.lastSearch.pattern, this.lastSearch.backward !== reversed);
        },
      },
      count,
      char,
    );
  }

  #operate(command: Extract<Command, { kind: "operator" }>): void {
    const { cursor, buffer } = this;
    const { operator, count = 1, register } = command;
    if (command.target === "lines") {
      const last = Math.min(cursor.row + count, buffer.lines.length) - 1;
      this.#operateLines(operator, cursor.row, last, register);
      return;
    }
    // `cw` leaves the blanks after the word.
    const blankless = operator === "c" && /\S/.test(buffer.line(cursor.row)[cursor.column] ?? "");
    const name = blankless ? ({ w: "e", W: "E" }[command.target] ?? command.target) : command.target;
    const isAtEnd = name !== command.target && isLastOfWord(buffer.line(cursor.row), cursor.column, name);
    const end: Motion | undefined =
      isAtEnd && count === 1
        ? { ...cursor, reach: "included" }
        : this.#motion(name, isAtEnd ? count - 1 : command.count, command.char);
    if (!end) return;
    if (end.reach === "lines" || "<>".includes(operator)) {
      this.#operateLines(operator, Math.min(cursor.row, end.row), Math.max(cursor.row, end.row), register);
      return;
    }
    const isBefore = end.row < cursor.row || (end.row === cursor.row && end.column < cursor.column);
    const from: Place = isBefore ? end : cursor;
    let to: Place = isBefore ? cursor : end;
    if (end.reach === "included") to = { row: to.row, column: to.column + 1 };
    // A word that ends its line takes no line break with it.
    else if ("wW".includes(command.target) && to.row > from.row && to.column <= firstNonBlank(buffer.line(to.row)))
      to = { row: to.row - 1, column: buffer.line(to.row - 1).length };
    this.keep(register, { text: buffer.between(from, to), whole: false });
    if (operator !== "y") {
      this.change();
      buffer.remove(from, to);
    }
    if (operator === "c") this.insert(from);
    else this.cursor = from;
  }

  #operateLines(operator: string, from: number, to: number, register: string): void {
    const { buffer } = this;
    if (operator === "<" || operator === ">") {
      this.change();
      for (let row = from; row <= to; row++) {
        const line = buffer.line(row);
        buffer.setLine(row, operator === "<" ? line.replace(/^(?:\t| {1,8})/, "") : line && `\t${line}`);
      }
      this.cursor = { row: from, column: firstNonBlank(buffer.line(from)) };
      return;
    }
    this.keep(register, { text: `${buffer.lines.slice(from, to + 1).join("\n")}\n`, whole: true });
    if (operator === "y") {
      if (from < this.cursor.row) this.cursor = { row: from, column: this.cursor.column };
      return;
    }
    this.change();
    if (operator === "c") {
      buffer.removeLines(from + 1, to);
      buffer.setLine(from, "");
      this.insert({ row: from, column: 0 });
      return;
    }
    buffer.removeLines(from, to);
    const row = Math.min(from, buffer.lines.length - 1);
    this.cursor = { row, column: firstNonBlank(buffer.line(row)) };
  }

  #insertKey(mode: Extract<Mode, { kind: "insert" }>, key: string): void {
    const { buffer, cursor } = this;
    if (key === KEY.escape || key === "\x03") {
      for (let left = Math.min(mode.times, 100) - 1; left > 0; left--)
        this.cursor = buffer.insert(this.cursor, mode.typed);
      this.mode = NORMAL;
      this.cursor = { row: this.cursor.row, column: Math.max(0, this.cursor.column - 1) };
    } else if (key === KEY.backspace) {
      if (cursor.column > 0) {
        const from = { row: cursor.row, column: cursor.column - 1 };
        if (!mode.replaces) buffer.remove(from, cursor);
        this.cursor = from;
      } else if (cursor.row > 0) {
        const from = { row: cursor.row - 1, column: buffer.line(cursor.row - 1).length };
        buffer.remove(from, cursor);
        this.cursor = from;
      }
      mode.typed = mode.typed.slice(0, -1);
    } else if (key === KEY.delete) {
      buffer.remove(cursor, { row: cursor.row, column: cursor.column + 1 });
    } else if (key >= KEY.up && key < KEY.delete) {
      const end = this.#motion(key, undefined, "");
      if (end) this.cursor = end.reach === "included" ? { row: end.row, column: end.column + 1 } : end;
    } else if (key === "\n" || key === "\t" || key >= " ") {
      mode.typed += key;
      if (mode.replaces && key !== "\n" && cursor.column < buffer.line(cursor.row).length)
        buffer.remove(cursor, { row: cursor.row, column: cursor.column + 1 });
      this.cursor = buffer.insert(cursor, key);
    }
  }

  #lineKey(mode: Extract<Mode, { kind: "line" }>, key: string): void {
    if (key === KEY.escape || key === "\x03" || (key === KEY.backspace && mode.text === "")) {
      this.mode = NORMAL;
      return;
    }
    if (key !== KEY.enter) {
      const text =
        key === KEY.backspace
          ? mode.text.slice(0, -1)
          : key < KEY.up || key > KEY.unknown
            ? mode.text + key
            : mode.text;
      this.mode = { ...mode, text };
      return;
    }
    this.mode = NORMAL;
    if (mode.prompt === ":") {
      runExCommand(this, mode.text);
      return;
    }
    const pattern = mode.text || (this.lastSearch?.pattern ?? "");
    if (pattern === "") {
      this.fail("No previous search");
      return;
    }
    this.lastSearch = { pattern, backward: mode.prompt === "?" };
    const place = this.search(pattern, mode.prompt === "?");
    if (place) this.cursor = place;
  }

  #keepInside(): void {
    const row = Math.min(Math.max(this.cursor.row, 0), this.buffer.lines.length - 1);
    const column = Math.max(0, Math.min(this.cursor.column, this.buffer.line(row).length - 1));
    this.cursor = { row, column };
  }
}

function isLastOfWord(line: string, column: number, name: string): boolean {
  const [here = "", next = " "] = [line[column], line[column + 1]];
  const isWord = (char: string): boolean => /[\p{L}\p{N}_]/u.test(char);
  return /\s/.test(next) || (name === "e" && isWord(here) !== isWord(next));
}
