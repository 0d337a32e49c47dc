import { FileError } from "../filesystem/file-error";
import type { Caller, FileSystem } from "../filesystem/file-system";
import type { FileNode } from "../filesystem/nodes";
import type { Program, Programs } from "./program";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface Executable {
  readonly path: string;
  readonly program: Program;
  /** What to run it with: the given words, or a script's interpreter and its path before them. */
  readonly argv: readonly string[];
}

/** Where a command is: its own path when it has a slash, else the first executable file in PATH. */
export function findInPath(
  fileSystem: FileSystem,
  caller: Caller,
  name: string,
  path = DEFAULT_PATH,
): string | undefined {
  if (name.includes("/")) return name;
  for (const folder of path.split(":")) {
    const candidate = `${folder || "."}/${name}`;
    try {
      const node = fileSystem.find(caller, candidate);
      if (node?.kind === "file" && fileSystem.mayExecute(caller, node)) return candidate;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
    }
  }
  return undefined;
}

/** Makes a file ready to run. Throws `FileError`: ENOENT, EACCES, ENOEXEC (neither a program nor a `#!` script). */
export function loadExecutable(
  context: { fileSystem: FileSystem; programs: Programs },
  caller: Caller,
  path: string,
  argv: readonly string[],
  depth = 0,
): Executable {
  const node = context.fileSystem.stat(caller, path);
  if (node.kind !== "file" || !context.fileSystem.mayExecute(caller, node)) throw new FileError("EACCES", path);
  const program = node.program === undefined ? undefined : context.programs.get(node.program);
  if (program) return { path, program, argv };
  const interpreter = interpreterOf(node);
  if (!interpreter || depth > 4) throw new FileError("ENOEXEC", path);
  return loadExecutable(context, caller, interpreter[0], [...interpreter, path, ...argv.slice(1)], depth + 1);
}

function interpreterOf(node: FileNode): [string, ...string[]] | undefined {
  const content = node.content();
  if (content[0] !== 0x23 || content[1] !== 0x21) return undefined;
  const line = new TextDecoder().decode(content.subarray(2, 258)).split("\n", 1)[0] ?? "";
  const [, program, argument] = /^\s*(\S+)(?:\s+(.*\S))?\s*$/.exec(line) ?? [];
  return program ? (argument ? [program, argument] : [program]) : undefined;
}
