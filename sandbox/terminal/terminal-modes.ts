/**
 * Private modes of a terminal that outlive the sequence that set them, with their state after a reset. A replay that
 * begins in the middle must declare them anew: else arrow keys, mouse and paste go wrong, or an editor's screen is
 * drawn over the scrollback.
 */
const RESET_STATE: ReadonlyMap<number, boolean> = new Map([
  [1, false], // cursor keys send application codes
  [6, false], // origin mode
  [7, true], // wrap at the margin
  [9, false], // mouse: clicks
  [12, false], // blinking cursor
  [25, true], // cursor visible
  [47, false], // alternate screen, three ways
  [1047, false],
  [1049, false],
  [66, false], // keypad sends application codes
  [1000, false], // mouse: buttons, drags, moves
  [1002, false],
  [1003, false],
  [1004, false], // focus is reported
  [1005, false], // mouse encodings
  [1006, false],
  [1015, false],
  [1016, false],
  [2004, false], // paste is bracketed
]);

const ESC = 0x1b;
const LONGEST_PARAMETERS = 64;

type ParserState = "ground" | "escape" | "csi" | "private" | "string" | "string-escape";

/** Follows a stream of output, in chunks of any size, and knows which modes are on after it. */
export class TerminalModes {
  #state: ParserState = "ground";
  #parameters = "";
  readonly #changed = new Map<number, boolean>();

  /** Whether the stream may be cut here: not inside a control sequence. */
  get atGround(): boolean {
    return this.#state === "ground";
  }

  feed(bytes: Uint8Array): void {
    for (const byte of bytes) this.#step(byte);
  }

  clone(): TerminalModes {
    const copy = new TerminalModes();
    copy.#state = this.#state;
    copy.#parameters = this.#parameters;
    for (const [mode, on] of this.#changed) copy.#changed.set(mode, on);
    return copy;
  }

  /** The sequences that bring a terminal that was just reset into the present modes. */
  declare(): string {
    let text = "";
    for (const [mode, on] of this.#changed) {
      if (on === RESET_STATE.get(mode)) continue;
      text += mode === 66 ? "\u001b=" : `\u001b[?${mode}${on ? "h" : "l"}`;
    }
    return text;
  }

  /**
   * The sequences that bring the terminal back from these modes to those after a reset. Only what is on is put off: to
   * leave an alternate screen that was never entered moves the cursor.
   */
  undo(): string {
    let text = "";
    for (const [mode, on] of this.#changed) {
      const reset = RESET_STATE.get(mode);
      if (on !== reset) text += mode === 66 ? "\u001b>" : `\u001b[?${mode}${reset ? "h" : "l"}`;
    }
    return text;
  }

  #step(byte: number): void {
    switch (this.#state) {
      case "ground":
        if (byte === ESC) this.#state = "escape";
        return;
      case "escape":
        this.#escape(byte);
        return;
      case "csi":
        // Parameters and intermediates are 0x20–0x3f; what follows ends the sequence.
        this.#parameters = "";
        if (byte === 0x3f) this.#state = "private";
        else if (byte === ESC) this.#state = "escape";
        else if (byte >= 0x40) this.#state = "ground";
        return;
      case "private":
        this.#private(byte);
        return;
      case "string":
        if (byte === 0x07) this.#state = "ground";
        else if (byte === ESC) this.#state = "string-escape";
        return;
      case "string-escape":
        if (byte === 0x5c) this.#state = "ground";
        else this.#escape(byte);
        return;
    }
  }

  #escape(byte: number): void {
    this.#state = "ground";
    switch (String.fromCharCode(byte)) {
      case "[":
        this.#state = "csi";
        return;
      case "]":
      case "P":
      case "X":
      case "^":
      case "_":
        this.#state = "string";
        return;
      case "\u001b":
        this.#state = "escape";
        return;
      case "=":
        this.#changed.set(66, true);
        return;
      case ">":
        this.#changed.set(66, false);
        return;
      case "c":
        this.#changed.clear();
        return;
    }
  }

  #private(byte: number): void {
    if ((byte >= 0x30 && byte <= 0x39) || byte === 0x3b) {
      if (this.#parameters.length < LONGEST_PARAMETERS) this.#parameters += String.fromCharCode(byte);
      return;
    }
    if (byte >= 0x20 && byte <= 0x3f) return;
    this.#state = byte === ESC ? "escape" : "ground";
    const on = byte === 0x68;
    if (!on && byte !== 0x6c) return;
    for (const mode of this.#parameters.split(";").map(Number)) {
      if (RESET_STATE.has(mode)) this.#changed.set(mode, on);
    }
  }
}
