import { FileError } from "../../filesystem/file-error";
import type { Process } from "../../processes/process";
import { type Call, fromBytes, inputs, linesOf, roomFor, toBytes } from "../applet";
import type { Address, SedCommand, Substitution } from "./script";

/** One line on its way through the script, or several that were joined. */
interface Cycle {
  space: string;
  ended: boolean;
  number: number;
  last: boolean;
  /** Whether something was substituted since the line came or `t` last asked. */
  changed: boolean;
  /** What is printed after it. */
  readonly after: string[];
}

type Outcome = "end" | "deleted" | "again" | { readonly quit: number; readonly prints: boolean };

/** Runs a script over its input. */
export class Editor {
  readonly #process: Process;
  readonly #call: Call;
  readonly #commands: readonly SedCommand[];
  readonly #quiet: boolean;
  readonly #write: (text: string) => Promise<void>;
  readonly #written = new Map<string, string>();
  #held = "";

  constructor(
    process: Process,
    call: Call,
    commands: readonly SedCommand[],
    quiet: boolean,
    write?: (text: string) => Promise<void>,
  ) {
    this.#process = process;
    this.#call = call;
    this.#commands = commands;
    this.#quiet = quiet;
    this.#write = write ?? ((text) => process.write(1, toBytes(text)));
  }

  /** The exit status. */
  async run(operands: readonly string[]): Promise<number> {
    const state = { failed: false };
    const lines = this.#lines(operands, state)[Symbol.asyncIterator]();
    let next = await lines.next();
    let number = 0;
    const advance = async (): Promise<Cycle | undefined> => {
      if (next.done) return undefined;
      const { text, ended } = next.value;
      next = await lines.next();
      return { space: text, ended, number: ++number, last: next.done ?? false, changed: false, after: [] };
    };
    for (const { action } of this.#commands) {
      const path =
        action.kind === "file" && action.letter === "w"
          ? action.path
          : action.kind === "substitute"
            ? action.file
            : undefined;
      if (path !== undefined) this.#putInFile(path, "");
    }
    let kept: string | undefined;
    for (let cycle = await advance(); cycle;) {
      await this.#process.step();
      const outcome = await this.#apply(cycle, advance);
      const prints = outcome === "end" || (typeof outcome === "object" && outcome.prints);
      if (prints && !this.#quiet) await this.#write(cycle.space + (cycle.ended || !cycle.last ? "\n" : ""));
      for (const text of cycle.after) await this.#write(text);
      if (typeof outcome === "object") return outcome.quit;
      if (outcome === "again") {
        kept = cycle.space.slice(cycle.space.indexOf("\n") + 1);
        cycle = { ...cycle, space: kept, changed: false, after: [] };
      } else cycle = await advance();
    }
    return state.failed ? (this.#call.flavour === "gnu" ? 2 : 1) : 0;
  }

  async #apply(cycle: Cycle, advance: () => Promise<Cycle | undefined>): Promise<Outcome> {
    for (let at = 0; at < this.#commands.length;) {
      const command = this.#commands[at++];
      if (!command) break;
      const { action } = command;
      if (selects(command, cycle) === command.negated) {
        if (action.kind === "block") at = action.end;
        continue;
      }
      switch (action.kind) {
        case "block":
          break;
        case "branch": {
          const goes = action.letter === "b" || cycle.changed === (action.letter === "t");
          if (action.letter !== "b") cycle.changed = false;
          if (!goes) break;
          if (action.target < at) await this.#process.step();
          at = action.target;
          break;
        }
        case "substitute": {
          const result = await substitute(this.#process, action, cycle.space);
          if (result === undefined) break;
          cycle.space = roomFor(result);
          cycle.changed = true;
          if (action.print) await this.#write(`${cycle.space}\n`);
          if (action.file !== undefined) this.#putInFile(action.file, `${cycle.space}\n`);
          break;
        }
        case "translate":
          cycle.space = Array.from(cycle.space, (char) => action.map.get(char) ?? char).join("");
          break;
        case "text":
          if (action.letter === "a") cycle.after.push(`${action.text}\n`);
          else if (action.letter === "i") await this.#write(`${action.text}\n`);
          else {
            // A range is changed into one text, after its last line.
            if (!command.to || command.negated || !command.open) await this.#write(`${action.text}\n`);
            return "deleted";
          }
          break;
        case "file":
          if (action.letter === "w") this.#putInFile(action.path, `${cycle.space}\n`);
          else cycle.after.push(this.#contentOf(action.path));
          break;
        case "quit":
          return { quit: action.code, prints: action.prints };
        case "plain": {
          const outcome = await this.#plain(action.letter, cycle, advance);
          if (outcome) return outcome;
        }
      }
    }
    return "end";
  }

  async #plain(letter: string, cycle: Cycle, advance: () => Promise<Cycle | undefined>): Promise<Outcome | undefined> {
    switch (letter) {
      case "d":
        return "deleted";
      case "D":
        return cycle.space.includes("\n") ? "again" : "deleted";
      case "p":
        await this.#write(`${cycle.space}\n`);
        return undefined;
      case "P":
        await this.#write(`${cycle.space.split("\n", 1)[0] ?? ""}\n`);
        return undefined;
      case "=":
        await this.#write(`${cycle.number}\n`);
        return undefined;
      case "l":
        await this.#write(`${visible(cycle.space)}$\n`);
        return undefined;
      case "h":
        this.#held = cycle.space;
        return undefined;
      case "H":
        this.#held = roomFor(`${this.#held}\n${cycle.space}`);
        return undefined;
      case "g":
        cycle.space = this.#held;
        return undefined;
      case "G":
        cycle.space = roomFor(`${cycle.space}\n${this.#held}`);
        return undefined;
      case "x":
        [cycle.space, this.#held] = [this.#held, cycle.space];
        return undefined;
      case "z":
        cycle.space = "";
        return undefined;
      default:
        return this.#more(letter, cycle, advance);
    }
  }

  /** `n` goes on with the next line, `N` adds it. Without one both print what there is and end. */
  async #more(letter: string, cycle: Cycle, advance: () => Promise<Cycle | undefined>): Promise<Outcome | undefined> {
    const following = await advance();
    if (!following) return { quit: 0, prints: true };
    if (letter === "n" && !this.#quiet) await this.#write(`${cycle.space}\n`);
    for (const text of cycle.after.splice(0)) await this.#write(text);
    const space = letter === "n" ? following.space : roomFor(`${cycle.space}\n${following.space}`);
    Object.assign(cycle, { space, ended: following.ended, number: following.number, last: following.last });
    return undefined;
  }

  #putInFile(path: string, text: string): void {
    const whole = roomFor((this.#written.get(path) ?? "") + text);
    this.#written.set(path, whole);
    this.#process.machine.fileSystem.writeFile(this.#process, path, toBytes(whole));
  }

  /** A file that cannot be read is as good as an empty one. */
  #contentOf(path: string): string {
    try {
      return fromBytes(this.#process.machine.fileSystem.readFile(this.#process, path));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return "";
    }
  }

  async *#lines(
    operands: readonly string[],
    state: { failed: boolean },
  ): AsyncGenerator<{ text: string; ended: boolean }> {
    const words = (call: Call, path: string) => (error: FileError) =>
      call.flavour === "gnu" ? `can't read ${path}: ${error.message}` : `${path}: ${error.message}`;
    for await (const input of inputs(this.#process, this.#call, operands, words)) {
      if (input) yield* linesOf(input.chunks);
      else state.failed = true;
    }
  }
}

/** Text as `l` shows it. */
function visible(text: string): string {
  return text.replace(/[\\\x00-\x1f\x7f-\xff]/g, (char) => {
    const named = {
      "\\": "\\\\",
      "\x07": "\\a",
      "\b": "\\b",
      "\f": "\\f",
      "\n": "\\n",
      "\r": "\\r",
      "\t": "\\t",
      "\v": "\\v",
    }[char];
    return named ?? `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
}

function selects(command: SedCommand, at: { space: string; number: number; last: boolean }): boolean {
  const { from, to } = command;
  if (!from) return true;
  if (!to) return hits(from, at);
  if (command.open) {
    const over =
      to.kind === "plus"
        ? at.number >= command.openedAt + to.count
        : to.kind === "line"
          ? at.number >= to.line
          : hits(to, at);
    if (over) command.open = false;
    return to.kind !== "line" || at.number <= to.line;
  }
  if (!hits(from, at)) return false;
  command.openedAt = at.number;
  command.open =
    to.kind === "line" ? to.line > at.number : to.kind === "plus" ? to.count > 0 : to.kind !== "last" || !at.last;
  return true;
}

function hits(address: Address, at: { space: string; number: number; last: boolean }): boolean {
  switch (address.kind) {
    case "line":
      return at.number === address.line;
    case "last":
      return at.last;
    case "match":
      return address.matcher.test(at.space);
    case "step":
      return address.step > 0
        ? at.number >= address.first && (at.number - address.first) % address.step === 0
        : at.number === address.first;
    case "plus":
      return false;
  }
}

async function substitute(process: Process, action: Substitution, text: string): Promise<string | undefined> {
  let result = "";
  let at = 0;
  let count = 0;
  let changed = false;
  while (at <= text.length) {
    const match = action.matcher.find(text, at);
    if (!match) break;
    if (++count % MATCHES_PER_STEP === 0) await process.step();
    result += text.slice(at, match.start);
    if (count >= action.nth) {
      result += fill(action.replacement, match.groups);
      changed = true;
    } else result += text.slice(match.start, match.end);
    at = match.end;
    if (match.end === match.start) {
      result += text[at] ?? "";
      at++;
    }
    if (changed && !action.global) break;
  }
  return changed ? result + text.slice(at) : undefined;
}

const MATCHES_PER_STEP = 100;

function fill(replacement: string, groups: readonly (string | undefined)[]): string {
  return replacement.replace(/\\([\s\S])|&/g, (whole, escaped: string | undefined) => {
    if (whole === "&") return groups[0] ?? "";
    if (escaped !== undefined && /\d/.test(escaped)) return groups[Number(escaped)] ?? "";
    return { n: "\n", t: "\t", r: "\r" }[escaped ?? ""] ?? escaped ?? "";
  });
}
