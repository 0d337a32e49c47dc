import { FileError } from "../filesystem/file-error";
import type { FileNode } from "../filesystem/nodes";
import { joinPath, resolvePath } from "../filesystem/path";
import type { Process } from "../processes/process";

export type StaticResult =
  | { kind: "file"; path: string; node: FileNode; content: Uint8Array }
  | { kind: "redirect"; location: string }
  | { kind: "forbidden"; path: string }
  | { kind: "missing"; path: string };

/** The file under `root` that a request's target names; folders by their index. */
export function findStatic(process: Process, root: string, target: string, indexes: readonly string[]): StaticResult {
  const pathname = decode(target.split(/[?#]/, 1)[0] ?? "/");
  const path =
    joinPath(root, resolvePath("/", pathname).slice(1)).replace(/\/$/, "") + (pathname.endsWith("/") ? "/" : "");
  const { fileSystem } = process.machine;
  try {
    const node = fileSystem.stat(process, path.replace(/(.)\/$/, "$1"));
    if (node.kind === "file") {
      if (pathname.endsWith("/")) return { kind: "missing", path };
      return { kind: "file", path, node, content: fileSystem.contentOf(process, node, path) };
    }
    if (node.kind !== "directory") return { kind: "forbidden", path };
    if (!pathname.endsWith("/")) return { kind: "redirect", location: `${pathname}/` };
    for (const index of indexes) {
      const file = joinPath(path, index);
      const found = fileSystem.find(process, file);
      if (found?.kind === "file")
        return { kind: "file", path: file, node: found, content: fileSystem.contentOf(process, found, file) };
    }
    return { kind: "forbidden", path };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return error.code === "EACCES" ? { kind: "forbidden", path } : { kind: "missing", path };
  }
}

export function mediaType(path: string): string {
  return TYPES[/\.([^./]+)$/.exec(path)?.[1] ?? ""] ?? "application/octet-stream";
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  htm: "text/html",
  css: "text/css",
  js: "application/javascript",
  json: "application/json",
  txt: "text/plain",
  xml: "text/xml",
  svg: "image/svg+xml",
  png: "image/png",
  jpg: "image/jpeg",
  gif: "image/gif",
  ico: "image/x-icon",
};

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A stray percent sign: taken as it is.
    return path;
  }
}
