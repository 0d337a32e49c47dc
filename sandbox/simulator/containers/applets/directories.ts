import type { FileError } from "../filesystem/file-error";
import { joinPath } from "../filesystem/path";
import type { Process } from "../processes/process";
import { type Applet, attempt, readOptions } from "./applet";
import { needOperands } from "./operands";

/** Tools that make and remove directories. */

const mkdir: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "pm:v",
    long: { parents: "p", "mode:": "m" },
    usage: "[-m MODE] [-p] DIRECTORY...",
  });
  await needOperands(process, call, options.operands, 1, "[-m MODE] [-p] DIRECTORY...");
  let status = 0;
  for (const path of options.operands) {
    const mode = options.values.has("m") ? Number.parseInt(options.values.get("m") ?? "777", 8) : 0o777;
    const words = (error: FileError): string =>
      call.flavour === "gnu"
        ? `cannot create directory '${path}': ${error.message}`
        : `can't create directory '${path}': ${error.message}`;
    const done = await attempt(
      process,
      call,
      () => (
        options.flags.has("p")
          ? makeParents(process, path, mode)
          : process.machine.fileSystem.makeDirectory(process, path, mode),
        true
      ),
      words,
    );
    if (!done) status = 1;
  }
  return status;
};

export function makeParents(process: Process, path: string, mode = 0o777): void {
  const { fileSystem } = process.machine;
  let made = path.startsWith("/") ? "" : process.cwd.replace(/\/$/, "");
  for (const part of path.split("/").filter((each) => each !== "")) {
    made = joinPath(made || "/", part);
    if (!fileSystem.isDirectory(process, made)) fileSystem.makeDirectory(process, made, mode);
  }
}

const rmdir: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "p", usage: "[-p] DIRECTORY..." });
  await needOperands(process, call, options.operands, 1, "[-p] DIRECTORY...");
  let status = 0;
  for (const path of options.operands) {
    const words = (error: FileError): string =>
      call.flavour === "gnu" ? `failed to remove '${path}': ${error.message}` : `'${path}': ${error.message}`;
    if (!(await attempt(process, call, () => (process.machine.fileSystem.removeDirectory(process, path), true), words)))
      status = 1;
  }
  return status;
};

export const directoryApplets: readonly (readonly [string, Applet])[] = [
  ["mkdir", mkdir],
  ["rmdir", rmdir],
];
