import type { Process } from "../../processes/process";
import { Interrupted } from "../../processes/program";
import type { Terminal } from "../../terminal";

/** Keys that are no characters, each as one character of the private use area. */
export const KEY = {
  up: "\ue000",
  down: "\ue001",
  left: "\ue002",
  right: "\ue003",
  home: "\ue004",
  end: "\ue005",
  pageUp: "\ue006",
  pageDown: "\ue007",
  delete: "\ue008",
  /** The window has another size now. */
  resized: "\ue009",
  unknown: "\ue00a",
  escape: "\x1b",
  backspace: "\x7f",
  enter: "\n",
} as const;

/** A terminal used as a screen: keys come one by one, nothing is echoed. Call `restore` at the end. */
export class ScreenKeys {
  readonly #process: Process;
  readonly #terminal: Terminal;
  readonly #decoder = new TextDecoder();
  #pending = "";
  #resized = false;

  constructor(process: Process, terminal: Terminal) {
    this.#process = process;
    this.#terminal = terminal;
    terminal.setMode({ canonical: false, echo: false, signals: false });
    process.handle("WINCH", () => void (this.#resized = true));
  }

  /** Keys that came together with the last one. */
  get hasMore(): boolean {
    return this.#pending !== "";
  }

  restore(): void {
    this.#process.handle("WINCH", undefined);
    this.#terminal.setMode({ canonical: true, echo: true, signals: true });
  }

  /** The next key; `undefined` when the terminal is gone. */
  async next(): Promise<string | undefined> {
    while (this.#pending === "") {
      try {
        const bytes = await this.#terminal.file.read(1024, this.#process);
        if (!bytes) return undefined;
        this.#pending += this.#decoder.decode(bytes, { stream: true });
      } catch (error) {
        if (!(error instanceof Interrupted) || !this.#resized) throw error;
        this.#resized = false;
        return KEY.resized;
      }
    }
    await this.#process.step();
    // What a terminal says about itself is no key.
    this.#pending = this.#pending.replace(/^\x1b\[\d+;\d+R/, "");
    const [sequence, letter = "", number = "", final = ""] =
      /^\x1b(?:O([A-DFH])|\[(\d*)(?:;\d+)*([A-Z~]))/.exec(this.#pending) ?? [];
    if (sequence !== undefined) {
      this.#pending = this.#pending.slice(sequence.length);
      return final === "~" ? (NUMBERED[number] ?? KEY.unknown) : (LETTERED[letter || final] ?? KEY.unknown);
    }
    const [char = ""] = this.#pending;
    this.#pending = this.#pending.slice(char.length);
    return char === "" ? this.next() : char === "\b" ? KEY.backspace : char;
  }
}

const LETTERED: Readonly<Record<string, string>> = {
  A: KEY.up,
  B: KEY.down,
  C: KEY.right,
  D: KEY.left,
  H: KEY.home,
  F: KEY.end,
};

const NUMBERED: Readonly<Record<string, string>> = {
  1: KEY.home,
  3: KEY.delete,
  4: KEY.end,
  5: KEY.pageUp,
  6: KEY.pageDown,
  7: KEY.home,
  8: KEY.end,
};
