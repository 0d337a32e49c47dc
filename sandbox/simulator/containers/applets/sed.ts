import type { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";
import { type Applet, asByteText, type Call, complain, inputs, linesOf, readOptions, toBytes, usage } from "./applet";
import { compileRegex, type Matcher, RegexError } from "./regex";

/** sed: addresses, s, d, p, q, a, i, c, y, =, n, blocks; no branches and no hold space. */
export const sed: Applet = async (process, call) => {
  const options = await readOptions(
    process,
    { ...call, args: inPlaceWords(call.args) },
    {
      letters: "nEre:f:isz",
      long: { quiet: "n", silent: "n", "regexp-extended": "E", "expression:": "e", "in-place": "i" },
      usage: "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...",
    },
  );
  const operands = [...options.operands];
  const scripts = options.all.filter(([name]) => name === "e").map(([, value]) => value);
  if (scripts.length === 0) {
    const first = operands.shift();
    if (first === undefined) return usage(process, call, "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...");
    scripts.push(first);
  }
  let commands: SedCommand[];
  try {
    commands = parseSed(asByteText(scripts.join("\n")), options.flags.has("E") || options.flags.has("r"));
  } catch (error) {
    if (!(error instanceof SedError) && !(error instanceof RegexError)) throw error;
    await complain(
      process,
      call,
      call.flavour === "gnu" ? `-e expression #1, char ${scripts[0]?.length ?? 0}: ${error.message}` : error.message,
    );
    return 1;
  }
  const quiet = options.flags.has("n");
  if (!options.flags.has("i")) return new Editor(process, call, commands, quiet).run(operands);
  let status = 0;
  for (const path of operands) {
    const pieces: string[] = [];
    const editor = new Editor(process, call, commands, quiet, (text) => {
      pieces.push(text);
      return Promise.resolve();
    });
    const result = await editor.run([path]);
    if (result !== 0) status = result;
    else process.machine.fileSystem.writeFile(process, path, toBytes(pieces.join("")));
  }
  return status;
};

/** `-i` may carry a suffix in its own word. */
function inPlaceWords(args: readonly string[]): string[] {
  return args.map((word) => (/^-i./.test(word) && !/^-i[nErs]+$/.test(word) ? "-i" : word));
}

class SedError extends Error {
  override readonly name = "SedError";
}

type Address =
  | { kind: "line"; line: number }
  | { kind: "last" }
  | { kind: "match"; matcher: Matcher }
  | { kind: "step"; first: number; step: number }
  | { kind: "plus"; count: number };

interface SedCommand {
  readonly from?: Address;
  readonly to?: Address;
  readonly negated: boolean;
  readonly action: SedAction;
  /** The line on which a range that is open ends; -1 until its pattern matches. */
  open: boolean;
  openedAt: number;
}

type SedAction =
  | { kind: "substitute"; matcher: Matcher; replacement: string; global: boolean; print: boolean; nth: number }
  | { kind: "text"; letter: "a" | "i" | "c"; text: string }
  | { kind: "translate"; map: ReadonlyMap<string, string> }
  | { kind: "block"; commands: SedCommand[] }
  | { kind: "plain"; letter: "d" | "p" | "q" | "=" | "n" };

/** One line on its way through the script. */
interface Cycle {
  space: string;
  ended: boolean;
  deleted: boolean;
  quit: boolean;
  readonly after: string[];
  number: number;
  last: boolean;
}

class Editor {
  readonly #process: Process;
  readonly #call: Call;
  readonly #commands: readonly SedCommand[];
  readonly #quiet: boolean;
  readonly #write: (text: string) => Promise<void>;

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

  async run(operands: readonly string[]): Promise<number> {
    const state = { failed: false };
    const lines = this.#lines(operands, state)[Symbol.asyncIterator]();
    let next = await lines.next();
    let number = 0;
    const advance = async (): Promise<{ text: string; ended: boolean; last: boolean } | undefined> => {
      if (next.done) return undefined;
      const current = next.value;
      number++;
      next = await lines.next();
      return { ...current, last: next.done ?? false };
    };
    for (let line = await advance(); line; line = await advance()) {
      await this.#process.step();
      const cycle: Cycle = {
        space: line.text,
        ended: line.ended,
        deleted: false,
        quit: false,
        after: [],
        number,
        last: line.last,
      };
      await this.#apply(this.#commands, cycle, async () => {
        if (!this.#quiet) await this.#write(`${cycle.space}\n`);
        const following = await advance();
        if (!following) return false;
        Object.assign(cycle, { space: following.text, ended: following.ended, number, last: following.last });
        return true;
      });
      if (!this.#quiet && !cycle.deleted) await this.#write(cycle.space + (cycle.ended || !cycle.last ? "\n" : ""));
      for (const text of cycle.after) await this.#write(`${text}\n`);
      if (cycle.quit) break;
    }
    return state.failed ? (this.#call.flavour === "gnu" ? 2 : 1) : 0;
  }

  async #apply(
    commands: readonly SedCommand[],
    cycle: { space: string; deleted: boolean; quit: boolean; after: string[]; number: number; last: boolean },
    next: () => Promise<boolean>,
  ): Promise<void> {
    for (const command of commands) {
      if (cycle.deleted || cycle.quit) return;
      if (selects(command, cycle) === command.negated) continue;
      const { action } = command;
      switch (action.kind) {
        case "substitute": {
          const result = await substitute(this.#process, action, cycle.space);
          if (result === undefined) break;
          cycle.space = result;
          if (action.print) await this.#write(`${cycle.space}\n`);
          break;
        }
        case "translate":
          cycle.space = Array.from(cycle.space)
            .map((char) => action.map.get(char) ?? char)
            .join("");
          break;
        case "block":
          await this.#apply(action.commands, cycle, next);
          break;
        case "text":
          if (action.letter === "a") cycle.after.push(action.text);
          else await this.#write(`${action.text}\n`);
          if (action.letter === "c") cycle.deleted = true;
          break;
        case "plain":
          if (action.letter === "d") cycle.deleted = true;
          else if (action.letter === "q") cycle.quit = true;
          else if (action.letter === "p") await this.#write(`${cycle.space}\n`);
          else if (action.letter === "=") await this.#write(`${cycle.number}\n`);
          else if (!(await next())) {
            cycle.deleted = true;
            cycle.quit = true;
          }
      }
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

async function substitute(
  process: Process,
  action: Extract<SedAction, { kind: "substitute" }>,
  text: string,
): Promise<string | undefined> {
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

function parseSed(script: string, extended: boolean): SedCommand[] {
  let at = 0;
  let previous: Matcher | undefined;
  const skip = (pattern: RegExp): void => {
    while (pattern.test(script[at] ?? "")) at++;
  };
  const delimited = (delimiter: string, regex: boolean): string => {
    let text = "";
    let inSet = false;
    for (; at < script.length; at++) {
      const char = script[at] ?? "";
      if (char === "\\" && script[at + 1] !== undefined) {
        const escaped = script[++at] ?? "";
        // The delimiter, quoted, is itself; a line break in the pattern is one.
        text +=
          escaped === delimiter && !inSet
            ? delimiter === "&" || (regex && /[.*[\]^$+?(){}|]/.test(delimiter))
              ? `\\${delimiter}`
              : delimiter
            : `\\${escaped}`;
        continue;
      }
      if (regex && char === "[" && !inSet) inSet = true;
      else if (char === "]" && inSet && script[at - 1] !== "[" && !(script[at - 1] === "^" && script[at - 2] === "["))
        inSet = false;
      if (char === delimiter && !inSet) {
        at++;
        return text;
      }
      text += char;
    }
    throw new SedError(regex ? "unterminated address regex" : "unterminated `s' command");
  };
  const matcherOf = (pattern: string, ignoreCase: boolean): Matcher => {
    if (pattern === "" && previous) return previous;
    previous = compileRegex(pattern, { extended, ignoreCase });
    return previous;
  };
  const address = (): Address | undefined => {
    const char = script[at] ?? "";
    if (/\d/.test(char)) {
      const [whole = "", first = "0", step] = /^(\d+)(?:~(\d+))?/.exec(script.slice(at)) ?? [];
      at += whole.length;
      return step === undefined
        ? { kind: "line", line: Number(first) }
        : { kind: "step", first: Number(first), step: Number(step) };
    }
    if (char === "$") {
      at++;
      return { kind: "last" };
    }
    if (char === "+") {
      const [whole = "", count = "0"] = /^\+(\d+)/.exec(script.slice(at)) ?? [];
      at += whole.length;
      return { kind: "plus", count: Number(count) };
    }
    if (char === "/" || char === "\\") {
      const delimiter = char === "/" ? "/" : (script[++at] ?? "/");
      at++;
      const pattern = delimited(delimiter, true);
      const ignoreCase = script[at] === "I";
      if (ignoreCase) at++;
      return { kind: "match", matcher: matcherOf(pattern, ignoreCase) };
    }
    return undefined;
  };
  const block = (nested: boolean): SedCommand[] => {
    const commands: SedCommand[] = [];
    for (;;) {
      skip(/[\s;]/);
      const char = script[at];
      if (char === undefined) {
        if (nested) throw new SedError("unmatched `{'");
        return commands;
      }
      if (char === "#") {
        while (at < script.length && script[at] !== "\n") at++;
        continue;
      }
      if (char === "}") {
        if (!nested) throw new SedError("unexpected `}'");
        at++;
        return commands;
      }
      const from = address();
      skip(/[ \t]/);
      let to: Address | undefined;
      if (from && script[at] === ",") {
        at++;
        skip(/[ \t]/);
        to = address();
        if (!to) throw new SedError("unexpected `,'");
      }
      skip(/[ \t]/);
      const negated = script[at] === "!";
      if (negated) at++;
      skip(/[ \t]/);
      commands.push({ ...(from && { from }), ...(to && { to }), negated, action: action(), open: false, openedAt: 0 });
    }
  };
  const action = (): SedAction => {
    const letter = script[at++];
    switch (letter) {
      case "{":
        return { kind: "block", commands: block(true) };
      case "s": {
        const delimiter = script[at++] ?? "/";
        const pattern = delimited(delimiter, true);
        const replacement = delimited(delimiter, false);
        const [flags = ""] = /^[gpiI0-9]*/.exec(script.slice(at)) ?? [];
        at += flags.length;
        if (/^[^\s;}#]/.test(script.slice(at))) throw new SedError("unknown option to `s'");
        return {
          kind: "substitute",
          matcher: matcherOf(pattern, /i/i.test(flags)),
          replacement,
          global: flags.includes("g"),
          print: flags.includes("p"),
          nth: Number(/\d+/.exec(flags)?.[0] ?? 1),
        };
      }
      case "y": {
        const delimiter = script[at++] ?? "/";
        const [from, to] = [delimited(delimiter, false), delimited(delimiter, false)];
        if (from.length !== to.length) throw new SedError("strings for `y' command are different lengths");
        return { kind: "translate", map: new Map(Array.from(from).map((char, index) => [char, to[index] ?? char])) };
      }
      case "a":
      case "i":
      case "c": {
        const [whole = "", text = ""] = /^[ \t]*(?:\\\n)?[ \t]*((?:\\\n|[^\n])*)/.exec(script.slice(at)) ?? [];
        at += whole.length;
        return { kind: "text", letter, text: text.replace(/\\\n/g, "\n").replace(/^\\/, "") };
      }
      case "d":
      case "p":
      case "q":
      case "=":
      case "n":
        return { kind: "plain", letter };
      case undefined:
        throw new SedError("missing command");
      default:
        throw new SedError(`unsupported command ${letter}`);
    }
  };
  return block(false);
}
