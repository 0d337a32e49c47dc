import { Gunzip, Gzip } from "fflate";
import { FileError } from "../filesystem/file-error";
import { concatAll } from "../filesystem/open-file";
import type { Process } from "../processes/process";
import { type Applet, complain, inputs, readOptions } from "./applet";

/** gzip, gunzip and zcat. */
export const gzip: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "cdfk123456789", usage: "[-cfkdt123456789] [FILE]..." });
  const unpack = options.flags.has("d") || call.name !== "gzip";
  const toStandardOutput = options.flags.has("c") || options.operands.length === 0 || call.name === "zcat";
  for await (const input of inputs(process, call, options.operands)) {
    if (!input) return 1;
    const file: Uint8Array[] = [];
    let size = 0;
    const put = async (bytes: Uint8Array): Promise<void> => {
      if (toStandardOutput) return process.write(1, bytes);
      size += bytes.byteLength;
      if (size > MAX_FILE) throw new FileError("ENOSPC");
      file.push(bytes);
    };
    if (!(await convert(process, input.chunks, unpack, put))) {
      await complain(
        process,
        call,
        call.flavour === "gnu" ? `${input.name === "-" ? "stdin" : input.name}: not in gzip format` : "invalid magic",
      );
      return 1;
    }
    if (toStandardOutput) continue;
    const { fileSystem } = process.machine;
    const path = unpack ? input.name.replace(/\.gz$/, "") : `${input.name}.gz`;
    fileSystem.writeFile(process, path, concatAll(file));
    if (!options.flags.has("k")) fileSystem.removeFile(process, input.name);
  }
  return 0;
};

/** Piece by piece, so that neither a long text nor one that unpacks to a thousand times its size stops the others. */
async function convert(
  process: Process,
  chunks: AsyncIterable<Uint8Array>,
  unpack: boolean,
  put: (bytes: Uint8Array) => Promise<void>,
): Promise<boolean> {
  const ready: Uint8Array[] = [];
  const stream = unpack ? new Gunzip((bytes) => ready.push(bytes)) : new Gzip((bytes) => ready.push(bytes));
  const push = async (bytes: Uint8Array, final: boolean): Promise<boolean> => {
    try {
      stream.push(bytes, final);
    } catch {
      // fflate's reasons are not gzip's.
      return false;
    }
    for (const bytes of ready.splice(0)) await put(bytes);
    await process.step();
    return true;
  };
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.byteLength; at += PIECE) {
      // It keeps what it is given until it has enough.
      if (!(await push(chunk.slice(at, at + PIECE), false))) return false;
    }
  return push(new Uint8Array(), true);
}

const PIECE = 8192;
const MAX_FILE = 64 * 1024 * 1024;
