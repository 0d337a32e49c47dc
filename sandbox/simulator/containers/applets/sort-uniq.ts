import { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";
import { type Applet, inputs, linesOf, readOptions, toBytes } from "./applet";

/** Lines in order, and equal neighbours as one. */

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
  let size = 0;
  for await (const input of inputs(process, call, options.operands)) {
    if (!input) return call.flavour === "gnu" ? 2 : 1;
    for await (const { text } of linesOf(input.chunks)) {
      size += LINE_BYTES + text.length;
      if (size > MAX_BYTES) throw new FileError("ENOMEM");
      lines.push(text);
    }
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
  const sorted = await sortInSteps(process, lines, compare);
  const result = options.flags.has("u")
    ? sorted.filter((line, index) => index === 0 || compare(sorted[index - 1] ?? "", line) !== 0)
    : sorted;
  const bytes = toBytes(result.map((line) => `${line}\n`).join(""));
  const output = options.values.get("o");
  if (output === undefined) await process.write(1, bytes);
  else process.machine.fileSystem.writeFile(process, output, bytes);
  return 0;
};

/** What it may hold, and what each line costs beside its text. */
const MAX_BYTES = 32 * 1024 * 1024;
const LINE_BYTES = 64;
/** So few are sorted in one go; others may run before the next. */
const RUN_LENGTH = 512;

/** Sorts short runs and merges them, stable as a whole. */
async function sortInSteps(
  process: Process,
  lines: readonly string[],
  compare: (a: string, b: string) => number,
): Promise<readonly string[]> {
  let runs: string[][] = [];
  for (let at = 0; at < lines.length; at += RUN_LENGTH) {
    await process.step();
    runs.push(lines.slice(at, at + RUN_LENGTH).sort(compare));
  }
  while (runs.length > 1) {
    const merged: string[][] = [];
    for (let at = 0; at < runs.length; at += 2)
      merged.push(await merge(process, runs[at] ?? [], runs[at + 1], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge(
  process: Process,
  first: string[],
  second: string[] | undefined,
  compare: (a: string, b: string) => number,
): Promise<string[]> {
  if (!second) return first;
  const result: string[] = [];
  let [left, right] = [0, 0];
  while (left < first.length || right < second.length) {
    if (result.length % RUN_LENGTH === 0) await process.step();
    const [a, b] = [first[left], second[right]];
    if (b === undefined || (a !== undefined && compare(a, b) <= 0)) {
      result.push(a ?? "");
      left++;
    } else {
      result.push(b);
      right++;
    }
  }
  return result;
}

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
  const fields = separator === undefined ? (line.trimEnd().match(/\s*\S+/g) ?? []) : line.split(separator);
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

export const sortApplets: readonly (readonly [string, Applet])[] = [
  ["sort", sort],
  ["uniq", uniq],
];
