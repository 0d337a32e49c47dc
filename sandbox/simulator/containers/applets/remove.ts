import { FileError } from "../filesystem/file-error";
import { joinPath } from "../filesystem/path";
import type { Process } from "../processes/process";
import { type Applet, attempt, readOptions } from "./applet";
import { needOperands } from "./operands";

/** Removes files, and whole trees of them. */

const rm: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "rRfivd",
    long: { recursive: "r", force: "f" },
    usage: "[-irf] FILE...",
  });
  const force = options.flags.has("f");
  if (!force) await needOperands(process, call, options.operands, 1, "[-irf] FILE...");
  const recursive = options.flags.has("r") || options.flags.has("R");
  let status = 0;
  for (const path of options.operands) {
    const words = (error: FileError): string =>
      call.flavour === "gnu"
        ? `cannot remove '${error.path || path}': ${error.message}`
        : error.code === "EISDIR"
          ? `'${path}' is a directory`
          : `can't remove '${error.path || path}': ${error.message}`;
    const done = await attempt(
      process,
      call,
      async () => {
        if (force && !process.machine.fileSystem.find(process, path, false)) return true;
        await remove(process, path, recursive);
        return true;
      },
      words,
    );
    if (!done) status = 1;
  }
  return status;
};

async function remove(process: Process, path: string, recursive: boolean): Promise<void> {
  const { fileSystem } = process.machine;
  const node = fileSystem.stat(process, path, false);
  if (node.kind !== "directory") {
    fileSystem.removeFile(process, path);
    return;
  }
  if (!recursive) throw new FileError("EISDIR", path);
  for (const name of fileSystem.list(process, path)) await remove(process, joinPath(path, name), true);
  await process.step();
  fileSystem.removeDirectory(process, path);
}

export const removeApplets: readonly (readonly [string, Applet])[] = [
  ["rm", rm],
  ["unlink", rm],
];
