import { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";
import { ProcessExit } from "../processes/program";

/** How a tool was called, and whose manners it has: busybox or GNU. */
export interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly flavour: "busybox" | "gnu";
}

export type Applet = (process: Process, call: Call) => Promise<number>;

export const BUSYBOX_VERSION = "BusyBox v1.37.0 (2024-09-26 21:31:42 UTC)";

export interface Options {
  /** Options without a value, by letter or long name. */
  readonly flags: ReadonlySet<string>;
  /** Options with a value; the last one given counts. */
  readonly values: ReadonlyMap<string, string>;
  /** Every value given, in order, for options that may repeat. */
  readonly all: readonly (readonly [string, string])[];
  readonly operands: readonly string[];
}

export interface OptionSpec {
  /** As getopt has it: a colon after a letter means it takes a value. A leading `+` stops at the first operand. */
  readonly letters: string;
  /** Long names and the letter (or name) each stands for; a colon after the name means a value. */
  readonly long?: Readonly<Record<string, string>>;
  readonly usage?: string;
}

/** Reads options like getopt_long. A wrong one is complained about and ends the process. */
export async function readOptions(process: Process, call: Call, spec: OptionSpec): Promise<Options> {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const all: [string, string][] = [];
  const operands: string[] = [];
  const inOrder = spec.letters.startsWith("+");
  const letters = spec.letters.replace(/^\+/, "");
  const put = (name: string, value: string): void => {
    values.set(name, value);
    all.push([name, value]);
  };
  for (let at = 0; at < call.args.length; at++) {
    const word = call.args[at] ?? "";
    if (word === "--") {
      operands.push(...call.args.slice(at + 1));
      break;
    }
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const name = word.slice(2, equals < 0 ? undefined : equals);
      const takes = spec.long?.[`${name}:`];
      const plain = spec.long?.[name];
      if (takes !== undefined) {
        const value = equals < 0 ? call.args[++at] : word.slice(equals + 1);
        if (value === undefined) await refuse(process, call, spec, `option '--${name}' requires an argument`);
        put(takes, value ?? "");
      } else if (plain !== undefined && equals < 0) {
        flags.add(plain);
        all.push([plain, ""]);
      } else await refuse(process, call, spec, `unrecognized option '${word}'`);
    } else if (/^-./.test(word)) {
      for (let letter = 1; letter < word.length; letter++) {
        const name = word[letter] ?? "";
        const index = letters.indexOf(name);
        if (index < 0 || name === ":")
          await refuse(
            process,
            call,
            spec,
            call.flavour === "gnu" ? `invalid option -- '${name}'` : `invalid option -- '${name}'`,
          );
        if (letters[index + 1] !== ":") {
          flags.add(name);
          all.push([name, ""]);
          continue;
        }
        const value = word.slice(letter + 1) || call.args[++at];
        if (value === undefined) await refuse(process, call, spec, `option requires an argument -- '${name}'`);
        put(name, value ?? "");
        break;
      }
    } else {
      operands.push(word);
      if (inOrder) {
        operands.push(...call.args.slice(at + 1));
        break;
      }
    }
  }
  return { flags, values, all, operands };
}

async function refuse(process: Process, call: Call, spec: OptionSpec, text: string): Promise<never> {
  await process.complain(`${call.name}: ${text}\n`);
  return usage(process, call, spec.usage);
}

/** Shows how to call the tool and ends the process. */
export async function usage(process: Process, call: Call, text = ""): Promise<never> {
  if (call.flavour === "busybox")
    await process.complain(`${BUSYBOX_VERSION} multi-call binary.\n\nUsage: ${call.name} ${text}\n`);
  else await process.complain(`Try '${call.name} --help' for more information.\n`);
  throw new ProcessExit(
    call.flavour === "gnu" && (call.name === "ls" || call.name === "grep" || call.name === "sort") ? 2 : 1,
  );
}

/** Complains in the tool's name. */
export function complain(process: Process, call: Call, text: string): Promise<void> {
  return process.complain(`${call.name}: ${text}\n`);
}

/** Runs `work`; a failed system call is complained about with `describe`'s words and gives `undefined`. */
export async function attempt<T>(
  process: Process,
  call: Call,
  work: () => T | Promise<T>,
  describe: (error: FileError) => string,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await complain(process, call, describe(error));
    return undefined;
  }
}

/** `can't open 'x': …` as busybox says it, `x: …` as GNU tools do. */
export function cannotOpen(call: Call, path: string): (error: FileError) => string {
  return (error) =>
    call.flavour === "busybox" ? `can't open '${path}': ${error.message}` : `${path}: ${error.message}`;
}

/** The bytes of each operand in turn, standard input for `-` or none. Says what cannot be opened and goes on. */
export async function* inputs(
  process: Process,
  call: Call,
  operands: readonly string[],
  words = cannotOpen,
): AsyncGenerator<{ name: string; chunks: AsyncGenerator<Uint8Array> } | undefined> {
  for (const path of operands.length > 0 ? operands : ["-"]) {
    if (path === "-") {
      yield { name: "-", chunks: readDescriptor(process, 0) };
      continue;
    }
    const file = await attempt(
      process,
      call,
      () => process.machine.fileSystem.open(process, path, { read: true }),
      words(call, path),
    );
    if (!file) {
      yield undefined;
      continue;
    }
    try {
      yield {
        name: path,
        chunks: (async function* () {
          for (let chunk = await file.read(65_536, process); chunk; chunk = await file.read(65_536, process)) {
            yield chunk;
            await process.step();
          }
        })(),
      };
    } finally {
      file.release();
    }
  }
}

async function* readDescriptor(process: Process, number: number): AsyncGenerator<Uint8Array> {
  for (let chunk = await process.read(number); chunk; chunk = await process.read(number)) yield chunk;
}

/** Lines without their breaks, as they come. The last one says whether its break was there. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  separator = "\n",
): AsyncGenerator<{ text: string; ended: boolean }> {
  // Latin-1 keeps every byte as it is; `toBytes` turns text back.
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (rest + fromBytes(chunk)).split(separator);
    rest = roomFor(parts.pop() ?? "");
    for (const text of parts) yield { text, ended: true };
  }
  if (rest !== "") yield { text: rest, ended: false };
}

/** All of it as one text. Throws `FileError` ENOMEM when that is more than a tool may hold. */
export async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) {
    text += fromBytes(chunk);
    if (text.length > MAX_WHOLE) throw new FileError("ENOMEM");
  }
  return text;
}

const MAX_WHOLE = 16 * 1024 * 1024;

/** `text` cut into lines of `width` characters. */
export function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += width) lines.push(text.slice(at, at + width));
  return lines.join("\n");
}

/** The text itself, when a tool has room for it. Throws `FileError` ENOMEM. */
export function roomFor(text: string): string {
  if (text.length > MAX_TEXT) throw new FileError("ENOMEM");
  return text;
}

/** The longest line, variable or field; a learner's container is not the only one in its process. */
const MAX_TEXT = 1024 * 1024;

/** Bytes as a string of one character each, so that nothing is lost on the way through text tools. */
export function fromBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.byteLength; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Arguments come as Unicode; text tools compare bytes. */
export function asByteText(text: string): string {
  return fromBytes(new TextEncoder().encode(text));
}
