import { type Applet, inputs, linesOf, readOptions, toBytes, wrapped } from "./applet";

/** Lines laid out for reading: numbered, or broken at a width. */

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

const fold: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "w:sb", usage: "[-bs] [-w WIDTH] [FILE]..." });
  const width = Number(options.values.get("w") ?? 80);
  for await (const input of inputs(process, call, options.operands)) {
    if (!input) return 1;
    for await (const { text, ended } of linesOf(input.chunks))
      await process.write(1, toBytes(wrapped(text, Math.max(1, width)) + (ended ? "\n" : "")));
  }
  return 0;
};

export const lineLayoutApplets: readonly (readonly [string, Applet])[] = [
  ["nl", nl],
  ["fold", fold],
];
