import type { OpenFile } from "../filesystem/open-file";
import { type Applet, complain, inputs, linesOf, readOptions, toBytes } from "./applet";

const USAGE = `[OPTIONS] [INPUT [PREFIX]]

	-b N[k|m]	Split by N (kilo|mega)bytes
	-l N		Split by N lines
	-a N		Use N letters as suffix`;

const UNITS: Readonly<Record<string, number | undefined>> = {
  "": 1,
  b: 512,
  k: 1024,
  K: 1024,
  m: 1024 ** 2,
  M: 1024 ** 2,
  kB: 1000,
  MB: 1000 ** 2,
};

/** split: one file as several, by lines or bytes. */
export const split: Applet = async (process, call) => {
  const { values, operands } = await readOptions(process, call, {
    letters: "b:l:a:",
    long: { "bytes:": "b", "lines:": "l", "suffix-length:": "a" },
    usage: USAGE,
  });
  const [path = "-", prefix = "x"] = operands;
  const bytes = values.get("b");
  const size = amount(bytes ?? values.get("l") ?? "1000");
  if (size === undefined) {
    const given = bytes ?? values.get("l") ?? "";
    const what = bytes === undefined ? "lines" : "bytes";
    await complain(
      process,
      call,
      call.flavour === "gnu" ? `invalid number of ${what}: '${given}'` : `invalid number '${given}'`,
    );
    return 1;
  }
  const length = Number(values.get("a") ?? 2);
  let [count, left] = [0, 0];
  let file: OpenFile | undefined;
  const open = async (): Promise<boolean> => {
    file?.release();
    file = undefined;
    if (count >= 26 ** length) {
      await complain(process, call, call.flavour === "gnu" ? "output file suffixes exhausted" : "suffixes exhausted");
      return false;
    }
    const name = prefix + suffix(count++, length);
    file = process.machine.fileSystem.open(process, name, { write: true, create: true, truncate: true });
    left = size;
    return true;
  };
  const plain = (_: unknown, name: string) => (error: Error) =>
    call.flavour === "gnu"
      ? `cannot open '${name}' for reading: ${error.message}`
      : `can't open '${name}': ${error.message}`;
  try {
    for await (const input of inputs(process, call, [path], plain)) {
      if (!input) return 1;
      if (bytes === undefined) {
        for await (const { text, ended } of linesOf(input.chunks)) {
          if (left === 0 && !(await open())) return 1;
          await file?.write(toBytes(text + (ended ? "\n" : "")), process);
          left--;
        }
        continue;
      }
      for await (const chunk of input.chunks) {
        for (let at = 0; at < chunk.byteLength;) {
          if (left === 0 && !(await open())) return 1;
          const piece = chunk.subarray(at, at + left);
          await file?.write(piece, process);
          at += piece.byteLength;
          left -= piece.byteLength;
        }
      }
    }
    return 0;
  } finally {
    file?.release();
  }
};

function amount(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+)([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  const value = digits === undefined || factor === undefined ? 0 : Number(digits) * factor;
  return value > 0 ? value : undefined;
}

/** `aa`, `ab`, … */
function suffix(index: number, length: number): string {
  let text = "";
  for (let rest = index; text.length < length; rest = Math.floor(rest / 26)) {
    text = String.fromCharCode(97 + (rest % 26)) + text;
  }
  return text;
}
