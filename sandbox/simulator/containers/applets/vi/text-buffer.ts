/** A place in a text: line and column from 0. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/** What was cut or copied: whole lines go between lines again. */
export interface Cut {
  readonly text: string;
  readonly whole: boolean;
}

/** The lines of a file being edited, never none, and what they were before. */
export class TextBuffer {
  #lines: string[];
  readonly #undo: { lines: string[]; cursor: Place }[] = [];
  /** What the file holds. */
  #saved: string;

  constructor(text: string) {
    this.#lines = linesOf(text);
    this.#saved = this.text;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  get text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  get isModified(): boolean {
    return this.text !== this.#saved;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 1 && this.#lines[0] === "";
  }

  saved(): void {
    this.#saved = this.text;
  }

  line(row: number): string {
    return this.#lines[row] ?? "";
  }

  /** Call before each change that `undo` takes back as one. */
  remember(cursor: Place): void {
    this.#undo.push({ lines: [...this.#lines], cursor });
    if (this.#undo.length > MOST_UNDONE) this.#undo.shift();
  }

  /** Where the cursor was before the last change; `undefined` when there is none. */
  undo(): Place | undefined {
    for (let last = this.#undo.pop(); last; last = this.#undo.pop()) {
      // A command that changed nothing is no step.
      if (last.lines.join("\n") === this.#lines.join("\n")) continue;
      this.#lines = last.lines;
      return last.cursor;
    }
    return undefined;
  }

  /** Puts text in; the place behind it. */
  insert({ row, column }: Place, text: string): Place {
    const line = this.line(row);
    const parts = (line.slice(0, column) + text).split("\n");
    const end = { row: row + parts.length - 1, column: (parts.at(-1) ?? "").length };
    parts.push((parts.pop() ?? "") + line.slice(column));
    this.#lines.splice(row, 1, ...parts);
    return end;
  }

  /** Takes out what lies from one place up to another. */
  remove(from: Place, to: Place): string {
    const cut = this.between(from, to);
    const joined = this.line(from.row).slice(0, from.column) + this.line(to.row).slice(to.column);
    this.#lines.splice(from.row, to.row - from.row + 1, joined);
    return cut;
  }

  between(from: Place, to: Place): string {
    if (from.row === to.row) return this.line(from.row).slice(from.column, to.column);
    return [
      this.line(from.row).slice(from.column),
      ...this.#lines.slice(from.row + 1, to.row),
      this.line(to.row).slice(0, to.column),
    ].join("\n");
  }

  setLine(row: number, line: string): void {
    this.#lines.splice(row, 1, ...line.split("\n"));
  }

  insertLines(row: number, lines: readonly string[]): void {
    if (this.isEmpty && lines.length > 0) this.#lines = [...lines];
    else this.#lines.splice(row, 0, ...lines);
  }

  removeLines(from: number, to: number): string[] {
    const cut = this.#lines.splice(from, to - from + 1);
    if (this.#lines.length === 0) this.#lines = [""];
    return cut;
  }
}

const MOST_UNDONE = 100;

export function linesOf(text: string): string[] {
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}
