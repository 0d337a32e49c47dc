import { gunzipSync, gzipSync } from "fflate";
import { type Applet, complain, fromBytes, inputs, readOptions, toBytes } from "./applet";

/** gzip, gunzip and zcat. */
export const gzip: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "cdfk123456789", usage: "[-cfkdt123456789] [FILE]..." });
  const unpack = options.flags.has("d") || call.name !== "gzip";
  const toStandardOutput = options.flags.has("c") || options.operands.length === 0 || call.name === "zcat";
  for await (const input of inputs(process, call, options.operands)) {
    if (!input) return 1;
    let text = "";
    for await (const chunk of input.chunks) text += fromBytes(chunk);
    let result: Uint8Array;
    try {
      result = unpack ? gunzipSync(toBytes(text)) : gzipSync(toBytes(text));
    } catch {
      // fflate's reasons are not gzip's.
      await complain(
        process,
        call,
        call.flavour === "gnu" ? `${input.name === "-" ? "stdin" : input.name}: not in gzip format` : "invalid magic",
      );
      return 1;
    }
    if (toStandardOutput) await process.write(1, result);
    else {
      process.machine.fileSystem.writeFile(
        process,
        unpack ? input.name.replace(/\.gz$/, "") : `${input.name}.gz`,
        result,
      );
      if (!options.flags.has("k")) process.machine.fileSystem.removeFile(process, input.name);
    }
  }
  return 0;
};
