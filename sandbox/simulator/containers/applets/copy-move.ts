import { FileError } from "../filesystem/file-error";
import type { Node } from "../filesystem/nodes";
import { baseName, joinPath, resolvePath } from "../filesystem/path";
import type { Process } from "../processes/process";
import { type Applet, type Call, complain, readOptions } from "./applet";
import { needOperands } from "./operands";

/** Tools that put files in another place. */

const cp: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "arRfpidLPvnT",
    long: { recursive: "r", archive: "a", force: "f", preserve: "p" },
    usage: "[-arPLHpfinlsTu] SOURCE DEST\n   or: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }",
  });
  await needOperands(process, call, options.operands, 2, "[-arPLHpfinlsTu] SOURCE DEST");
  const recursive = options.flags.has("r") || options.flags.has("R") || options.flags.has("a");
  return intoTarget(process, call, options.operands, async (from, to) => {
    await copy(process, call, from, to, recursive, options.flags.has("a") || options.flags.has("p"));
  });
};

class Complaint extends Error {
  override readonly name = "Complaint";
}

async function copy(
  process: Process,
  call: Call,
  from: string,
  to: string,
  recursive: boolean,
  preserve: boolean,
): Promise<void> {
  const { fileSystem } = process.machine;
  const node = fileSystem.find(process, from, !preserve && !recursive ? true : !recursive);
  if (!node)
    throw new Complaint(
      call.flavour === "gnu"
        ? `cannot stat '${from}': No such file or directory`
        : `can't stat '${from}': No such file or directory`,
    );
  if (node.kind === "directory") {
    if (!recursive)
      throw new Complaint(
        call.flavour === "gnu" ? `-r not specified; omitting directory '${from}'` : `omitting directory '${from}'`,
      );
    const [source, target] = [fileSystem.realPath(process, from), resolvePath(process.cwd, to)];
    if (`${target}/`.startsWith(`${source}/`))
      throw new Complaint(
        call.flavour === "gnu"
          ? `cannot copy a directory, '${from}', into itself, '${to}'`
          : `recursion detected, omitting directory '${from}'`,
      );
    if (!fileSystem.isDirectory(process, to)) fileSystem.makeDirectory(process, to, node.mode);
    for (const name of fileSystem.list(process, from))
      await copy(process, call, joinPath(from, name), joinPath(to, name), recursive, preserve);
    return;
  }
  await process.step();
  if (node.kind === "symlink") {
    if (fileSystem.find(process, to, false)) fileSystem.removeFile(process, to);
    fileSystem.symlink(process, node.target, to);
  } else if (node.kind === "file") copyFile(process, node, from, to, preserve);
  else throw new Complaint(`cannot copy '${from}'`);
}

function copyFile(
  process: Process,
  node: Extract<Node, { kind: "file" }>,
  from: string,
  to: string,
  preserve: boolean,
): void {
  const { fileSystem } = process.machine;
  const content = fileSystem.readFile(process, from).slice();
  if (node.program !== undefined && !fileSystem.find(process, to)) {
    // A program stays one: its copy is a link to the same thing.
    fileSystem.link(process, fileSystem.realPath(process, from), to);
    return;
  }
  fileSystem.writeFile(process, to, content, node.mode);
  if (preserve) fileSystem.change(process, to, { mode: node.mode, mtime: node.mtime });
}

const mv: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "finvT",
    long: { force: "f" },
    usage: "[-finT] SOURCE DEST\n   or: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }",
  });
  await needOperands(process, call, options.operands, 2, "[-finT] SOURCE DEST");
  return intoTarget(process, call, options.operands, (from, to) => {
    const { fileSystem } = process.machine;
    if (!fileSystem.find(process, from, false))
      throw new Complaint(
        call.flavour === "gnu"
          ? `cannot stat '${from}': No such file or directory`
          : `can't rename '${from}': No such file or directory`,
      );
    try {
      fileSystem.rename(process, from, to);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      throw new Complaint(
        call.flavour === "gnu"
          ? `cannot move '${from}' to '${to}': ${error.message}`
          : `can't rename '${from}': ${error.message}`,
      );
    }
    return Promise.resolve();
  });
};

/** Calls `place` for each source with where it goes: into the last operand when that is a folder. */
async function intoTarget(
  process: Process,
  call: Call,
  operands: readonly string[],
  place: (from: string, to: string) => Promise<void>,
): Promise<number> {
  const target = operands.at(-1) ?? "";
  const folder = process.machine.fileSystem.isDirectory(process, target);
  if (operands.length > 2 && !folder) {
    await complain(
      process,
      call,
      call.flavour === "gnu"
        ? `target '${target}' is not a directory`
        : `can't stat '${target}': No such file or directory`,
    );
    return 1;
  }
  let status = 0;
  for (const from of operands.slice(0, -1)) {
    const to = folder ? joinPath(target, baseName(from)) : target;
    try {
      await place(from, to);
    } catch (error) {
      if (!(error instanceof FileError) && !(error instanceof Complaint)) throw error;
      await complain(
        process,
        call,
        error instanceof Complaint
          ? error.message
          : call.flavour === "gnu"
            ? `cannot create regular file '${to}': ${error.message}`
            : `can't create '${to}': ${error.message}`,
      );
      status = 1;
    }
  }
  return status;
}

export const copyApplets: readonly (readonly [string, Applet])[] = [
  ["cp", cp],
  ["mv", mv],
];
