import type { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";
import { type Applet, type Call, inputs, readOptions, toBytes } from "./applet";

/** Bytes one by one: od, hexdump and xxd. */

const octal = (byte: number, width: number): string => byte.toString(8).padStart(width, "0");
const hex = (byte: number, width = 2): string => byte.toString(16).padStart(width, "0");

/** Pieces of `size` bytes from all files one after the other; the number of bytes at the end. */
async function* rowsOf(
  process: Process,
  call: Call,
  operands: readonly string[],
  size: number,
  range: { skip?: number; limit?: number } = {},
): AsyncGenerator<{ offset: number; bytes: Uint8Array }, { end: number; status: number }> {
  let held: number[] = [];
  let status = 0;
  let at = 0;
  let offset = range.skip ?? 0;
  const end = offset + (range.limit ?? Number.POSITIVE_INFINITY);
  outer: for await (const input of inputs(process, call, operands, withName)) {
    if (!input) {
      status = 1;
      continue;
    }
    for await (const chunk of input.chunks) {
      for (const byte of chunk) {
        if (at >= end) break outer;
        if (at++ < (range.skip ?? 0)) continue;
        held.push(byte);
        if (held.length < size) continue;
        yield { offset, bytes: Uint8Array.from(held) };
        offset += size;
        held = [];
      }
    }
  }
  if (held.length > 0) yield { offset, bytes: Uint8Array.from(held) };
  return { end: offset + held.length, status };
}

function withName(_call: Call, path: string): (error: FileError) => string {
  return (error) => `${path}: ${error.message}`;
}

/** Prints each row by `show`; rows equal to the one before become one `*` when `folds`. */
async function printRows(
  process: Process,
  rows: AsyncGenerator<{ offset: number; bytes: Uint8Array }, { end: number; status: number }>,
  folds: boolean,
  show: (offset: number, bytes: Uint8Array) => string,
): Promise<{ end: number; status: number }> {
  let before: string | undefined;
  let starred = false;
  for (;;) {
    const next = await rows.next();
    if (next.done) return next.value;
    const { offset, bytes } = next.value;
    const content = bytes.join();
    if (folds && content === before) {
      if (!starred) await process.print("*\n");
      starred = true;
      continue;
    }
    before = content;
    starred = false;
    await process.write(1, toBytes(show(offset, bytes)));
  }
}

const NAMED: Readonly<Record<number, string>> = {
  0: "\\0",
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
};

function charCell(byte: number): string {
  return NAMED[byte] ?? (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : octal(byte, 3));
}

function words(bytes: Uint8Array): number[] {
  return Array.from(
    { length: Math.ceil(bytes.length / 2) },
    (_, at) => (bytes[2 * at] ?? 0) | ((bytes[2 * at + 1] ?? 0) << 8),
  );
}

const od: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "aBbcDdeFfHhIiLlOoXxsvA:t:j:N:w:S:",
    usage: "[-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [-S MINSTR] [-w WIDTH] [FILE]...",
  });
  const { flags, values, operands } = options;
  const type =
    values.get("t") ??
    (flags.has("c")
      ? "c"
      : flags.has("b")
        ? "o1"
        : flags.has("x") || flags.has("h")
          ? "x2"
          : flags.has("d")
            ? "u2"
            : "o2");
  const radix = values.get("A") ?? "o";
  const address = (offset: number): string =>
    radix === "n"
      ? ""
      : radix === "x"
        ? hex(offset, 6)
        : radix === "d"
          ? String(offset).padStart(7, "0")
          : octal(offset, 7);
  const cell: ((bytes: Uint8Array) => string[]) | undefined = {
    c: (bytes: Uint8Array) => Array.from(bytes, (byte) => charCell(byte).padStart(4)),
    o1: (bytes: Uint8Array) => Array.from(bytes, (byte) => ` ${octal(byte, 3)}`),
    x1: (bytes: Uint8Array) => Array.from(bytes, (byte) => ` ${hex(byte)}`),
    u1: (bytes: Uint8Array) => Array.from(bytes, (byte) => ` ${String(byte).padStart(3)}`),
    d1: (bytes: Uint8Array) => Array.from(bytes, (byte) => ` ${String((byte << 24) >> 24).padStart(4)}`),
    o2: (bytes: Uint8Array) => words(bytes).map((word) => ` ${octal(word, 6)}`),
    x2: (bytes: Uint8Array) => words(bytes).map((word) => ` ${hex(word, 4)}`),
    u2: (bytes: Uint8Array) => words(bytes).map((word) => ` ${String(word).padStart(5)}`),
  }[type === "o" ? "o2" : type === "x" ? "x2" : type];
  if (!cell) {
    await process.complain(`${call.name}: invalid type string '${type}'\n`);
    return 1;
  }
  const skip = Number(values.get("j") ?? 0);
  const limit = values.has("N") ? Number(values.get("N")) : undefined;
  const rows = rowsOf(process, call, operands, 16, { skip, ...(limit !== undefined && { limit }) });
  const { end, status } = await printRows(
    process,
    rows,
    !flags.has("v"),
    (offset, bytes) => `${address(offset)}${cell(bytes).join("")}\n`,
  );
  if (radix !== "n" && (end > 0 || status === 0)) await process.print(`${address(end)}\n`);
  return status;
};

const hexdump: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "bcdoxCvn:s:e:f:",
    usage: "[-bcdoxCv] [-e FMT] [-f FMT_FILE] [-n LEN] [-s OFS] [FILE]...",
  });
  const { flags, values, operands } = options;
  const canonical = flags.has("C") || call.name === "hd";
  const show = (offset: number, bytes: Uint8Array): string => {
    if (canonical) {
      const cells = Array.from({ length: 16 }, (_, at) => (at < bytes.length ? hex(bytes[at] ?? 0) : "  "));
      return `${hex(offset, 8)}  ${cells.slice(0, 8).join(" ")}  ${cells.slice(8).join(" ")}  |${printable(bytes)}|\n`;
    }
    const [width, cells] = flags.has("b")
      ? [4, Array.from(bytes, (byte) => ` ${octal(byte, 3)}`)]
      : flags.has("c")
        ? [4, Array.from(bytes, (byte) => charCell(byte).padStart(4))]
        : flags.has("d")
          ? [8, words(bytes).map((word) => `   ${String(word).padStart(5, "0")}`)]
          : flags.has("o")
            ? [8, words(bytes).map((word) => `  ${octal(word, 6)}`)]
            : flags.has("x")
              ? [8, words(bytes).map((word) => `    ${hex(word, 4)}`)]
              : [5, words(bytes).map((word) => ` ${hex(word, 4)}`)];
    return `${hex(offset, 7)}${cells.join("").padEnd(width === 4 ? 64 : 8 * width)}\n`;
  };
  const skip = Number(values.get("s") ?? 0);
  const limit = values.has("n") ? Number(values.get("n")) : undefined;
  const rows = rowsOf(process, call, operands, 16, { skip, ...(limit !== undefined && { limit }) });
  const { end, status } = await printRows(process, rows, !flags.has("v"), show);
  if (end > 0) await process.print(`${hex(end, canonical ? 8 : 7)}\n`);
  return status;
};

const xxd: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "pruil:s:g:c:n:o:",
    usage: "[-pri] [-g N] [-c N] [-n LEN] [-s OFS] [-o OFS] [FILE]",
  });
  const { flags, values, operands } = options;
  if (flags.has("r")) return fromHex(process, call, operands, flags.has("p"));
  const plain = flags.has("p");
  const columns = Math.min(256, Math.max(1, Number(values.get("c") ?? (plain ? 30 : 16))));
  const group = Math.max(1, Number(values.get("g") ?? 2));
  const limitText = values.get("l") ?? values.get("n");
  const skip = Number(values.get("s") ?? 0);
  const rows = rowsOf(process, call, operands.slice(0, 1), columns, {
    skip,
    ...(limitText !== undefined && { limit: Number(limitText) }),
  });
  const width = columns * 2 + Math.ceil(columns / group);
  const { status } = await printRows(process, rows, false, (offset, bytes) => {
    const digits = Array.from(bytes, (byte) => hex(byte));
    if (plain) return `${digits.join("")}\n`;
    const cells = digits.map((digit, at) => digit + ((at + 1) % group === 0 ? " " : "")).join("");
    return `${hex(offset + Number(values.get("o") ?? 0), 8)}: ${cells.padEnd(width)} ${printable(bytes)}\n`;
  });
  return status;
};

/** The other way round: digits into bytes, after the offset of each line unless there is none. */
async function fromHex(process: Process, call: Call, operands: readonly string[], plain: boolean): Promise<number> {
  for await (const input of inputs(process, call, operands.slice(0, 1))) {
    if (!input) return 1;
    let text = "";
    for await (const chunk of input.chunks) {
      text += new TextDecoder().decode(chunk);
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) await process.write(1, bytesOfLine(line, plain));
    }
    await process.write(1, bytesOfLine(text, plain));
  }
  return 0;
}

function bytesOfLine(line: string, plain: boolean): Uint8Array {
  const digits = plain
    ? line.replace(/\s/g, "")
    : (/^[0-9a-f]+: ((?:[0-9a-f]+ ?)*)/i.exec(line)?.[1] ?? "").replace(/ /g, "");
  return Uint8Array.from(digits.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16));
}

function printable(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
}

export const dumpApplets: readonly (readonly [string, Applet])[] = [
  ["od", od],
  ["hexdump", hexdump],
  ["hd", hexdump],
  ["xxd", xxd],
];
