import type { Attributes, DeviceNode } from "./nodes";

/** A frozen tree of files: an image's content, shared by every container that runs it. */
export type ImageNode = ImageFile | ImageDirectory | ImageSymlink | DeviceNode;

export interface ImageFile extends Attributes {
  readonly kind: "file";
  content(): Uint8Array;
  readonly program?: string;
}

export interface ImageDirectory extends Attributes {
  readonly kind: "directory";
  readonly entries: ReadonlyMap<string, ImageNode>;
}

export interface ImageSymlink extends Attributes {
  readonly kind: "symlink";
  readonly target: string;
}

/** One path of an image, as data. Folders on the way are made with mode 0755. */
export type ImageEntry =
  | { readonly path: string; readonly text: string; readonly mode?: number; readonly uid?: number }
  | { readonly path: string; readonly program: string; readonly mode?: number }
  | { readonly path: string; readonly link: string }
  | { readonly path: string; readonly folder: true; readonly mode?: number; readonly uid?: number };

/** Builds a tree from entries; a later entry of the same path wins. `time` stamps them all. */
export function buildImageTree(entries: readonly ImageEntry[], time: number): ImageDirectory {
  const root = newDirectory(0o755, 0, time);
  for (const entry of entries) {
    const parts = entry.path.split("/").filter((part) => part !== "");
    const name = parts.pop();
    if (name === undefined) continue;
    let folder = root;
    for (const part of parts) {
      const next = folder.entries.get(part);
      if (next?.kind === "directory" && "growing" in next) folder = next;
      else {
        const made = newDirectory(0o755, 0, time);
        folder.entries.set(part, made);
        folder = made;
      }
    }
    const existing = folder.entries.get(name);
    if ("folder" in entry && existing?.kind === "directory") continue;
    folder.entries.set(name, toNode(entry, time));
  }
  return root;
}

interface GrowingDirectory extends Attributes {
  readonly kind: "directory";
  readonly growing: true;
  readonly entries: Map<string, ImageFile | ImageSymlink | GrowingDirectory>;
}

function newDirectory(mode: number, uid: number, mtime: number): GrowingDirectory {
  return { kind: "directory", growing: true, entries: new Map(), mode, uid, gid: uid, mtime };
}

function toNode(entry: ImageEntry, mtime: number): ImageFile | ImageSymlink | GrowingDirectory {
  if ("link" in entry) return { kind: "symlink", target: entry.link, mode: 0o777, uid: 0, gid: 0, mtime };
  if ("folder" in entry) return newDirectory(entry.mode ?? 0o755, entry.uid ?? 0, mtime);
  if ("program" in entry) {
    return {
      kind: "file",
      program: entry.program,
      content: () => PROGRAM_BYTES,
      mode: entry.mode ?? 0o755,
      uid: 0,
      gid: 0,
      mtime,
    };
  }
  const bytes = new TextEncoder().encode(entry.text);
  return {
    kind: "file",
    content: () => bytes,
    mode: entry.mode ?? 0o644,
    uid: entry.uid ?? 0,
    gid: entry.uid ?? 0,
    mtime,
  };
}

// What reading a program's file gives: the start of an ELF header.
const PROGRAM_BYTES = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0x3e, 0]);
