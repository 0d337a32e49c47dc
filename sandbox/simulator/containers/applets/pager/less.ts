import type { TerminalSize } from "../../../api/node-api";
import type { Process } from "../../processes/process";
import { type Applet, asByteText, inputs, linesOf, type Options, readOptions, toBytes } from "../applet";
import { compileRegex, type Matcher, RegexError } from "../regex";
import { KEY, ScreenKeys } from "../screen/keys";
import { copyAll } from "./more";

const USAGE = `[-EFIMmNSRh~] [FILE]...

View FILE (or stdin) one screenful at a time

	-E	Quit once the end of a file is reached
	-F	Quit if entire file fits on first screen
	-I	Ignore case in all searches
	-M,-m	Display status line with line numbers
		and percentage through the file
	-N	Prefix line number to each line
	-S	Truncate long lines
	-R	Remove color escape codes in input
	-~	Suppress ~s displayed past EOF`;

/** less: looks at files on a terminal, forth and back; elsewhere it copies. */
export const less: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "EFIMmNSRXreh~", usage: USAGE });
  const { terminal } = process;
  const screen = process.descriptor(1)?.terminal;
  if (!terminal || !screen) return copyAll(process, call, options.operands);
  const keys = new ScreenKeys(process, terminal);
  let status = 0;
  try {
    for await (const input of inputs(process, call, options.operands)) {
      if (!input) {
        status = 1;
        continue;
      }
      const lines: string[] = [];
      for await (const { text } of linesOf(input.chunks)) if (lines.length < MOST_LINES) lines.push(text);
      const view = new View(process, options, input.name, lines, () => screen.size);
      if ((await view.run(keys)) === "quit") break;
    }
    return status;
  } finally {
    keys.restore();
  }
};

const MOST_LINES = 200_000;

class View {
  readonly #process: Process;
  readonly #options: Options;
  readonly #name: string;
  readonly #lines: readonly string[];
  readonly #size: () => TerminalSize;
  #top = 0;
  #search: Matcher | undefined;
  #says: string;
  #numbers: boolean;

  constructor(process: Process, options: Options, name: string, lines: readonly string[], size: () => TerminalSize) {
    this.#process = process;
    this.#options = options;
    this.#name = name;
    this.#lines = lines;
    this.#size = size;
    this.#numbers = options.flags.has("N");
    this.#says = name === "-" ? "" : name;
  }

  /** Until the user leaves this file, or all of them. */
  async run(keys: ScreenKeys): Promise<"next" | "quit"> {
    if (this.#options.flags.has("F") && this.#lines.length < this.#size().rows) {
      await this.#process.write(1, toBytes(this.#lines.map((line) => `${line}\n`).join("")));
      return "next";
    }
    let count = "";
    for (;;) {
      if (!keys.hasMore) await this.#draw();
      const key = await keys.next();
      if (key === undefined || key === "q" || key === "Q" || key === "\x03") {
        await this.#process.print(`\r\x1b[K`);
        return "quit";
      }
      if (/\d/.test(key)) {
        count += key;
        continue;
      }
      const number = count === "" ? undefined : Number(count);
      count = "";
      this.#says = "";
      if (key === ":") {
        const command = await keys.next();
        if (command === "n") return "next";
        if (command === "q" || command === undefined) return "quit";
      } else if (key === "/" || key === "?") await this.#ask(keys, key);
      else this.#move(key, number);
    }
  }

  #move(key: string, count: number | undefined): void {
    const page = this.#size().rows - 1;
    const by = (rows: number): void => this.#goTo(this.#top + rows);
    switch (key) {
      case " ":
      case "f":
      case "z":
      case "\x06":
      case KEY.pageDown: {
        by(count ?? page);
        return;
      }
      case "b":
      case "w":
      case "\x02":
      case KEY.pageUp: {
        by(-(count ?? page));
        return;
      }
      case "d":
      case "\x04": {
        by(count ?? page >> 1);
        return;
      }
      case "u":
      case "\x15": {
        by(-(count ?? page >> 1));
        return;
      }
      case KEY.enter:
      case "e":
      case "j":
      case KEY.down: {
        by(count ?? 1);
        return;
      }
      case "y":
      case "k":
      case KEY.up: {
        by(-(count ?? 1));
        return;
      }
      case "g":
      case "<":
      case "p":
      case KEY.home: {
        this.#goTo((count ?? 1) - 1);
        return;
      }
      case "G":
      case ">":
      case KEY.end: {
        this.#goTo(count === undefined ? this.#last() : count - 1);
        return;
      }
      case "n": {
        this.#find(1);
        return;
      }
      case "N": {
        this.#find(-1);
        return;
      }
      case "#":
        this.#numbers = !this.#numbers;
    }
  }

  #last(): number {
    return Math.max(0, this.#lines.length - (this.#size().rows - 1));
  }

  #goTo(row: number): void {
    this.#top = Math.min(Math.max(0, row), this.#last());
  }

  async #ask(keys: ScreenKeys, prompt: "/" | "?"): Promise<void> {
    let pattern = "";
    for (;;) {
      await this.#process.print(`\x1b[${this.#size().rows};1H\x1b[K${prompt}${pattern}`);
      const key = await keys.next();
      if (key === undefined || key === KEY.escape || key === "\x03") return;
      if (key === KEY.enter) break;
      if (key === KEY.backspace) {
        if (pattern === "") return;
        pattern = pattern.slice(0, -1);
      } else if (key < KEY.up || key > KEY.unknown) pattern += key;
    }
    if (pattern !== "") {
      try {
        this.#search = compileRegex(asByteText(pattern), { extended: true, ignoreCase: this.#options.flags.has("I") });
      } catch (error) {
        if (!(error instanceof RegexError)) throw error;
        this.#says = `bad regex '${pattern}': ${error.message}`;
        return;
      }
    }
    this.#find(prompt === "/" ? 1 : -1);
  }

  #find(by: 1 | -1): void {
    const { flags } = this.#options;
    if (!this.#search) {
      this.#says = "No previous search";
      return;
    }
    for (let row = this.#top + by; row >= 0 && row < this.#lines.length; row += by) {
      if (!this.#search.test(this.#lines[row] ?? "")) continue;
      this.#top = flags.has("S") ? Math.min(row, this.#lines.length - 1) : row;
      return;
    }
    this.#says = "No matches found";
  }

  async #draw(): Promise<void> {
    const { rows, columns } = this.#size();
    const shown: string[] = [];
    let row = this.#top;
    for (; row < this.#lines.length && shown.length < rows - 1; row++) {
      const number = this.#numbers ? `${String(row + 1).padStart(7)} ` : "";
      const text = number + printable(this.#lines[row] ?? "");
      if (this.#options.flags.has("S")) shown.push(text.slice(0, columns));
      else for (let at = 0; at === 0 || at < text.length; at += columns) shown.push(text.slice(at, at + columns));
    }
    const isAtEnd = row >= this.#lines.length;
    while (shown.length < rows - 1) shown.push(this.#options.flags.has("~") ? "" : "~");
    const screen = shown.slice(0, rows - 1).map((line, at) => `\x1b[${at + 1};1H\x1b[K${line}`);
    await this.#process.write(
      1,
      toBytes(`${screen.join("")}\x1b[${rows};1H\x1b[K${asByteText(this.#status(row, isAtEnd))}`),
    );
  }

  #status(end: number, isAtEnd: boolean): string {
    const { flags } = this.#options;
    if (this.#says !== "" && this.#says !== this.#name) return `\x1b[7m${this.#says}\x1b[m`;
    if (flags.has("M") || flags.has("m")) {
      const name = this.#name === "-" ? "" : `${this.#name} `;
      const share = isAtEnd ? "(END)" : `${Math.floor((100 * end) / this.#lines.length)}%`;
      return `\x1b[7m${name}lines ${this.#top + 1}-${end}/${this.#lines.length} ${share}\x1b[m`;
    }
    if (isAtEnd) return `\x1b[7m${this.#says === "" ? "" : `${this.#says} `}(END)\x1b[m`;
    return this.#says === "" ? ":" : `\x1b[7m${this.#says}\x1b[m`;
  }
}

/** Tabs as blanks, control characters as `^A`. */
function printable(line: string): string {
  let text = "";
  for (const char of line)
    text +=
      char === "\t"
        ? " ".repeat(8 - (text.length % 8))
        : char < " "
          ? `^${String.fromCharCode(char.charCodeAt(0) + 64)}`
          : char;
  return text;
}
