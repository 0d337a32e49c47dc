import type { OpenFile } from "./open-file";

/** What a path can lead to. Images hold frozen nodes that all containers share; a container's own are mutable. */
export type Node = FileNode | DirectoryNode | SymlinkNode | DeviceNode;

export interface Attributes {
  /** Permission bits only. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Epoch milliseconds. */
  readonly mtime: number;
}

export interface FileNode extends Attributes {
  readonly kind: "file";
  /** Its bytes now; never modified in place by the reader. */
  content(): Uint8Array;
  /** The name of the program it holds, when it stands for a compiled one. */
  readonly program?: string;
  /** Absent on frozen files: copy up first (`DirectoryNode.writable`). */
  readonly writer?: FileWriter;
}

export interface FileWriter {
  write(offset: number, bytes: Uint8Array): void;
  truncate(size: number): void;
  change(attributes: Partial<Attributes>): void;
}

export interface DirectoryNode extends Attributes {
  readonly kind: "directory";
  readonly readOnly: boolean;
  /** `viewer` is the looking process's pid, for /proc/self. */
  lookup(name: string, viewer: number): Node | undefined;
  names(viewer: number): string[];
  /** The entry, copied up when it was frozen. */
  writable(name: string): Node | undefined;
  create(name: string, entry: NewEntry, now: number): Node;
  /** Puts an existing node under a name (link, rename). Throws `FileError` EPERM where that cannot be. */
  place(name: string, node: Node): void;
  remove(name: string): void;
  change(attributes: Partial<Attributes>): void;
}

export type NewEntry =
  | { kind: "file"; mode: number; uid: number; gid: number; content?: Uint8Array; program?: string }
  | { kind: "directory"; mode: number; uid: number; gid: number }
  | { kind: "symlink"; target: string; uid: number; gid: number };

export interface SymlinkNode extends Attributes {
  readonly kind: "symlink";
  readonly target: string;
}

export interface DeviceNode extends Attributes {
  readonly kind: "device";
  /** Major and minor number, as `ls -l` shows them. */
  readonly numbers: readonly [number, number];
  /** `descriptor` gives the opener's own files, for /dev/stdin and its like. */
  open(descriptor: (number: number) => OpenFile | undefined): OpenFile;
}
