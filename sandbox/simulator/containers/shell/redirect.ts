import type { Redirection } from "unbash";
import { FileError } from "../filesystem/file-error";
import { OpenFile } from "../filesystem/open-file";
import { expandHereDocument, expandString } from "./expand";
import type { Expander } from "./expander";
import type { Dialect } from "./state";

/** Descriptors as a command's redirections set them; `undefined` is closed. Each file is held once. */
export type DescriptorChanges = Map<number, OpenFile | undefined>;

/** A redirection that failed: the message is the shell's, without its prefix. */
export class RedirectError extends Error {
  override readonly name = "RedirectError";
}

/** Opens what the redirections name, in order. Releases everything again when one fails. */
export async function openRedirections(
  shell: Expander,
  redirections: readonly Redirection[],
  source: string,
): Promise<DescriptorChanges> {
  const changes: DescriptorChanges = new Map();
  const set = (number: number, file: OpenFile | undefined): void => {
    changes.get(number)?.release();
    changes.set(number, file);
  };
  try {
    for (const redirection of redirections) await openOne(shell, redirection, source, changes, set);
  } catch (error) {
    releaseChanges(changes);
    throw error;
  }
  return changes;
}

export function releaseChanges(changes: DescriptorChanges): void {
  for (const file of changes.values()) file?.release();
}

async function openOne(
  shell: Expander,
  redirection: Redirection,
  source: string,
  changes: DescriptorChanges,
  set: (number: number, file: OpenFile | undefined) => void,
): Promise<void> {
  const input = redirection.operator.startsWith("<");
  const number = redirection.descriptor?.type === "FileDescriptor" ? redirection.descriptor.value : input ? 0 : 1;
  if (redirection.type === "HereDoc") {
    const { body, delimiter } = redirection;
    let text =
      body.parts && !delimiter?.quoted
        ? await expandHereDocument(shell, body.parts, source)
        : delimiter?.quoted
          ? body.text
          : body.text.replace(/\\([$`\\\n])/g, (_, char: string) => (char === "\n" ? "" : char));
    if (redirection.operator === "<<-") text = text.replace(/^\t+/gm, "");
    set(number, new TextFile(text));
    return;
  }
  const target = redirection.target ? await expandString(shell, redirection.target, source) : "";
  if (redirection.type === "HereString") {
    set(number, new TextFile(`${target}\n`));
    return;
  }
  const { operator } = redirection;
  if ((operator === ">&" || operator === "<&") && /^(\d+|-)$/.test(target)) {
    if (target === "-") set(number, undefined);
    else set(number, duplicate(shell, changes, Number(target)).retain());
    return;
  }
  const append = operator === ">>" || operator === "&>>";
  const file = openTarget(shell, target, operator, append);
  set(number, file);
  // `&>` and `>&word` send standard error along.
  if (operator.startsWith("&") || operator === ">&") set(2, file.retain());
}

function duplicate(shell: Expander, changes: DescriptorChanges, number: number): OpenFile {
  const file = changes.has(number) ? changes.get(number) : shell.process.descriptors.get(number);
  if (!file)
    throw new RedirectError(
      shell.state.dialect === "ash"
        ? `dup2(${number},${number}): Bad file descriptor`
        : `${number}: Bad file descriptor`,
    );
  return file;
}

function openTarget(shell: Expander, path: string, operator: string, append: boolean): OpenFile {
  const { fileSystem } = shell.process.machine;
  const reading = operator === "<";
  try {
    if (reading) return fileSystem.open(shell.process, path, { read: true });
    if (operator === "<>") return fileSystem.open(shell.process, path, { read: true, write: true, create: true });
    const exclusive =
      shell.state.options.noclobber && operator === ">" && fileSystem.find(shell.process, path)?.kind === "file";
    return fileSystem.open(shell.process, path, { write: true, create: true, append, truncate: !append, exclusive });
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new RedirectError(openFailure(shell.state.dialect, path, reading, error));
  }
}

function openFailure(dialect: Dialect, path: string, reading: boolean, error: FileError): string {
  if (dialect === "bash")
    return `${path}: ${error.code === "EEXIST" ? "cannot overwrite existing file" : error.message}`;
  const missing = error.code === "ENOENT" || error.code === "ENOTDIR";
  if (dialect === "ash")
    return `can't ${reading ? "open" : "create"} ${path}: ${missing ? (reading ? "no such file" : "nonexistent directory") : error.message}`;
  return `cannot ${reading ? "open" : "create"} ${path}: ${missing ? (reading ? "No such file" : "Directory nonexistent") : error.message}`;
}

/** A here-document: text to be read from the start. */
class TextFile extends OpenFile {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(text: string) {
    super();
    this.#bytes = new TextEncoder().encode(text);
  }

  read(limit: number): Promise<Uint8Array | undefined> {
    const bytes = this.#bytes.subarray(this.#offset, this.#offset + limit);
    this.#offset += bytes.byteLength;
    return Promise.resolve(bytes.byteLength > 0 ? bytes : undefined);
  }

  write(): Promise<void> {
    return Promise.reject(new FileError("EBADF"));
  }

  unread(bytes: Uint8Array): void {
    this.#offset -= bytes.byteLength;
  }
}
