import { type Applet, asByteText, complain, inputs, linesOf, readOptions, toBytes } from "./applet";

/** Columns out of lines, and lines side by side as columns. */

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

export const columnApplets: readonly (readonly [string, Applet])[] = [
  ["cut", cut],
  ["paste", paste],
];
