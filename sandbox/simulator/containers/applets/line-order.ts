import { type Applet, asByteText, complain, inputs, linesOf, readOptions, toBytes, usage, wholeOf } from "./applet";

/** The same text in another order: each line, or all of them. */

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
    const lines = (await wholeOf(input.chunks)).split("\n");
    if (lines.at(-1) === "") lines.pop();
    await process.write(1, toBytes(lines.reverse().join("\n") + (lines.length > 0 ? "\n" : "")));
  }
  return 0;
};

const SHUF_USAGE = `[-n NUM] [-o FILE] [-z] [FILE | -e [ARG...] | -i L-H]

Randomly permute lines

	-n NUM	Output at most NUM lines
	-o FILE	Write to FILE, not standard output
	-z	NUL terminated output
	-e	Treat ARGs as lines
	-i L-H	Treat numbers L-H as lines`;
const MAX_NUMBERS = 1_000_000;

const shuf: Applet = async (process, call) => {
  const { flags, values, operands } = await readOptions(process, call, {
    letters: "ei:n:o:z",
    long: { echo: "e", "input-range:": "i", "head-count:": "n", "output:": "o", "zero-terminated": "z" },
    usage: SHUF_USAGE,
  });
  const range = values.get("i");
  if (operands.length > (flags.has("e") ? Infinity : range === undefined ? 1 : 0))
    return usage(process, call, SHUF_USAGE);
  let lines: string[] = [];
  if (flags.has("e")) lines = operands.map(asByteText);
  else if (range !== undefined) {
    const [, low = "", high = ""] = /^(\d+)-(\d+)$/.exec(range) ?? [];
    const count = Number(high) - Number(low) + 1;
    if (low === "" || count < 1 || count > MAX_NUMBERS) {
      await complain(
        process,
        call,
        call.flavour === "gnu" ? `invalid input range: '${range}'` : `bad range '${range}'`,
      );
      return 1;
    }
    lines = Array.from({ length: count }, (_, index) => String(Number(low) + index));
  } else {
    const plain = (_: unknown, path: string) => (error: Error) => `${path}: ${error.message}`;
    for await (const input of inputs(process, call, operands, plain)) {
      if (!input) return 1;
      for await (const { text } of linesOf(input.chunks, flags.has("z") ? "\0" : "\n")) lines.push(text);
    }
  }
  const { random, fileSystem } = process.machine;
  for (let last = lines.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [lines[last], lines[other]] = [lines[other] ?? "", lines[last] ?? ""];
  }
  const chosen = lines.slice(0, Number(values.get("n") ?? Infinity));
  const bytes = toBytes(chosen.map((line) => line + (flags.has("z") ? "\0" : "\n")).join(""));
  const path = values.get("o");
  if (path === undefined) await process.write(1, bytes);
  else fileSystem.writeFile(process, path, bytes);
  return 0;
};

export const lineOrderApplets: readonly (readonly [string, Applet])[] = [
  ["rev", rev],
  ["tac", tac],
  ["shuf", shuf],
];
