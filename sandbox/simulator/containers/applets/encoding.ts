import { Interrupted } from "../processes/program";
import { type Applet, complain, inputs, readOptions, toBytes, wholeOf, wrapped } from "./applet";

/** Bytes shown as text: encoded, summed up, dumped. */

const base64: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "dw:i",
    long: { decode: "d", "wrap:": "w" },
    usage: "[-d] [-w COL] [FILE]",
  });
  for await (const input of inputs(process, call, options.operands.slice(0, 1))) {
    if (!input) return 1;
    const text = await wholeOf(input.chunks);
    if (options.flags.has("d")) {
      try {
        await process.write(1, toBytes(atob(text.replace(/\s/g, ""))));
      } catch (error) {
        if (error instanceof Interrupted || !(error instanceof DOMException)) throw error;
        await complain(process, call, call.flavour === "gnu" ? "invalid input" : "truncated input");
        return 1;
      }
    } else {
      const width = Number(options.values.get("w") ?? 76);
      const encoded = btoa(text);
      await process.print(width > 0 ? wrapped(encoded, width) + (encoded ? "\n" : "") : encoded);
    }
  }
  return 0;
};

export const encodingApplets: readonly (readonly [string, Applet])[] = [["base64", base64]];
