import { FileError } from "../filesystem/file-error";
import { type Applet, type Call, cannotOpen, complain, inputs, linesOf, readOptions, toBytes } from "./applet";

/** Prints files one after the other. Bytes pass through unharmed. */

const cat: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "nbeEtTvAsu", usage: "[-nbvteA] [FILE]..." });
  const numbering = options.flags.has("n") || options.flags.has("b");
  let status = 0;
  let line = 0;
  for (const path of options.operands.length > 0 ? options.operands : ["-"]) {
    try {
      for await (const input of inputs(process, call, [path], catWords)) {
        if (!input) {
          status = 1;
          continue;
        }
        if (!numbering && !options.flags.has("E") && !options.flags.has("A")) {
          for await (const chunk of input.chunks) await process.write(1, chunk);
          continue;
        }
        for await (const { text, ended } of linesOf(input.chunks)) {
          const number = numbering && !(options.flags.has("b") && text === "") ? `${String(++line).padStart(6)}\t` : "";
          await process.write(
            1,
            toBytes(
              `${number}${text}${options.flags.has("E") || options.flags.has("A") ? "$" : ""}${ended ? "\n" : ""}`,
            ),
          );
        }
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await complain(process, call, `${path}: ${error.message}`);
      status = 1;
    }
  }
  return status;
};

function catWords(call: Call, path: string): (error: FileError) => string {
  return (error) =>
    call.flavour === "busybox" && error.code === "EISDIR"
      ? `read error: ${error.message}`
      : cannotOpen(call, path)(error);
}

export const catApplets: readonly (readonly [string, Applet])[] = [["cat", cat]];
