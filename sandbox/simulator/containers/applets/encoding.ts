import { Interrupted } from "../processes/program";
import { type Applet, complain, inputs, readOptions, toBytes, wholeOf, wrapped } from "./applet";
import { type Digest, Hash, md5, sha1, sha256 } from "./digest";

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

const digest =
  (start: () => Digest): Applet =>
  async (process, call) => {
    const options = await readOptions(process, call, { letters: "bctw", usage: "[-c[sw]] [FILE]..." });
    let status = 0;
    for await (const input of inputs(process, call, options.operands)) {
      if (!input) {
        status = 1;
        continue;
      }
      const hash = new Hash(start());
      for await (const chunk of input.chunks) {
        await process.step();
        hash.add(chunk);
      }
      await process.print(`${hash.hex()}  ${input.name}\n`);
    }
    return status;
  };

export const encodingApplets: readonly (readonly [string, Applet])[] = [
  ["base64", base64],
  ["md5sum", digest(md5)],
  ["sha1sum", digest(sha1)],
  ["sha256sum", digest(sha256)],
];
