import { FileError } from "../filesystem/file-error";
import { builtins } from "./builtins/table";
import type { Shell } from "./shell";

/** What the word before the cursor could become: whole words (a folder ends with a slash), sorted. */
export function completions(shell: Shell, before: string): { stem: string; candidates: string[] } {
  const stem = /(?:[^\s;&|<>()`'"]|\\.)*$/.exec(before)?.[0] ?? "";
  const lead = before.slice(0, before.length - stem.length).trimEnd();
  const isCommand =
    (lead === "" || /[;&|(`]$/.test(lead) || /(?:^|[\s;])(?:then|do|else|exec|time|!)$/.test(lead)) &&
    !stem.includes("/");
  const candidates = isCommand ? commands(shell, stem) : files(shell, stem);
  return { stem, candidates: [...new Set(candidates)].sort() };
}

function commands(shell: Shell, stem: string): string[] {
  const names = [...builtins.keys(), ...shell.state.functions.keys(), ...shell.state.aliases.keys()];
  for (const folder of (shell.get("PATH") ?? "").split(":")) names.push(...list(shell, folder || "."));
  return names.filter((name) => stem !== "" && name.startsWith(stem));
}

function files(shell: Shell, stem: string): string[] {
  const slash = stem.lastIndexOf("/") + 1;
  const folder = stem.slice(0, slash);
  const base = stem.slice(slash);
  const path = folder.replace(/^~(?=\/)/, shell.get("HOME") ?? "~") || ".";
  return list(shell, path)
    .filter((name) => name.startsWith(base) && (base.startsWith(".") || !name.startsWith(".")))
    .map(
      (name) =>
        folder + name + (shell.process.machine.fileSystem.isDirectory(shell.process, `${path}/${name}`) ? "/" : ""),
    );
}

function list(shell: Shell, path: string): string[] {
  try {
    return shell.process.machine.fileSystem.list(shell.process, path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return [];
  }
}
