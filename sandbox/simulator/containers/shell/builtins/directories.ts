import { FileError } from "../../filesystem/file-error";
import { resolvePath } from "../../filesystem/path";
import type { Builtin } from "./builtin";

export const changeDirectory: Builtin = async (shell, args, name) => {
  const words = args.filter((word) => word !== "-L" && word !== "-P" && word !== "--");
  const old = shell.process.cwd;
  const target = words[0] === "-" ? shell.get("OLDPWD") : (words[0] ?? shell.get("HOME") ?? "/");
  if (target === undefined) {
    await shell.complain("OLDPWD not set", name);
    return 1;
  }
  const { fileSystem } = shell.process.machine;
  const path = resolvePath(old, target);
  try {
    const node = fileSystem.stat(shell.process, path);
    if (node.kind !== "directory") throw new FileError("ENOTDIR", path);
    fileSystem.find(shell.process, `${path}/.`);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const { dialect } = shell.state;
    await shell.complain(
      dialect === "bash"
        ? `${target}: ${error.message}`
        : `can't cd to ${target}${dialect === "ash" ? `: ${error.message}` : ""}`,
      name,
    );
    return dialect === "bash" ? 1 : 2;
  }
  shell.process.cwd = path;
  await shell.set("OLDPWD", old);
  await shell.set("PWD", path);
  if (words[0] === "-") await shell.process.print(`${path}\n`);
  return 0;
};

export const workingDirectory: Builtin = async (shell, args) => {
  await shell.process.print(
    `${args.includes("-P") ? shell.process.machine.fileSystem.realPath(shell.process, shell.process.cwd) : shell.process.cwd}\n`,
  );
  return 0;
};
