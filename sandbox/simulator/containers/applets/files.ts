import { FileError } from "../filesystem/file-error";
import type { Node } from "../filesystem/nodes";
import { baseName, dirName, joinPath, resolvePath } from "../filesystem/path";
import type { Process } from "../processes/process";
import { type Applet, attempt, type Call, complain, readOptions, usage } from "./applet";

/** Tools that make, move and remove files. */

async function needOperands(
  process: Process,
  call: Call,
  operands: readonly string[],
  count: number,
  text: string,
): Promise<void> {
  if (operands.length >= count) return;
  if (call.flavour === "gnu")
    await complain(
      process,
      call,
      operands.length === 0
        ? count > 1 || /^(cp|mv|ln|touch)$/.test(call.name)
          ? "missing file operand"
          : "missing operand"
        : `missing destination file operand after '${operands[0] ?? ""}'`,
    );
  await usage(process, call, text);
}

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

const touch: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "acmd:t:r:",
    long: { "date:": "d", "no-create": "c" },
    usage: "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...",
  });
  await needOperands(process, call, options.operands, 1, "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...");
  let status = 0;
  const { fileSystem, clock } = process.machine;
  for (const path of options.operands) {
    const words = (error: FileError): string =>
      call.flavour === "gnu" ? `cannot touch '${path}': ${error.message}` : `${path}: ${error.message}`;
    const done = await attempt(
      process,
      call,
      () => {
        if (fileSystem.find(process, path)) fileSystem.change(process, path, { mtime: clock.now() });
        else if (!options.flags.has("c")) fileSystem.open(process, path, { write: true, create: true }).release();
        return true;
      },
      words,
    );
    if (!done) status = 1;
  }
  return status;
};

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

const chmod: Applet = async (process, call) => {
  const [first = "", ...rest] = call.args.filter((word) => !/^-(R|v|f|-recursive)$/.test(word));
  const recursive = call.args.some((word) => word === "-R" || word === "--recursive");
  await needOperands(process, call, rest.length === 0 ? [] : [first], 1, "[-Rcvf] MODE[,MODE]... FILE...");
  const { fileSystem } = process.machine;
  if (!/^[0-7]{1,4}$|^[ugoa]*[-+=][rwxXst]*(,[ugoa]*[-+=][rwxXst]*)*$/.test(first)) {
    await complain(process, call, call.flavour === "gnu" ? `invalid mode: '${first}'` : `invalid mode '${first}'`);
    return 1;
  }
  let status = 0;
  const apply = (path: string): void => {
    const node = fileSystem.stat(process, path);
    fileSystem.change(process, path, { mode: newMode(first, node, process.umask) });
    if (recursive && node.kind === "directory")
      for (const name of fileSystem.list(process, path)) apply(joinPath(path, name));
  };
  for (const path of rest) {
    const words = (error: FileError): string =>
      call.flavour === "gnu"
        ? error.code === "ENOENT"
          ? `cannot access '${path}': ${error.message}`
          : `changing permissions of '${path}': ${error.message}`
        : `${path}: ${error.message}`;
    if (!(await attempt(process, call, () => (apply(path), true), words))) status = 1;
  }
  return status;
};

function newMode(text: string, node: Node, umask: number): number {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  let mode = node.mode;
  for (const clause of text.split(",")) {
    const [, who = "", operator = "+", letters = ""] = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause) ?? [];
    const shifts = Array.from(who === "" || who.includes("a") ? "ugo" : who).map(
      (each) => ({ u: 6, g: 3, o: 0 })[each] ?? 0,
    );
    let bits = 0;
    for (const letter of letters) {
      const bit =
        letter === "X"
          ? node.kind === "directory" || (node.mode & 0o111) !== 0
            ? 1
            : 0
          : ({ r: 4, w: 2, x: 1 }[letter] ?? 0);
      for (const shift of shifts) bits |= bit << shift;
      if (letter === "t") bits |= 0o1000;
      if (letter === "s") bits |= (who === "" || /[ua]/.test(who) ? 0o4000 : 0) | (/[g]/.test(who) ? 0o2000 : 0);
    }
    if (who === "") bits &= ~umask;
    if (operator === "+") mode |= bits;
    else if (operator === "-") mode &= ~bits;
    else mode = (mode & ~shifts.reduce((mask, shift) => mask | (7 << shift), 0)) | bits;
  }
  return mode;
}

const chown: Applet = async (process, call) => {
  const operands = call.args.filter((word) => !/^-/.test(word));
  const [owner = "", ...paths] = operands;
  await needOperands(process, call, paths.length === 0 ? [] : operands, 1, "[-RhLHPcvf] USER[:[GRP]] FILE...");
  const { fileSystem } = process.machine;
  const [userText = "", groupText] = call.name === "chgrp" ? ["", owner] : owner.split(/[:.]/);
  const idOf = (file: string, name: string): number | undefined => {
    if (name === "") return undefined;
    if (/^\d+$/.test(name)) return Number(name);
    const line =
      fileSystem.find(process, file)?.kind === "file"
        ? fileSystem
            .readText(process, file)
            .split("\n")
            .find((each) => each.startsWith(`${name}:`))
        : undefined;
    return line === undefined ? Number.NaN : Number(line.split(":")[2]);
  };
  const uid = idOf("/etc/passwd", userText);
  const gid = groupText === undefined ? undefined : idOf("/etc/group", groupText);
  if (Number.isNaN(uid) || Number.isNaN(gid)) {
    await complain(process, call, call.flavour === "gnu" ? `invalid user: '${owner}'` : `unknown user ${owner}`);
    return 1;
  }
  let status = 0;
  for (const path of paths) {
    const words = (error: FileError): string =>
      call.flavour === "gnu" ? `cannot access '${path}': ${error.message}` : `${path}: ${error.message}`;
    if (
      !(await attempt(
        process,
        call,
        () => (
          fileSystem.change(process, path, { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) }),
          true
        ),
        words,
      ))
    )
      status = 1;
  }
  return status;
};

const mktemp: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "dqup:t", usage: "[-dt] [-p DIR] [TEMPLATE]" });
  const template = options.operands[0] ?? "tmp.XXXXXXXXXX";
  const folder =
    options.values.get("p") ??
    (options.operands.length === 0 || options.flags.has("t") ? (process.env.get("TMPDIR") ?? "/tmp") : undefined);
  const name = template.replace(/X{3,}$/, (marks) =>
    Array.from(marks)
      .map(() => LETTERS[process.machine.random.below(LETTERS.length)])
      .join(""),
  );
  const path = folder === undefined ? name : joinPath(folder, name);
  const { fileSystem } = process.machine;
  const done = await attempt(
    process,
    call,
    () => (
      options.flags.has("d")
        ? fileSystem.makeDirectory(process, path, 0o700)
        : fileSystem.open(process, path, { write: true, create: true, exclusive: true }, 0o600).release(),
      true
    ),
    (error) => `${path}: ${error.message}`,
  );
  if (!done) return 1;
  await process.print(`${path}\n`);
  return 0;
};

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

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

const basename: Applet = async (process, call) => {
  const [path, suffix] = call.args[0] === "--" ? call.args.slice(1) : call.args;
  if (path === undefined)
    return (
      call.flavour === "gnu" ? await complain(process, call, "missing operand") : undefined,
      usage(process, call, "FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...")
    );
  const name = baseName(path);
  await process.print(`${suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`);
  return 0;
};

const dirname: Applet = async (process, call) => {
  if (call.args.length === 0)
    return (
      call.flavour === "gnu" ? await complain(process, call, "missing operand") : undefined,
      usage(process, call, "FILENAME")
    );
  for (const path of call.args) await process.print(`${dirName(path)}\n`);
  return 0;
};

const truncate: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "cs:",
    long: { "size:": "s" },
    usage: "[-c] -s SIZE FILE...",
  });
  const [, digits = "0", unit = ""] = /^(\d+)([kKmMgG]?)/.exec(options.values.get("s") ?? "0") ?? [];
  const size = Number(digits) * 1024 ** (unit === "" ? 0 : "kmg".indexOf(unit.toLowerCase()) + 1);
  if (size > 64 * 1024 * 1024) return (await complain(process, call, "File too large"), 1);
  const { fileSystem } = process.machine;
  for (const path of options.operands) {
    const old = fileSystem.find(process, path)?.kind === "file" ? fileSystem.readFile(process, path) : new Uint8Array();
    const content = new Uint8Array(size);
    content.set(old.subarray(0, size));
    fileSystem.writeFile(process, path, content);
  }
  return 0;
};

const sync: Applet = () => Promise.resolve(0);

export const fileApplets: readonly (readonly [string, Applet])[] = [
  ["mkdir", mkdir],
  ["rmdir", rmdir],
  ["rm", rm],
  ["unlink", rm],
  ["touch", touch],
  ["cp", cp],
  ["mv", mv],
  ["ln", ln],
  ["link", ln],
  ["chmod", chmod],
  ["chown", chown],
  ["chgrp", chown],
  ["mktemp", mktemp],
  ["readlink", readlink],
  ["realpath", readlink],
  ["basename", basename],
  ["dirname", dirname],
  ["truncate", truncate],
  ["sync", sync],
];
