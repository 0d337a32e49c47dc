import { FileError } from "../filesystem/file-error";
import { joinPath } from "../filesystem/path";
import type { Process } from "../processes/process";
import {
  type Applet,
  asByteText,
  type Call,
  cannotOpen,
  complain,
  inputs,
  linesOf,
  type Options,
  readOptions,
  toBytes,
  usage,
} from "./applet";
import { compileRegex, type Matcher, RegexError } from "./regex";
import { sed } from "./sed/sed";

/** grep, with its names egrep and fgrep. */
const grep: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "e:f:EFGPivcnlLqosxwhHrRm:A:B:C:az",
    long: {
      count: "c",
      "ignore-case": "i",
      "invert-match": "v",
      "line-number": "n",
      "files-with-matches": "l",
      quiet: "q",
      silent: "q",
      "only-matching": "o",
      "extended-regexp": "E",
      "fixed-strings": "F",
      "word-regexp": "w",
      "line-regexp": "x",
      recursive: "r",
      "no-filename": "h",
      "with-filename": "H",
      "regexp:": "e",
      "max-count:": "m",
      "after-context:": "A",
      "before-context:": "B",
      "context:": "C",
      "no-messages": "s",
      "color:": "color",
      color: "color",
    },
    usage: "[-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...",
  });
  const patterns = options.all.filter(([name]) => name === "e").flatMap(([, value]) => value.split("\n"));
  const operands = [...options.operands];
  if (patterns.length === 0 && !options.values.has("f")) {
    const first = operands.shift();
    if (first === undefined)
      return usage(
        process,
        call,
        "[-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...",
      );
    patterns.push(...first.split("\n"));
  }
  let matchers: Matcher[];
  try {
    matchers = patterns.map((pattern) =>
      compileRegex(asByteText(pattern), {
        extended: options.flags.has("E") || options.flags.has("P") || call.name === "egrep",
        fixed: options.flags.has("F") || call.name === "fgrep",
        ignoreCase: options.flags.has("i"),
        word: options.flags.has("w"),
        line: options.flags.has("x"),
      }),
    );
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    await complain(
      process,
      call,
      call.flavour === "gnu" ? error.message : `bad regex '${patterns[0] ?? ""}': ${error.message}`,
    );
    return 2;
  }
  return new Search(process, call, options, matchers).run(operands);
};

class Search {
  readonly #process: Process;
  readonly #call: Call;
  readonly #options: Options;
  readonly #matchers: readonly Matcher[];
  #found = false;
  #failed = false;

  constructor(process: Process, call: Call, options: Options, matchers: readonly Matcher[]) {
    this.#process = process;
    this.#call = call;
    this.#options = options;
    this.#matchers = matchers;
  }

  async run(operands: readonly string[]): Promise<number> {
    const { flags } = this.#options;
    const recursive = flags.has("r") || flags.has("R");
    const paths = recursive
      ? (operands.length > 0 ? operands : ["."]).flatMap((path) => this.#filesUnder(path))
      : operands;
    const named = (paths.length > 1 || recursive || flags.has("H")) && !flags.has("h");
    for (const path of recursive ? paths : paths.length > 0 ? paths : ["-"]) {
      if (!recursive && path !== "-" && this.#process.machine.fileSystem.isDirectory(this.#process, path)) {
        await complain(
          this.#process,
          this.#call,
          this.#call.flavour === "gnu" ? `${path}: Is a directory` : `${path}: Is a directory`,
        );
        continue;
      }
      const words = flags.has("s")
        ? () => () => ""
        : (call: Call, name: string) => (error: FileError) =>
            call.flavour === "gnu" ? cannotOpen(call, name)(error) : `${name}: ${error.message}`;
      for await (const input of inputs(this.#process, this.#call, [path], words)) {
        if (!input) this.#failed = true;
        else if (await this.#search(input.name === "-" ? "(standard input)" : input.name, named, input.chunks))
          return 0;
      }
    }
    return this.#failed ? 2 : this.#found ? 0 : 1;
  }

  /** True when nothing more needs to be looked at. */
  async #search(name: string, named: boolean, chunks: AsyncIterable<Uint8Array>): Promise<boolean> {
    const { flags, values } = this.#options;
    const prefix = (separator: string): string => (named ? `${name}${separator}` : "");
    const after = Number(values.get("A") ?? values.get("C") ?? 0);
    const before = Number(values.get("B") ?? values.get("C") ?? 0);
    const limit = Number(values.get("m") ?? Infinity);
    let held: { line: number; text: string }[] = [];
    let line = 0;
    let count = 0;
    let trailing = 0;
    let lastShown = 0;
    const show = async (at: number, text: string, separator: string): Promise<void> => {
      if ((after > 0 || before > 0) && lastShown > 0 && at > lastShown + 1) await this.#process.print("--\n");
      lastShown = at;
      await this.#process.write(
        1,
        toBytes(`${asByteText(prefix(separator))}${flags.has("n") ? `${at}${separator}` : ""}${text}\n`),
      );
    };
    for await (const { text } of linesOf(chunks)) {
      line++;
      await this.#process.step();
      const matched = this.#matchers.some((matcher) => matcher.test(text)) !== flags.has("v");
      if (!matched) {
        if (trailing > 0) {
          trailing--;
          await show(line, text, "-");
        } else if (before > 0) held = [...held, { line, text }].slice(-before);
        continue;
      }
      count++;
      this.#found = true;
      if (flags.has("q")) return true;
      if (flags.has("l") || flags.has("L")) break;
      if (!flags.has("c")) {
        if (flags.has("o")) await this.#showParts(text, line, prefix(":"));
        else {
          for (const earlier of held) await show(earlier.line, earlier.text, "-");
          held = [];
          await show(line, text, ":");
          trailing = after;
        }
      }
      if (count >= limit) break;
    }
    if (flags.has("l") && count > 0) await this.#process.print(`${name}\n`);
    if (flags.has("L") && count === 0) await this.#process.print(`${name}\n`);
    if (flags.has("c") && !flags.has("l")) await this.#process.print(`${prefix(":")}${count}\n`);
    return false;
  }

  async #showParts(text: string, line: number, prefix: string): Promise<void> {
    for (let at = 0; at <= text.length;) {
      const matches = this.#matchers.map((matcher) => matcher.find(text, at)).filter((match) => match !== undefined);
      const first = matches.sort((a, b) => a.start - b.start || b.end - a.end)[0];
      if (!first) return;
      if (first.end > first.start)
        await this.#process.write(
          1,
          toBytes(`${prefix}${this.#options.flags.has("n") ? `${line}:` : ""}${text.slice(first.start, first.end)}\n`),
        );
      at = Math.max(first.end, first.start + 1);
    }
  }

  #filesUnder(path: string): string[] {
    const { fileSystem } = this.#process.machine;
    if (!fileSystem.isDirectory(this.#process, path)) return [path];
    try {
      return fileSystem.list(this.#process, path).flatMap((name) => {
        const inner = joinPath(path, name);
        const node = fileSystem.find(this.#process, inner, false);
        return node?.kind === "directory" ? this.#filesUnder(inner) : node?.kind === "file" ? [inner] : [];
      });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return [];
    }
  }
}

export const searchApplets: readonly (readonly [string, Applet])[] = [
  ["grep", grep],
  ["egrep", grep],
  ["fgrep", grep],
  ["sed", sed],
];
