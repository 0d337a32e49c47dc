import { FileError } from "../filesystem/file-error";
import type { Caller } from "../filesystem/file-system";
import type { Process } from "../processes/process";
import { compilePattern, hasMagic, matches, type PatternText } from "./pattern";

const MAX_MATCHES = 10_000;

/** A field as a pathname pattern: the sorted paths that match, or itself when none does. */
export function expandPathname(process: Process, field: readonly PatternText[]): string[] {
  const text = field.map((part) => part.text).join("");
  if (!hasMagic(field)) return [text];
  const components = splitAtSlashes(field);
  let found = [""];
  for (const [index, component] of components.entries()) {
    const last = index === components.length - 1;
    const literal = component.map((part) => part.text).join("");
    if (literal === "") {
      if (index === 0) found = ["/"];
      else if (last) found = found.filter((path) => isFolder(process, path)).map((path) => `${path}/`);
      continue;
    }
    found = found.flatMap((path) => step(process, path, component, literal, last));
    if (found.length === 0 || found.length > MAX_MATCHES) return [text];
  }
  return found.sort();
}

function step(
  process: Process,
  path: string,
  component: readonly PatternText[],
  literal: string,
  last: boolean,
): string[] {
  const prefix = path === "" || path.endsWith("/") ? path : `${path}/`;
  if (!hasMagic(component)) return exists(process, prefix + literal) ? [prefix + literal] : [];
  const pattern = compilePattern(component);
  return namesIn(process, prefix || ".")
    .filter((name) => (literal.startsWith(".") || !name.startsWith(".")) && matches(pattern, name))
    .map((name) => prefix + name)
    .filter((candidate) => last || isFolder(process, candidate));
}

function splitAtSlashes(field: readonly PatternText[]): PatternText[][] {
  const components: PatternText[][] = [[]];
  for (const { text, quoted } of field) {
    for (const [index, piece] of text.split("/").entries()) {
      if (index > 0) components.push([]);
      if (piece) components.at(-1)?.push({ text: piece, quoted });
    }
  }
  return components;
}

function namesIn(caller: Process, path: string): string[] {
  return orNothing(() => caller.machine.fileSystem.list(caller, path)) ?? [];
}

function exists(caller: Process, path: string): boolean {
  return orNothing(() => caller.machine.fileSystem.find(caller, path, false)) !== undefined;
}

function isFolder(caller: Caller & Process, path: string): boolean {
  return caller.machine.fileSystem.isDirectory(caller, path);
}

function orNothing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return undefined;
  }
}
