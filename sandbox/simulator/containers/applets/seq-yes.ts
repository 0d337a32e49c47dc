import { type Applet, complain, readOptions, usage } from "./applet";

/** Tools that make up lines of their own. */

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

export const lineSourceApplets: readonly (readonly [string, Applet])[] = [
  ["seq", seq],
  ["yes", yes],
];
