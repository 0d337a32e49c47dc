import { Interrupted } from "../processes/program";
import type { Process } from "../processes/process";
import { FileError } from "../filesystem/file-error";
import {
  type Applet,
  asByteText,
  attempt,
  type Call,
  cannotOpen,
  complain,
  fromBytes,
  inputs,
  linesOf,
  readOptions,
  toBytes,
  usage,
} from "./applet";
import { md5Hex, sha1Hex, sha256Hex } from "./digest";
import { echoText, printfText } from "./format";

/** Tools that read text and write text. Bytes pass through unharmed. */

const cat: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "nbeEtTvAsu", usage: "[-nbvteA] [FILE]..." });
  const numbering = options.flags.has("n") || options.flags.has("b");
  let status = 0;
  let line = 0;
  for (const path of options.operands.length > 0 ? options.operands : ["-"]) {
    try {
      for await (const input of inputs(process, call, [path], catWords)) {
        if (!input) {
          status = 1;
          continue;
        }
        if (!numbering && !options.flags.has("E") && !options.flags.has("A")) {
          for await (const chunk of input.chunks) await process.write(1, chunk);
          continue;
        }
        for await (const { text, ended } of linesOf(input.chunks)) {
          const number = numbering && !(options.flags.has("b") && text === "") ? `${String(++line).padStart(6)}\t` : "";
          await process.write(
            1,
            toBytes(
              `${number}${text}${options.flags.has("E") || options.flags.has("A") ? "$" : ""}${ended ? "\n" : ""}`,
            ),
          );
        }
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await complain(process, call, `${path}: ${error.message}`);
      status = 1;
    }
  }
  return status;
};

function catWords(call: Call, path: string): (error: FileError) => string {
  return (error) =>
    call.flavour === "busybox" && error.code === "EISDIR"
      ? `read error: ${error.message}`
      : cannotOpen(call, path)(error);
}

const echo: Applet = async (process, call) => {
  await process.print(echoText(call.args, call.flavour === "gnu" ? "gnu" : "ash"));
  return 0;
};

const printf: Applet = async (process, call) => {
  const [format, ...args] = call.args[0] === "--" ? call.args.slice(1) : call.args;
  if (format === undefined) return usage(process, call, "FORMAT [ARG]...");
  const result = printfText(format, args);
  await process.print(result.text);
  for (const word of result.invalid)
    await complain(
      process,
      call,
      call.flavour === "gnu" ? `'${word}': expected a numeric value` : `invalid number '${word}'`,
    );
  return result.invalid.length > 0 || result.badFormat !== undefined ? 1 : 0;
};

/** Options of head and tail: `-5` stands for `-n 5`. */
function countWords(args: readonly string[]): string[] {
  return args.flatMap((word, index) =>
    /^-\d+$/.test(word) && !/^-[nc]$/.test(args[index - 1] ?? "") ? ["-n", word.slice(1)] : [word],
  );
}

function readCount(text: string | undefined, otherwise: number): { from: "start" | "end" | "plain"; count: number } {
  if (text === undefined) return { from: "plain", count: otherwise };
  const match = /^([-+]?)(\d+)([kKmM]?)$/.exec(text);
  if (!match) return { from: "plain", count: Number.NaN };
  const scale = { k: 1024, m: 1024 * 1024 }[(match[3] ?? "").toLowerCase()] ?? 1;
  return { from: match[1] === "+" ? "start" : match[1] === "-" ? "end" : "plain", count: Number(match[2]) * scale };
}

const head: Applet = async (process, call) => {
  const options = await readOptions(
    process,
    { ...call, args: countWords(call.args) },
    {
      letters: "n:c:qv",
      long: { "lines:": "n", "bytes:": "c", quiet: "q", verbose: "v" },
      usage: "[OPTIONS] [FILE]...",
    },
  );
  const bytes = options.values.get("c");
  const wanted = readCount(bytes ?? options.values.get("n"), 10);
  if (Number.isNaN(wanted.count))
    return badNumber(process, call, bytes ?? options.values.get("n") ?? "", bytes === undefined ? "lines" : "bytes");
  let status = 0;
  let first = true;
  for await (const input of inputs(process, call, options.operands, headWords)) {
    if (!input) {
      status = 1;
      continue;
    }
    if ((options.operands.length > 1 || options.flags.has("v")) && !options.flags.has("q"))
      await process.print(`${first ? "" : "\n"}==> ${input.name === "-" ? "standard input" : input.name} <==\n`);
    first = false;
    if (bytes !== undefined) {
      let left = wanted.count;
      for await (const chunk of input.chunks) {
        await process.write(1, chunk.subarray(0, left));
        left -= Math.min(left, chunk.byteLength);
        if (left === 0) break;
      }
    } else if (wanted.from === "end") {
      const held: string[] = [];
      for await (const { text, ended } of linesOf(input.chunks)) {
        held.push(text + (ended ? "\n" : ""));
        if (held.length > wanted.count) await process.write(1, toBytes(held.shift() ?? ""));
      }
    } else {
      let left = wanted.count;
      if (left > 0) {
        for await (const { text, ended } of linesOf(input.chunks)) {
          await process.write(1, toBytes(text + (ended ? "\n" : "")));
          if (--left <= 0) break;
        }
      }
    }
  }
  return status;
};

function headWords(call: Call, path: string): (error: FileError) => string {
  return (error) =>
    call.flavour === "gnu" ? `cannot open '${path}' for reading: ${error.message}` : `${path}: ${error.message}`;
}

async function badNumber(process: Process, call: Call, text: string, what: string): Promise<number> {
  await complain(
    process,
    call,
    call.flavour === "gnu" ? `invalid number of ${what}: '${text}'` : `invalid number '${text}'`,
  );
  return 1;
}

const tail: Applet = async (process, call) => {
  const options = await readOptions(
    process,
    { ...call, args: countWords(call.args) },
    {
      letters: "n:c:fFqvs:",
      long: { "lines:": "n", "bytes:": "c", follow: "f", quiet: "q", retry: "F" },
      usage: "[OPTIONS] [FILE]...",
    },
  );
  const bytes = options.values.get("c");
  const wanted = readCount(bytes ?? options.values.get("n"), 10);
  if (Number.isNaN(wanted.count))
    return badNumber(process, call, bytes ?? options.values.get("n") ?? "", bytes === undefined ? "lines" : "bytes");
  let status = 0;
  let first = true;
  for await (const input of inputs(process, call, options.operands, headWords)) {
    if (!input) {
      status = 1;
      continue;
    }
    if (options.operands.length > 1 && !options.flags.has("q"))
      await process.print(`${first ? "" : "\n"}==> ${input.name === "-" ? "standard input" : input.name} <==\n`);
    first = false;
    if (bytes !== undefined) {
      let whole = "";
      for await (const chunk of input.chunks) whole += fromBytes(chunk);
      await process.write(
        1,
        toBytes(
          wanted.from === "start"
            ? whole.slice(Math.max(0, wanted.count - 1))
            : wanted.count === 0
              ? ""
              : whole.slice(-wanted.count),
        ),
      );
    } else {
      let held: string[] = [];
      let line = 0;
      for await (const { text, ended } of linesOf(input.chunks)) {
        line++;
        if (wanted.from === "start") {
          if (line >= wanted.count) await process.write(1, toBytes(text + (ended ? "\n" : "")));
          continue;
        }
        held.push(text + (ended ? "\n" : ""));
        if (held.length > wanted.count * 2 + 1000) held = held.slice(-wanted.count);
      }
      if (wanted.from !== "start" && wanted.count > 0)
        for (const text of held.slice(-wanted.count)) await process.write(1, toBytes(text));
    }
  }
  if ((options.flags.has("f") || options.flags.has("F")) && options.operands.length > 0)
    await follow(process, options.operands);
  return status;
};

/** Prints what is added to files, for ever. */
async function follow(process: Process, paths: readonly string[]): Promise<never> {
  const { fileSystem } = process.machine;
  const size = (path: string): number => {
    const node = fileSystem.find(process, path);
    return node?.kind === "file" ? node.content().byteLength : 0;
  };
  const seen = new Map(paths.map((path) => [path, size(path)]));
  for (;;) {
    await process.sleep(1000);
    for (const [path, before] of seen) {
      const now = size(path);
      if (now > before) await process.write(1, fileSystem.readFile(process, path).slice(before));
      if (now !== before) seen.set(path, now);
    }
  }
}

const wc: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "lwcmL",
    long: { lines: "l", words: "w", bytes: "c", chars: "m" },
    usage: "[-cmlwL] [FILE]...",
  });
  const shown = ["l", "w", "m", "c"].filter((letter) => options.flags.has(letter));
  const columns = shown.length > 0 ? shown : ["l", "w", "c"];
  const total: Record<string, number> = { l: 0, w: 0, m: 0, c: 0 };
  const rows: { counts: Record<string, number>; name: string }[] = [];
  let status = 0;
  for await (const input of inputs(process, call, options.operands)) {
    if (!input) {
      status = 1;
      continue;
    }
    const counts: Record<string, number> = { l: 0, w: 0, m: 0, c: 0 };
    let inWord = false;
    for await (const chunk of input.chunks) {
      counts.c = (counts.c ?? 0) + chunk.byteLength;
      for (const byte of chunk) {
        if (byte === 0x0a) counts.l = (counts.l ?? 0) + 1;
        if ((byte & 0xc0) !== 0x80) counts.m = (counts.m ?? 0) + 1;
        const blank = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
        if (!blank && !inWord) counts.w = (counts.w ?? 0) + 1;
        inWord = !blank;
      }
    }
    for (const letter of Object.keys(total)) total[letter] = (total[letter] ?? 0) + (counts[letter] ?? 0);
    rows.push({ counts, name: options.operands.length > 0 ? input.name : "" });
  }
  if (options.operands.length > 1) rows.push({ counts: total, name: "total" });
  const gnuWidth =
    options.operands.length === 0 && columns.length > 1
      ? 7
      : Math.max(...columns.map((letter) => String(total[letter] ?? 0).length));
  for (const { counts, name } of rows) {
    const numbers = columns.map((letter) => String(counts[letter] ?? 0));
    const line =
      call.flavour === "gnu"
        ? numbers.map((text) => text.padStart(rows.length === 1 && columns.length === 1 ? 0 : gnuWidth)).join(" ")
        : numbers.length === 1 && rows.length === 1
          ? numbers[0]
          : numbers.map((text) => text.padStart(9)).join(" ");
    await process.print(`${line}${name ? ` ${name}` : ""}\n`);
  }
  return status;
};

const sort: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "nrufbgMVhsk:t:o:",
    long: {
      reverse: "r",
      "numeric-sort": "n",
      unique: "u",
      "key:": "k",
      "field-separator:": "t",
      "output:": "o",
      stable: "s",
      "version-sort": "V",
      "human-numeric-sort": "h",
    },
    usage: "[-nrughMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...",
  });
  const lines: string[] = [];
  for await (const input of inputs(process, call, options.operands)) {
    if (!input) return call.flavour === "gnu" ? 2 : 1;
    for await (const { text } of linesOf(input.chunks)) lines.push(text);
    if (lines.length > MAX_LINES) return 1;
  }
  const separator = options.values.get("t");
  const keys = options.all.filter(([name]) => name === "k").map(([, value]) => parseKey(value, options.flags));
  const whole: SortKey = { first: 0, last: undefined, flags: options.flags };
  const compare = (a: string, b: string): number => {
    for (const key of keys.length > 0 ? keys : [whole]) {
      const order = compareBy(
        key.flags,
        keyText(a, key, separator, keys.length > 0),
        keyText(b, key, separator, keys.length > 0),
      );
      if (order !== 0) return key.flags.has("r") ? -order : order;
    }
    if (options.flags.has("u") || options.flags.has("s")) return 0;
    const last = a < b ? -1 : a > b ? 1 : 0;
    return options.flags.has("r") ? -last : last;
  };
  lines.sort(compare);
  const result = options.flags.has("u")
    ? lines.filter((line, index) => index === 0 || compare(lines[index - 1] ?? "", line) !== 0)
    : lines;
  const bytes = toBytes(result.map((line) => `${line}\n`).join(""));
  const output = options.values.get("o");
  if (output === undefined) await process.write(1, bytes);
  else process.machine.fileSystem.writeFile(process, output, bytes);
  return 0;
};

const MAX_LINES = 1_000_000;

interface SortKey {
  readonly first: number;
  readonly last: number | undefined;
  readonly flags: ReadonlySet<string>;
}

function parseKey(text: string, global: ReadonlySet<string>): SortKey {
  const match = /^(\d+)(?:\.\d+)?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?$/.exec(text);
  const own = `${match?.[2] ?? ""}${match?.[4] ?? ""}`;
  return {
    first: Number(match?.[1] ?? 1) - 1,
    last: match?.[3] === undefined ? undefined : Number(match[3]) - 1,
    flags: own ? new Set(own) : global,
  };
}

function keyText(line: string, key: SortKey, separator: string | undefined, keyed: boolean): string {
  if (!keyed) return line;
  const fields = separator === undefined ? (line.match(/\s*\S+/g) ?? []) : line.split(separator);
  return fields.slice(key.first, key.last === undefined ? undefined : key.last + 1).join(separator ?? "");
}

function compareBy(flags: ReadonlySet<string>, a: string, b: string): number {
  if (flags.has("n") || flags.has("g") || flags.has("h")) return number(a, flags) - number(b, flags);
  const [left, right] = [a, b].map((text) => {
    const trimmed = flags.has("b") ? text.trimStart() : text;
    return flags.has("f") ? trimmed.toUpperCase() : trimmed;
  });
  if (flags.has("V")) return (left ?? "").localeCompare(right ?? "", "en", { numeric: true });
  return (left ?? "") < (right ?? "") ? -1 : (left ?? "") > (right ?? "") ? 1 : 0;
}

function number(text: string, flags: ReadonlySet<string>): number {
  const match = /^\s*(-?\d*\.?\d+)([KMGT]?)/.exec(text);
  const scale = flags.has("h") ? 1024 ** ("KMGT".indexOf(match?.[2] ?? "") + 1) : 1;
  return match ? Number(match[1]) * (match[2] ? scale : 1) : 0;
}

const uniq: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "cdui",
    long: { count: "c", repeated: "d", unique: "u" },
    usage: "[-cduiz] [-f,s,w N] [FILE [OUTFILE]]",
  });
  let current: string | undefined;
  let count = 0;
  const flush = async (): Promise<void> => {
    if (current === undefined || (options.flags.has("d") && count < 2) || (options.flags.has("u") && count > 1)) return;
    await process.write(1, toBytes(`${options.flags.has("c") ? `${String(count).padStart(7)} ` : ""}${current}\n`));
  };
  for await (const input of inputs(process, call, options.operands.slice(0, 1))) {
    if (!input) return 1;
    for await (const { text } of linesOf(input.chunks)) {
      const same =
        current !== undefined &&
        (options.flags.has("i") ? text.toLowerCase() === current.toLowerCase() : text === current);
      if (same) count++;
      else {
        await flush();
        current = text;
        count = 1;
      }
    }
  }
  await flush();
  return 0;
};

const cut: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "b:c:f:d:s",
    long: {
      "delimiter:": "d",
      "fields:": "f",
      "characters:": "c",
      "bytes:": "b",
      "only-delimited": "s",
      "output-delimiter:": "O",
    },
    usage: "[OPTIONS] [FILE]...",
  });
  const list = options.values.get("f") ?? options.values.get("c") ?? options.values.get("b");
  if (list === undefined) {
    await complain(
      process,
      call,
      call.flavour === "gnu"
        ? "you must specify a list of bytes, characters, or fields"
        : "expected a list of bytes, characters, or fields",
    );
    return 1;
  }
  const ranges = list.split(",").map((text) => /^(\d*)(-?)(\d*)$/.exec(text));
  const wants = (position: number): boolean =>
    ranges.some((range) => {
      if (!range) return false;
      const from = Number(range[1] || 1);
      return position >= from && position <= (range[2] ? Number(range[3] || Infinity) : from);
    });
  const delimiter = asByteText(options.values.get("d") ?? "\t");
  const joiner = options.values.get("O") ?? delimiter;
  let status = 0;
  for await (const input of inputs(process, call, options.operands)) {
    if (!input) {
      status = 1;
      continue;
    }
    for await (const { text } of linesOf(input.chunks)) {
      if (options.values.has("f")) {
        const fields = text.split(delimiter);
        if (fields.length === 1 && options.flags.has("s")) continue;
        await process.write(
          1,
          toBytes(`${fields.length === 1 ? text : fields.filter((_, index) => wants(index + 1)).join(joiner)}\n`),
        );
      } else {
        const chars = options.values.has("c")
          ? Array.from(new TextDecoder().decode(toBytes(text))).map(asByteText)
          : Array.from(text);
        await process.write(1, toBytes(`${chars.filter((_, index) => wants(index + 1)).join("")}\n`));
      }
    }
  }
  return status;
};

const tr: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "+cCds",
    long: { delete: "d", complement: "c", "squeeze-repeats": "s" },
    usage: "[-cds] STRING1 [STRING2]",
  });
  const [first, second] = options.operands;
  if (first === undefined) return usage(process, call, "[-cds] STRING1 [STRING2]");
  let from = trSet(first);
  if (options.flags.has("c") || options.flags.has("C")) {
    const excluded = new Set(from);
    from = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter((char) => !excluded.has(char));
  }
  const to = second === undefined ? [] : trSet(second);
  const deletes = options.flags.has("d");
  const map = new Map(from.map((char, index) => [char, deletes ? "" : (to[index] ?? to.at(-1) ?? char)]));
  const squeezed = new Set(options.flags.has("s") ? (to.length > 0 ? to : from) : []);
  let previous = "";
  for (let chunk = await process.read(); chunk; chunk = await process.read()) {
    let text = "";
    for (const char of fromBytes(chunk)) {
      const mapped = to.length === 0 && !deletes ? char : (map.get(char) ?? char);
      if (mapped === "" || (mapped === previous && squeezed.has(mapped))) continue;
      text += mapped;
      previous = mapped;
    }
    await process.write(1, toBytes(text));
  }
  return 0;
};

function trSet(text: string): string[] {
  const classes: Readonly<Record<string, RegExp>> = {
    lower: /[a-z]/,
    upper: /[A-Z]/,
    alpha: /[A-Za-z]/,
    digit: /[0-9]/,
    alnum: /[A-Za-z0-9]/,
    space: /\s/,
    blank: /[ \t]/,
    punct: /[!-/:-@[-`{-~]/,
  };
  const set: string[] = [];
  const source = asByteText(text).replace(/\\([0-7]{1,3}|.)/g, (_, escape: string) =>
    /^[0-7]/.test(escape)
      ? String.fromCharCode(Number.parseInt(escape, 8))
      : ({ n: "\n", t: "\t", r: "\r", "\\": "\\" }[escape] ?? escape),
  );
  for (let at = 0; at < source.length; at++) {
    const named = /^\[:(\w+):\]/.exec(source.slice(at));
    const known = named && classes[named[1] ?? ""];
    if (named && known) {
      for (let code = 0; code < 128; code++)
        if (known.test(String.fromCharCode(code))) set.push(String.fromCharCode(code));
      at += named[0].length - 1;
    } else if (source[at + 1] === "-" && source[at + 2] !== undefined) {
      for (let code = source.charCodeAt(at); code <= source.charCodeAt(at + 2); code++)
        set.push(String.fromCharCode(code));
      at += 2;
    } else set.push(source[at] ?? "");
  }
  return set;
}

const tee: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "ai", long: { append: "a" }, usage: "[-ai] [FILE]..." });
  let status = 0;
  const files = [];
  for (const path of options.operands) {
    const file = await attempt(
      process,
      call,
      () =>
        process.machine.fileSystem.open(process, path, {
          write: true,
          create: true,
          append: options.flags.has("a"),
          truncate: !options.flags.has("a"),
        }),
      (error) => `${path}: ${error.message}`,
    );
    if (file) files.push(file);
    else status = 1;
  }
  for (let chunk = await process.read(); chunk; chunk = await process.read()) {
    await process.write(1, chunk);
    for (const file of files) await file.write(chunk, process);
  }
  for (const file of files) file.release();
  return status;
};

const seq: Applet = async (process, call) => {
  const options = await readOptions(
    process,
    { ...call, args: call.args.flatMap((word) => (/^-\d/.test(word) ? ["--", word] : [word])) },
    { letters: "+ws:f:", usage: "[-w] [-s SEP] [FIRST [INC]] LAST" },
  );
  const words = options.operands.filter((word) => word !== "--");
  const [first, increment, last] =
    words.length === 1 ? ["1", "1", words[0]] : words.length === 2 ? [words[0], "1", words[1]] : words;
  for (const word of [first, increment, last]) {
    if (word === undefined)
      return call.flavour === "gnu"
        ? (await complain(process, call, "missing operand"), usage(process, call))
        : usage(process, call, "[-w] [-s SEP] [FIRST [INC]] LAST");
    if (Number.isNaN(Number(word)) || word === "")
      return call.flavour === "gnu"
        ? (await complain(process, call, `invalid floating point argument: '${word}'`), usage(process, call))
        : (await complain(process, call, `invalid number '${word}'`), 1);
  }
  const decimals = Math.max(...[first, increment].map((word) => (word ?? "").split(".")[1]?.length ?? 0));
  const [from, step, to] = [Number(first), Number(increment), Number(last)];
  if (step === 0) return 1;
  const width = options.flags.has("w") ? Math.max(from.toFixed(decimals).length, to.toFixed(decimals).length) : 0;
  const separator = options.values.get("s") ?? "\n";
  let text = "";
  for (let index = 0; ; index++) {
    const value = from + index * step;
    if (step > 0 ? value > to + 1e-9 : value < to - 1e-9) break;
    text += (index > 0 ? separator : "") + value.toFixed(decimals).padStart(width, "0");
    if (text.length > 8192) {
      await process.print(text);
      text = "";
    }
  }
  if (step > 0 ? from <= to : from >= to) await process.print(`${text}\n`);
  return 0;
};

const yes: Applet = async (process, call) => {
  const line = `${call.args.length > 0 ? call.args.join(" ") : "y"}\n`;
  const block = line.repeat(Math.max(1, Math.floor(4096 / line.length)));
  for (;;) await process.print(block);
};

const nl: Applet = async (process, call) => {
  let line = 0;
  for await (const input of inputs(
    process,
    call,
    call.args.filter((word) => !word.startsWith("-")),
  )) {
    if (!input) return 1;
    for await (const { text } of linesOf(input.chunks))
      await process.write(1, toBytes(text === "" ? "       \n" : `${String(++line).padStart(6)}\t${text}\n`));
  }
  return 0;
};

const rev: Applet = async (process, call) => {
  for await (const input of inputs(process, call, call.args)) {
    if (!input) return 1;
    for await (const { text, ended } of linesOf(input.chunks))
      await process.print(
        Array.from(new TextDecoder().decode(toBytes(text)))
          .reverse()
          .join("") + (ended ? "\n" : ""),
      );
  }
  return 0;
};

const tac: Applet = async (process, call) => {
  for await (const input of inputs(process, call, call.args)) {
    if (!input) return 1;
    const lines: string[] = [];
    for await (const { text } of linesOf(input.chunks)) lines.push(`${text}\n`);
    await process.write(1, toBytes(lines.reverse().join("")));
  }
  return 0;
};

const base64: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "dw:i",
    long: { decode: "d", "wrap:": "w" },
    usage: "[-d] [-w COL] [FILE]",
  });
  for await (const input of inputs(process, call, options.operands.slice(0, 1))) {
    if (!input) return 1;
    let text = "";
    for await (const chunk of input.chunks) text += fromBytes(chunk);
    if (options.flags.has("d")) {
      try {
        await process.write(1, toBytes(atob(text.replace(/\s/g, ""))));
      } catch (error) {
        if (error instanceof Interrupted || !(error instanceof DOMException)) throw error;
        await complain(process, call, call.flavour === "gnu" ? "invalid input" : "truncated input");
        return 1;
      }
    } else {
      const width = Number(options.values.get("w") ?? 76);
      const encoded = btoa(text);
      await process.print(
        width > 0 ? encoded.replace(new RegExp(`(.{${width}})(?=.)`, "g"), "$1\n") + (encoded ? "\n" : "") : encoded,
      );
    }
  }
  return 0;
};

const digest =
  (hash: (bytes: Uint8Array) => string): Applet =>
  async (process, call) => {
    const options = await readOptions(process, call, { letters: "bctw", usage: "[-c[sw]] [FILE]..." });
    let status = 0;
    for await (const input of inputs(process, call, options.operands)) {
      if (!input) {
        status = 1;
        continue;
      }
      let text = "";
      for await (const chunk of input.chunks) text += fromBytes(chunk);
      await process.print(`${hash(toBytes(text))}  ${input.name}\n`);
    }
    return status;
  };

const fold: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "w:sb", usage: "[-bs] [-w WIDTH] [FILE]..." });
  const width = Number(options.values.get("w") ?? 80);
  for await (const input of inputs(process, call, options.operands)) {
    if (!input) return 1;
    for await (const { text, ended } of linesOf(input.chunks))
      await process.write(
        1,
        toBytes(text.replace(new RegExp(`(.{${Math.max(1, width)}})(?=.)`, "g"), "$1\n") + (ended ? "\n" : "")),
      );
  }
  return 0;
};

const paste: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "sd:", usage: "[OPTIONS] [FILE]..." });
  const delimiter = options.values.get("d") ?? "\t";
  const columns: string[][] = [];
  for await (const input of inputs(process, call, options.operands)) {
    if (!input) return 1;
    const lines: string[] = [];
    for await (const { text } of linesOf(input.chunks)) lines.push(text);
    columns.push(lines);
  }
  if (options.flags.has("s"))
    for (const lines of columns) await process.write(1, toBytes(`${lines.join(delimiter)}\n`));
  else
    for (let row = 0; row < Math.max(...columns.map((lines) => lines.length)); row++)
      await process.write(1, toBytes(`${columns.map((lines) => lines[row] ?? "").join(delimiter)}\n`));
  return 0;
};

const od: Applet = async (process, call) => {
  const path = call.args.find((word) => !word.startsWith("-"));
  let at = 0;
  for await (const input of inputs(process, call, path === undefined ? [] : [path])) {
    if (!input) return 1;
    let text = "";
    for await (const chunk of input.chunks) text += fromBytes(chunk);
    const shows = call.args.includes("-c")
      ? (char: string) => (({ "\n": "\\n", "\t": "\\t", "\0": "\\0", "\r": "\\r" })[char] ?? char).padStart(4)
      : (char: string) => ` ${char.charCodeAt(0).toString(8).padStart(3, "0")}`;
    for (; at < text.length; at += 16)
      await process.write(
        1,
        toBytes(
          `${at.toString(8).padStart(7, "0")}${Array.from(text.slice(at, at + 16))
            .map(shows)
            .join("")}\n`,
        ),
      );
    await process.print(`${text.length.toString(8).padStart(7, "0")}\n`);
  }
  return 0;
};

export const textApplets: readonly (readonly [string, Applet])[] = [
  ["cat", cat],
  ["more", cat],
  ["echo", echo],
  ["printf", printf],
  ["head", head],
  ["tail", tail],
  ["wc", wc],
  ["sort", sort],
  ["uniq", uniq],
  ["cut", cut],
  ["tr", tr],
  ["tee", tee],
  ["seq", seq],
  ["yes", yes],
  ["nl", nl],
  ["rev", rev],
  ["tac", tac],
  ["base64", base64],
  ["md5sum", digest(md5Hex)],
  ["sha1sum", digest(sha1Hex)],
  ["sha256sum", digest(sha256Hex)],
  ["fold", fold],
  ["paste", paste],
  ["od", od],
];
