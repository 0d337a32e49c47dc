import { Interrupted } from "../processes/program";
import type { Terminal } from "../terminal";
import { completions } from "./completion";
import type { Shell } from "./shell";

/** What a key does. */
type Key = { kind: "text"; text: string } | { kind: "control"; letter: string } | { kind: "special"; name: SpecialKey };
type SpecialKey = "up" | "down" | "left" | "right" | "home" | "end" | "delete" | "word-left" | "word-right" | "none";

/** Line editing at a terminal: arrows, history, the Ctrl keys of emacs, completion with Tab. */
export class LineEditor {
  readonly #shell: Shell;
  readonly #terminal: Terminal;
  readonly #decoder = new TextDecoder();
  /** Keys that came together with the last line's end. */
  #pending = "";
  #prompt = "";
  #text: string[] = [];
  #cursor = 0;
  #historyAt = 0;
  #draft = "";
  #killed = "";
  #lastWasTab = false;

  constructor(shell: Shell, terminal: Terminal) {
    this.#shell = shell;
    this.#terminal = terminal;
  }

  /** A line with its line break; `undefined` at the end of input. Ctrl-C throws `Interrupted`. */
  async read(prompt: string): Promise<string | undefined> {
    this.#prompt = prompt;
    this.#text = [];
    this.#cursor = 0;
    this.#historyAt = this.#shell.state.history.length;
    this.#terminal.setMode({ canonical: false, echo: false, signals: false });
    const window = { resized: false };
    this.#shell.process.handle("WINCH", () => void (window.resized = true));
    // busybox asks where the cursor is; terminals answer with keys that are dropped below.
    const ask = this.#shell.state.dialect === "ash" && this.#pending === "" && !this.#terminal.pending;
    await this.#show(prompt + (ask ? "\x1b[6n" : ""));
    try {
      for (;;) {
        let key: Key | undefined;
        try {
          key = await this.#nextKey();
        } catch (error) {
          if (!(error instanceof Interrupted) || !window.resized) throw error;
          window.resized = false;
          await this.#redraw();
          continue;
        }
        if (key === undefined) {
          if (this.#text.length === 0) return undefined;
          return this.#finish();
        }
        const tab = key.kind === "control" && key.letter === "I";
        const done = await this.#handle(key);
        this.#lastWasTab = tab;
        if (done === "line") return this.#finish();
        if (done === "end") return undefined;
        if (done === "interrupt") {
          await this.#show("^C");
          throw new Interrupted();
        }
      }
    } finally {
      this.#shell.process.handle("WINCH", undefined);
      this.#terminal.setMode({ canonical: true, echo: true, signals: true });
    }
  }

  #finish(): string {
    const line = this.#text.join("");
    if (line.trim() !== "" && this.#shell.state.history.at(-1) !== line) this.#shell.state.history.push(line);
    if (this.#shell.state.history.length > MAX_HISTORY) this.#shell.state.history.shift();
    return `${line}\n`;
  }

  async #handle(key: Key): Promise<"line" | "end" | "interrupt" | undefined> {
    if (key.kind === "text") {
      await this.#insert(key.text);
      return undefined;
    }
    const name = key.kind === "special" ? key.name : CONTROL_KEYS[key.letter];
    switch (name) {
      case "enter":
        await this.#moveTo(this.#text.length);
        await this.#show("\n");
        return "line";
      case "interrupt":
        await this.#moveTo(this.#text.length);
        return "interrupt";
      case "end-of-input":
        if (this.#text.length === 0) {
          await this.#show("\n");
          return "end";
        }
        await this.#erase(this.#cursor, this.#cursor + 1);
        return undefined;
      case "complete":
        await this.#complete();
        return undefined;
      case "clear":
        await this.#show("\x1b[H\x1b[2J");
        await this.#redraw();
        return undefined;
      case "up":
      case "down":
        await this.#recall(name === "up" ? -1 : 1);
        return undefined;
      case "left":
        await this.#moveTo(this.#cursor - 1);
        return undefined;
      case "right":
        await this.#moveTo(this.#cursor + 1);
        return undefined;
      case "home":
        await this.#moveTo(0);
        return undefined;
      case "end":
        await this.#moveTo(this.#text.length);
        return undefined;
      case "word-left":
        await this.#moveTo(this.#wordStart());
        return undefined;
      case "word-right":
        await this.#moveTo(this.#wordEnd());
        return undefined;
      case "backspace":
        await this.#erase(this.#cursor - 1, this.#cursor);
        return undefined;
      case "delete":
        await this.#erase(this.#cursor, this.#cursor + 1);
        return undefined;
      case "kill-end":
        await this.#kill(this.#cursor, this.#text.length);
        return undefined;
      case "kill-start":
        await this.#kill(0, this.#cursor);
        return undefined;
      case "kill-word":
        await this.#kill(this.#wordStart(), this.#cursor);
        return undefined;
      case "yank":
        await this.#insert(this.#killed);
        return undefined;
      default:
        return undefined;
    }
  }

  // --- editing -----------------------------------------------------------------------------------------------------

  async #insert(text: string): Promise<void> {
    const chars = Array.from(text);
    if (this.#text.length + chars.length > MAX_LINE) return;
    this.#text.splice(this.#cursor, 0, ...chars);
    const rest = this.#text.slice(this.#cursor).join("");
    this.#cursor = this.#text.length;
    await this.#show(rest);
    await this.#moveTo(this.#text.length - (Array.from(rest).length - chars.length));
  }

  async #erase(from: number, to: number): Promise<void> {
    if (from < 0 || from >= this.#text.length) return;
    await this.#moveTo(from);
    this.#text.splice(from, to - from);
    await this.#show(`${this.#text.slice(from).join("")}\x1b[J`);
    this.#cursor = this.#text.length;
    await this.#moveTo(from);
  }

  async #kill(from: number, to: number): Promise<void> {
    if (from >= to) return;
    this.#killed = this.#text.slice(from, to).join("");
    await this.#erase(from, to);
  }

  async #replace(text: string): Promise<void> {
    await this.#moveTo(0);
    this.#text = Array.from(text);
    await this.#show(`${text}\x1b[J`);
    this.#cursor = this.#text.length;
  }

  async #recall(step: number): Promise<void> {
    const next = this.#historyAt + step;
    if (next < 0 || next > this.#shell.state.history.length) return;
    if (this.#historyAt === this.#shell.state.history.length) this.#draft = this.#text.join("");
    this.#historyAt = next;
    await this.#replace(this.#shell.state.history[next] ?? this.#draft);
  }

  async #complete(): Promise<void> {
    const before = this.#text.slice(0, this.#cursor).join("");
    const { candidates, stem } = completions(this.#shell, before);
    const [first] = candidates;
    if (first === undefined) {
      await this.#show("\x07");
      return;
    }
    if (candidates.length === 1) {
      await this.#insert(first.slice(stem.length) + (first.endsWith("/") ? "" : " "));
      return;
    }
    const shared = commonPrefix(candidates);
    if (shared.length > stem.length) await this.#insert(shared.slice(stem.length));
    else if (this.#lastWasTab) {
      await this.#moveTo(this.#text.length);
      await this.#show(
        `\n${columns(
          candidates.map((each) => each.replace(/^.*\/(?=.)/, "")),
          this.#terminal.size.columns,
        )}`,
      );
      await this.#redraw();
    } else await this.#show("\x07");
  }

  #wordStart(): number {
    let at = this.#cursor;
    while (at > 0 && this.#text[at - 1] === " ") at--;
    while (at > 0 && this.#text[at - 1] !== " ") at--;
    return at;
  }

  #wordEnd(): number {
    let at = this.#cursor;
    while (at < this.#text.length && this.#text[at] === " ") at++;
    while (at < this.#text.length && this.#text[at] !== " ") at++;
    return at;
  }

  // --- screen ------------------------------------------------------------------------------------------------------

  async #show(text: string): Promise<void> {
    await this.#shell.process.write(2, text);
  }

  /** Moves the cursor inside the line, over the screen's rows when the line is longer than one. */
  async #moveTo(target: number): Promise<void> {
    const to = Math.max(0, Math.min(target, this.#text.length));
    if (to === this.#cursor) return;
    const width = Math.max(1, this.#terminal.size.columns);
    const start = promptWidth(this.#prompt);
    const [fromRow, toRow] = [Math.floor((start + this.#cursor) / width), Math.floor((start + to) / width)];
    const [fromColumn, toColumn] = [(start + this.#cursor) % width, (start + to) % width];
    let moves = "";
    if (toRow < fromRow) moves += `\x1b[${fromRow - toRow}A`;
    if (toRow > fromRow) moves += `\x1b[${toRow - fromRow}B`;
    if (toColumn < fromColumn) moves += fromColumn - toColumn === 1 ? "\b" : `\x1b[${fromColumn - toColumn}D`;
    if (toColumn > fromColumn) moves += `\x1b[${toColumn - fromColumn}C`;
    this.#cursor = to;
    await this.#show(moves);
  }

  async #redraw(): Promise<void> {
    const cursor = this.#cursor;
    await this.#show(`\r${this.#prompt}${this.#text.join("")}\x1b[J`);
    this.#cursor = this.#text.length;
    await this.#moveTo(cursor);
  }

  // --- keys --------------------------------------------------------------------------------------------------------

  async #nextKey(): Promise<Key | undefined> {
    for (;;) {
      const key = this.#takeKey();
      if (key) return key;
      const bytes = await this.#shell.process.read(0, 4096);
      if (!bytes) return undefined;
      this.#pending += this.#decoder.decode(bytes, { stream: true });
    }
  }

  /** The first key of what was typed; `undefined` while an escape sequence has not ended. */
  #takeKey(): Key | undefined {
    const text = this.#pending;
    if (text === "") return undefined;
    const sequence = /^\x1b(?:\[([0-9;]*)([A-Za-z~])|O([A-Za-z])|([bfd\x7f]))/.exec(text);
    if (sequence) {
      this.#pending = text.slice(sequence[0].length);
      return { kind: "special", name: specialKey(sequence[1] ?? "", sequence[2] ?? sequence[3] ?? "", sequence[4]) };
    }
    if (/^\x1b(?:\[[0-9;]*|O)?$/.test(text)) return undefined;
    const [char = ""] = text;
    const first = String.fromCodePoint(text.codePointAt(0) ?? 0);
    this.#pending = text.slice(first.length);
    if (char === "\x7f") return { kind: "control", letter: "H" };
    if (char === "\x1b") return { kind: "special", name: "none" };
    if (char < " ") return { kind: "control", letter: String.fromCharCode(char.charCodeAt(0) + 0x40) };
    return { kind: "text", text: first };
  }
}

const MAX_HISTORY = 200;
const MAX_LINE = 4000;

const CONTROL_KEYS: Readonly<Record<string, string>> = {
  A: "home",
  B: "left",
  C: "interrupt",
  D: "end-of-input",
  E: "end",
  F: "right",
  H: "backspace",
  I: "complete",
  J: "enter",
  K: "kill-end",
  L: "clear",
  M: "enter",
  N: "down",
  P: "up",
  U: "kill-start",
  W: "kill-word",
  Y: "yank",
};

function specialKey(parameters: string, final: string, meta: string | undefined): SpecialKey {
  if (meta !== undefined) return meta === "b" ? "word-left" : meta === "f" ? "word-right" : "none";
  const modified = parameters.includes(";");
  switch (final) {
    case "A":
      return "up";
    case "B":
      return "down";
    case "C":
      return modified ? "word-right" : "right";
    case "D":
      return modified ? "word-left" : "left";
    case "H":
      return "home";
    case "F":
      return "end";
    case "~":
      return ({ "1": "home", "7": "home", "4": "end", "8": "end", "3": "delete" } as const)[parameters] ?? "none";
    default:
      return "none";
  }
}

function promptWidth(prompt: string): number {
  const line = prompt.slice(prompt.lastIndexOf("\n") + 1);
  // Escape sequences take no room.
  return Array.from(line.replace(/\x1b\[[0-9;]*[A-Za-z]/g, "")).length;
}

function commonPrefix(words: readonly string[]): string {
  let prefix = words[0] ?? "";
  for (const word of words) while (!word.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}

function columns(words: readonly string[], width: number): string {
  const cell = Math.max(...words.map((word) => word.length)) + 2;
  const across = Math.max(1, Math.floor(width / cell));
  const rows = Math.ceil(words.length / across);
  let text = "";
  for (let row = 0; row < rows; row++) {
    const line = Array.from({ length: across }, (_, column) => words[column * rows + row] ?? "");
    text += `${line
      .map((word) => word.padEnd(cell))
      .join("")
      .trimEnd()}\n`;
  }
  return text;
}
