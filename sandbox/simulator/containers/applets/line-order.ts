import { type Applet, inputs, linesOf, toBytes, wholeOf } from "./applet";

/** The same text the other way round: each line, or all of them. */

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

export const lineOrderApplets: readonly (readonly [string, Applet])[] = [
  ["rev", rev],
  ["tac", tac],
];
