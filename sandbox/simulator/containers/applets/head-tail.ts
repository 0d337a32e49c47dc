import type { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";
import { type Applet, type Call, complain, fromBytes, inputs, linesOf, readOptions, roomFor, toBytes } from "./applet";

/** The first and the last of a file. */

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
      await writeLastBytes(process, input.chunks, wanted);
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

async function writeLastBytes(
  process: Process,
  chunks: AsyncIterable<Uint8Array>,
  { from, count }: { from: string; count: number },
): Promise<void> {
  let skip = Math.max(0, count - 1);
  let held = "";
  for await (const chunk of chunks) {
    if (from === "start") {
      await process.write(1, chunk.subarray(skip));
      skip = Math.max(0, skip - chunk.byteLength);
    } else held = count === 0 ? "" : roomFor((held + fromBytes(chunk)).slice(-count));
  }
  await process.write(1, toBytes(held));
}

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

export const headTailApplets: readonly (readonly [string, Applet])[] = [
  ["head", head],
  ["tail", tail],
];
