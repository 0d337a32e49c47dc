import { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";

/** A file's text, or `otherwise` where there is none to read. */
export function readOr(process: Process, path: string, otherwise: string): string {
  try {
    return process.machine.fileSystem.readText(process, path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return otherwise;
  }
}

/** `2026/11/21 07:44:31`, the error log's time. */
export function stamp(process: Process): string {
  return new Date(process.clock.now()).toISOString().slice(0, 19).replace(/-/g, "/").replace("T", " ");
}
