import type { FileError } from "../filesystem/file-error";
import { baseName, joinPath } from "../filesystem/path";
import { type Applet, attempt, complain, readOptions } from "./applet";
import { needOperands } from "./operands";

/** Tools that make links and follow them. */

const ln: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "sfnTvr",
    long: { symbolic: "s", force: "f" },
    usage: "[-sfnbtv] [-S SUF] TARGET... LINK|DIR",
  });
  await needOperands(process, call, options.operands, 1, "[-sfnbtv] [-S SUF] TARGET... LINK|DIR");
  const { fileSystem } = process.machine;
  const operands =
    options.operands.length === 1 ? [...options.operands, baseName(options.operands[0] ?? "")] : options.operands;
  const last = operands.at(-1) ?? "";
  let status = 0;
  for (const target of operands.slice(0, -1)) {
    const name =
      fileSystem.isDirectory(process, last) && !options.flags.has("n") ? joinPath(last, baseName(target)) : last;
    const words = (error: FileError): string =>
      call.flavour === "gnu"
        ? `failed to create ${options.flags.has("s") ? "symbolic" : "hard"} link '${name}': ${error.message}`
        : `${name}: ${error.message}`;
    const done = await attempt(
      process,
      call,
      () => {
        if (options.flags.has("f") && fileSystem.find(process, name, false)) fileSystem.removeFile(process, name);
        if (options.flags.has("s")) fileSystem.symlink(process, target, name);
        else fileSystem.link(process, target, name);
        return true;
      },
      words,
    );
    if (!done) status = 1;
  }
  return status;
};

const readlink: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "fnve",
    long: { canonicalize: "f" },
    usage: "[-fnv] FILE",
  });
  const resolves = options.flags.has("f") || options.flags.has("e") || call.name === "realpath";
  let status = 0;
  for (const path of options.operands) {
    const node = await attempt(
      process,
      call,
      () => ({ node: process.machine.fileSystem.find(process, path, resolves) }),
      (error) => `${path}: ${error.message}`,
    );
    if (
      resolves &&
      node &&
      (node.node || !(options.flags.has("e") || (call.name === "realpath" && call.flavour === "busybox")))
    )
      await process.print(`${process.machine.fileSystem.realPath(process, path)}\n`);
    else if (!resolves && node?.node?.kind === "symlink")
      await process.print(`${node.node.target}${options.flags.has("n") ? "" : "\n"}`);
    else {
      if (resolves) await complain(process, call, `${path}: No such file or directory`);
      status = 1;
    }
  }
  return status;
};

export const linkApplets: readonly (readonly [string, Applet])[] = [
  ["ln", ln],
  ["link", ln],
  ["readlink", readlink],
  ["realpath", readlink],
];
