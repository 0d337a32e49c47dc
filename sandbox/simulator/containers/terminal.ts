import type { TerminalSize } from "../api/node-api";
import type { PipeWriter } from "../pipe";
import { concat, OpenFile, type Waiter } from "./filesystem/open-file";
import type { Signal } from "./processes/signals";

/** How input is treated, after termios(3). */
export interface TerminalMode {
  /** Lines are edited here and handed over whole. */
  readonly canonical: boolean;
  readonly echo: boolean;
  /** Ctrl-C and Ctrl-\ send signals. */
  readonly signals: boolean;
}

const COOKED: TerminalMode = { canonical: true, echo: true, signals: true };

/**
 * A pseudo terminal and its line discipline. Keys come in with `input`; programs read and write `file`; what the
 * screen shows goes to `output`. Ctrl-C signals the foreground group.
 */
export class Terminal {
  readonly file: OpenFile;
  foreground = 0;
  #size: TerminalSize = { columns: 80, rows: 24 };
  #mode: TerminalMode = COOKED;
  readonly #output: (bytes: Uint8Array) => Promise<void>;
  readonly #signal: (group: number, signal: Signal) => void;
  /** Bytes a program may read now. */
  #ready: Uint8Array = new Uint8Array();
  /** The line being typed, in canonical mode. */
  #line: number[] = [];
  /** How many ends of input (Ctrl-D on an empty line) wait to be read. */
  #ends = 0;
  #hungUp = false;
  #wake: (() => void)[] = [];

  constructor(options: {
    output: PipeWriter | ((bytes: Uint8Array) => Promise<void>);
    signal: (group: number, signal: Signal) => void;
  }) {
    const { output } = options;
    this.#output = typeof output === "function" ? output : (bytes) => output.write(bytes);
    this.#signal = options.signal;
    this.file = new TerminalFile(this);
  }

  get size(): TerminalSize {
    return this.#size;
  }

  get mode(): TerminalMode {
    return this.#mode;
  }

  setMode(mode: Partial<TerminalMode>): void {
    this.#mode = { ...this.#mode, ...mode };
    if (!this.#mode.canonical && this.#line.length > 0) this.#hand(Uint8Array.from(this.#line.splice(0)));
  }

  resize(size: TerminalSize): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#signal(this.foreground, "WINCH");
  }

  /** Keys from the other side. */
  async input(bytes: Uint8Array): Promise<void> {
    const echo: number[] = [];
    for (const byte of bytes) this.#key(byte === CR ? NEWLINE : byte, echo);
    if (echo.length > 0 && this.#mode.echo) await this.write(Uint8Array.from(echo));
  }

  /** The line is gone: readers see the end, the foreground group SIGHUP. */
  hangUp(): void {
    this.#hungUp = true;
    this.#wakeReaders();
    this.#signal(this.foreground, "HUP");
  }

  /** No more keys will come, but the screen stays. */
  endInput(): void {
    this.#hungUp = true;
    this.#wakeReaders();
  }

  /** What programs print: line feeds get their carriage return. */
  async write(bytes: Uint8Array): Promise<void> {
    let feeds = 0;
    for (const byte of bytes) if (byte === NEWLINE) feeds++;
    if (feeds === 0) return this.#output(bytes);
    const shown = new Uint8Array(bytes.byteLength + feeds);
    let at = 0;
    for (const byte of bytes) {
      if (byte === NEWLINE) shown[at++] = CR;
      shown[at++] = byte;
    }
    await this.#output(shown);
  }

  async read(limit: number, waiter: Waiter): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#ready.byteLength > 0) {
        const newline = this.#mode.canonical ? this.#ready.indexOf(NEWLINE) + 1 : 0;
        const count = Math.min(limit, newline > 0 ? newline : this.#ready.byteLength);
        const bytes = this.#ready.slice(0, count);
        this.#ready = this.#ready.subarray(count);
        return bytes;
      }
      if (this.#ends > 0) {
        this.#ends--;
        return undefined;
      }
      if (this.#hungUp) return undefined;
      await waiter.until(new Promise<void>((resolve) => this.#wake.push(resolve)));
    }
  }

  /** Whether a read would return at once. */
  get pending(): boolean {
    return this.#ready.byteLength > 0 || this.#ends > 0 || this.#hungUp;
  }

  unread(bytes: Uint8Array): void {
    this.#ready = concat(bytes, this.#ready);
  }

  #key(byte: number, echo: number[]): void {
    if (this.#mode.signals && (byte === CTRL_C || byte === CTRL_BACKSLASH)) {
      echo.push(CARET, byte + 0x40);
      this.#line = [];
      this.#ready = new Uint8Array();
      this.#signal(this.foreground, byte === CTRL_C ? "INT" : "QUIT");
      return;
    }
    if (!this.#mode.canonical) {
      this.#hand(Uint8Array.of(byte));
      if (byte >= 0x20 || byte === NEWLINE) echo.push(byte);
      return;
    }
    if (byte === BACKSPACE || byte === DELETE) {
      if (this.#erase()) echo.push(BACKSPACE, SPACE, BACKSPACE);
    } else if (byte === CTRL_U) {
      while (this.#erase()) echo.push(BACKSPACE, SPACE, BACKSPACE);
    } else if (byte === CTRL_W) {
      while (this.#line.at(-1) === SPACE && this.#erase()) echo.push(BACKSPACE, SPACE, BACKSPACE);
      while (this.#line.length > 0 && this.#line.at(-1) !== SPACE && this.#erase())
        echo.push(BACKSPACE, SPACE, BACKSPACE);
    } else if (byte === CTRL_D) {
      if (this.#line.length > 0) this.#hand(Uint8Array.from(this.#line.splice(0)));
      else {
        this.#ends++;
        this.#wakeReaders();
      }
    } else if (byte === NEWLINE) {
      this.#line.push(byte);
      echo.push(byte);
      this.#hand(Uint8Array.from(this.#line.splice(0)));
    } else if (this.#line.length < MAX_LINE) {
      this.#line.push(byte);
      if (byte < SPACE && byte !== TAB) echo.push(CARET, byte + 0x40);
      else echo.push(byte);
    }
  }

  /** Takes the last character back, all its bytes when it is UTF-8. */
  #erase(): boolean {
    if (this.#line.length === 0) return false;
    while (((this.#line.pop() ?? 0) & 0xc0) === 0x80 && this.#line.length > 0);
    return true;
  }

  #hand(bytes: Uint8Array): void {
    if (this.#ready.byteLength + bytes.byteLength > MAX_READY) return;
    this.#ready = concat(this.#ready, bytes);
    this.#wakeReaders();
  }

  #wakeReaders(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

class TerminalFile extends OpenFile {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    super();
    this.#terminal = terminal;
  }

  override get terminal(): Terminal {
    return this.#terminal;
  }

  read(limit: number, waiter: Waiter): Promise<Uint8Array | undefined> {
    return this.#terminal.read(limit, waiter);
  }

  async write(bytes: Uint8Array, waiter: Waiter): Promise<void> {
    await waiter.until(this.#terminal.write(bytes));
  }

  unread(bytes: Uint8Array): void {
    this.#terminal.unread(bytes);
  }
}

const NEWLINE = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;
const BACKSPACE = 0x08;
const DELETE = 0x7f;
const CARET = 0x5e;
const CTRL_C = 0x03;
const CTRL_D = 0x04;
const CTRL_U = 0x15;
const CTRL_W = 0x17;
const CTRL_BACKSLASH = 0x1c;
const MAX_LINE = 4095;
const MAX_READY = 64 * 1024;
