import type { FileError } from "../filesystem/file-error";
import type { Node } from "../filesystem/nodes";
import { joinPath } from "../filesystem/path";
import { type Applet, attempt, complain } from "./applet";
import { needOperands } from "./operands";

/** Tools that say who may use a file, and whose it is. */

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

export const permissionApplets: readonly (readonly [string, Applet])[] = [
  ["chmod", chmod],
  ["chown", chown],
  ["chgrp", chown],
];
