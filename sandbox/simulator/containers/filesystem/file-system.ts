import { withoutTrailing } from "../trailing";
import { FileError } from "./file-error";
import type { Attributes, DirectoryNode, FileNode, NewEntry, Node } from "./nodes";
import { type OpenFile, RegularFile } from "./open-file";
import { baseName, dirName, joinPath, resolvePath } from "./path";

/** Who asks: paths start at its folder, permissions are checked for its user. */
export interface Caller {
  readonly pid: number;
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  /** Groups besides that. */
  readonly groups?: readonly number[];
  readonly umask: number;
  descriptor(number: number): OpenFile | undefined;
}

export interface OpenFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly append?: boolean;
  readonly create?: boolean;
  readonly truncate?: boolean;
  readonly exclusive?: boolean;
}

/** A container's tree of files, with the calls programs make. Every failure is a `FileError`. */
export class FileSystem {
  readonly root: DirectoryNode;
  readonly #now: () => number;
  readonly #mounts = new Map<string, boolean>();

  constructor(root: DirectoryNode, now: () => number) {
    this.root = root;
    this.#now = now;
  }

  /** Puts a folder or file over `path`, making the way there. */
  mount(path: string, node: Node, readOnly: boolean): void {
    const target = resolvePath("/", path);
    if (target === "/") throw new FileError("EINVAL", path);
    let folder = this.root;
    for (const part of dirName(target).split("/").filter(Boolean)) {
      let next = folder.lookup(part, 0);
      // A link on the way (/var/run) is followed once more from its folder.
      if (next?.kind === "symlink") next = this.root.lookup(resolvePath("/", next.target).slice(1), 0);
      if (next && next.kind !== "directory") throw new FileError("ENOTDIR", path);
      next ??= folder.create(part, { kind: "directory", mode: 0o755, uid: 0, gid: 0 }, this.#now());
      if (next.kind !== "directory") throw new FileError("ENOTDIR", path);
      folder = next;
    }
    folder.place(baseName(target), node);
    this.#mounts.set(target, readOnly);
  }

  mounts(): { path: string; readOnly: boolean }[] {
    return [...this.#mounts].map(([path, readOnly]) => ({ path, readOnly }));
  }

  /** The node at a path; `undefined` when there is none. Throws for a path through something that is no folder. */
  find(caller: Caller, path: string, followLast = true): Node | undefined {
    return this.#walk(caller, path, followLast).node;
  }

  /** Like `find`, but ENOENT when there is none. */
  stat(caller: Caller, path: string, followLast = true): Node {
    const node = this.find(caller, path, followLast);
    if (!node) throw new FileError("ENOENT", path);
    return node;
  }

  isDirectory(caller: Caller, path: string): boolean {
    try {
      return this.find(caller, path)?.kind === "directory";
    } catch (error) {
      if (error instanceof FileError) return false;
      throw error;
    }
  }

  /** The path without links, as `pwd -P` and `readlink -f` give it. */
  realPath(caller: Caller, path: string): string {
    return this.#walk(caller, path, true).path();
  }

  list(caller: Caller, path: string): string[] {
    const node = this.stat(caller, path);
    if (node.kind !== "directory") throw new FileError("ENOTDIR", path);
    if (!mayAccess(caller, node, 4)) throw new FileError("EACCES", path);
    return node.names(caller.pid).sort();
  }

  readFile(caller: Caller, path: string): Uint8Array {
    return this.contentOf(caller, this.stat(caller, path), path);
  }

  /** What a node holds that was found at `path`. */
  contentOf(caller: Caller, node: Node, path: string): Uint8Array {
    if (node.kind === "directory") throw new FileError("EISDIR", path);
    if (node.kind !== "file") throw new FileError("EINVAL", path);
    if (!mayAccess(caller, node, 4)) throw new FileError("EACCES", path);
    return node.content();
  }

  readText(caller: Caller, path: string): string {
    return new TextDecoder().decode(this.readFile(caller, path));
  }

  /** Replaces a file's content, making it when it is not there. */
  writeFile(caller: Caller, path: string, content: Uint8Array | string, mode = 0o666): void {
    const node = this.#openNode(caller, path, { write: true, create: true, truncate: true }, mode);
    if (node.kind !== "file" || !node.writer) throw new FileError("EINVAL", path);
    node.writer.write(0, typeof content === "string" ? new TextEncoder().encode(content) : content);
    node.writer.change({ mtime: this.#now() });
  }

  open(caller: Caller, path: string, flags: OpenFlags, mode = 0o666): OpenFile {
    const node = this.#openNode(caller, path, flags, mode);
    if (node.kind === "device") return node.open((number) => caller.descriptor(number));
    return new RegularFile(
      node,
      { read: flags.read ?? false, write: flags.write ?? false, append: flags.append ?? false },
      this.#now,
    );
  }

  makeDirectory(caller: Caller, path: string, mode = 0o777): void {
    const place = this.#walk(caller, withoutTrailing(path, "/") || path.slice(0, 1), false);
    if (place.node) throw new FileError("EEXIST", path);
    this.#create(caller, place, path, {
      kind: "directory",
      mode: mode & ~caller.umask,
      uid: caller.uid,
      gid: caller.gid,
    });
  }

  symlink(caller: Caller, target: string, path: string): void {
    const place = this.#walk(caller, path, false);
    if (place.node) throw new FileError("EEXIST", path);
    this.#create(caller, place, path, { kind: "symlink", target, uid: caller.uid, gid: caller.gid });
  }

  link(caller: Caller, from: string, path: string): void {
    const source = this.#walk(caller, from, false);
    if (!source.node) throw new FileError("ENOENT", from);
    if (source.node.kind === "directory") throw new FileError("EPERM", from);
    const place = this.#walk(caller, path, false);
    if (place.node) throw new FileError("EEXIST", path);
    this.#checkWritable(caller, place.parent, path);
    place.parent?.place(place.name, source.parent?.writable(source.name) ?? source.node);
  }

  removeFile(caller: Caller, path: string): void {
    const place = this.#walk(caller, path, false);
    if (!place.node) throw new FileError("ENOENT", path);
    if (place.node.kind === "directory") throw new FileError("EISDIR", path);
    this.#remove(caller, place, path);
  }

  removeDirectory(caller: Caller, path: string): void {
    const place = this.#walk(caller, path, false);
    if (!place.node) throw new FileError("ENOENT", path);
    if (place.node.kind !== "directory") throw new FileError("ENOTDIR", path);
    if (place.node.names(caller.pid).length > 0) throw new FileError("ENOTEMPTY", path);
    this.#remove(caller, place, path);
  }

  rename(caller: Caller, from: string, to: string): void {
    const source = this.#walk(caller, from, false);
    const target = this.#walk(caller, to, false);
    if (!source.node) throw new FileError("ENOENT", from);
    const [sourcePath, targetPath] = [source.path(), target.path()];
    if (this.#mounts.has(sourcePath) || this.#mounts.has(targetPath)) throw new FileError("EBUSY", from);
    if (`${targetPath}/`.startsWith(`${sourcePath}/`)) {
      if (targetPath === sourcePath) return;
      throw new FileError("EINVAL", from);
    }
    if (target.node?.kind === "directory") {
      if (source.node.kind !== "directory") throw new FileError("EISDIR", to);
      if (target.node.names(caller.pid).length > 0) throw new FileError("ENOTEMPTY", to);
    } else if (target.node && source.node.kind === "directory") throw new FileError("ENOTDIR", to);
    this.#checkWritable(caller, source.parent, from);
    this.#checkWritable(caller, target.parent, to);
    const moved = source.parent?.writable(source.name) ?? source.node;
    if (target.node) target.parent?.remove(target.name);
    target.parent?.place(target.name, moved);
    source.parent?.remove(source.name);
  }

  /** chmod, chown, touch. */
  change(caller: Caller, path: string, attributes: Partial<Attributes>): void {
    const place = this.#walk(caller, path, true);
    if (!place.node) throw new FileError("ENOENT", path);
    if (place.node.kind === "directory" ? place.node.readOnly : place.parent?.readOnly)
      throw new FileError("EROFS", path);
    if (caller.uid !== 0 && caller.uid !== place.node.uid) throw new FileError("EPERM", path);
    if (place.node.kind === "directory") place.node.change(attributes);
    else {
      const node = place.parent?.writable(place.name);
      if (node?.kind === "file") node.writer?.change(attributes);
    }
  }

  mayExecute(caller: Caller, node: Node): boolean {
    return (node.mode & 0o111) !== 0 && mayAccess(caller, node, 1);
  }

  mayWrite(caller: Caller, node: Node): boolean {
    return mayAccess(caller, node, 2);
  }

  mayRead(caller: Caller, node: Node): boolean {
    return mayAccess(caller, node, 4);
  }

  #openNode(
    caller: Caller,
    path: string,
    flags: OpenFlags,
    mode: number,
  ): FileNode | Extract<Node, { kind: "device" }> {
    const place = this.#walk(caller, path, true);
    let node = place.node;
    if (node && flags.exclusive) throw new FileError("EEXIST", path);
    if (!node) {
      if (!flags.create || path.endsWith("/"))
        throw new FileError(path.endsWith("/") && flags.create ? "EISDIR" : "ENOENT", path);
      node = this.#create(caller, place, path, {
        kind: "file",
        mode: mode & ~caller.umask,
        uid: caller.uid,
        gid: caller.gid,
      });
    }
    if (node.kind === "directory") {
      throw new FileError("EISDIR", path);
    }
    if (node.kind === "symlink") throw new FileError("ELOOP", path);
    if ((flags.read && !mayAccess(caller, node, 4)) || (flags.write && !mayAccess(caller, node, 2)))
      throw new FileError("EACCES", path);
    if (node.kind === "device" || !flags.write) return node;
    if (place.parent?.readOnly) throw new FileError("EROFS", path);
    const writable = place.parent?.writable(place.name) ?? node;
    if (writable.kind !== "file") throw new FileError("EINVAL", path);
    if (flags.truncate) writable.writer?.truncate(0);
    return writable;
  }

  #create(caller: Caller, place: Place, path: string, entry: NewEntry): Node {
    this.#checkWritable(caller, place.parent, path);
    if (!place.parent) throw new FileError("EEXIST", path);
    return place.parent.create(place.name, entry, this.#now());
  }

  #remove(caller: Caller, place: Place, path: string): void {
    if (this.#mounts.has(place.path()) || !place.parent) throw new FileError("EBUSY", path);
    this.#checkWritable(caller, place.parent, path);
    place.parent.remove(place.name);
    place.parent.change({ mtime: this.#now() });
  }

  #checkWritable(caller: Caller, folder: DirectoryNode | undefined, path: string): void {
    if (folder?.readOnly) throw new FileError("EROFS", path);
    if (folder && !mayAccess(caller, folder, 2)) throw new FileError("EACCES", path);
  }

  /** Follows a path, links included (of the last part only when asked). The last part need not exist. */
  #walk(caller: Caller, path: string, followLast: boolean): Place {
    if (path === "") throw new FileError("ENOENT", path);
    let pending = partsOf(path.startsWith("/") ? path : joinPath(caller.cwd, path));
    let at = 0;
    const trail: { name: string; node: DirectoryNode }[] = [];
    let folder = this.root;
    let links = 0;
    let node: Node | undefined = folder;
    let name = "";
    while (at < pending.length) {
      const part = pending[at++] ?? "";
      if (node?.kind !== "directory") throw new FileError(node ? "ENOTDIR" : "ENOENT", path);
      folder = node;
      if (part === "..") {
        trail.pop();
        node = trail.at(-1)?.node ?? this.root;
        name = trail.at(-1)?.name ?? "";
        folder = trail.at(-2)?.node ?? this.root;
        continue;
      }
      if (!mayAccess(caller, folder, 1)) throw new FileError("EACCES", path);
      name = part;
      node = folder.lookup(part, caller.pid);
      if (node?.kind === "symlink" && (followLast || at < pending.length || path.endsWith("/"))) {
        if (++links > 40) throw new FileError("ELOOP", path);
        if (node.target.startsWith("/")) trail.length = 0;
        pending = [...partsOf(node.target), ...pending.slice(at)];
        at = 0;
        node = node.target.startsWith("/") ? this.root : folder;
        continue;
      }
      if (node?.kind === "directory") trail.push({ name: part, node });
      else if (at === pending.length) return { parent: folder, name: part, node, path: () => pathOf(trail, part) };
    }
    if (node && node.kind !== "directory") return { parent: folder, name, node, path: () => pathOf([], name) };
    const last = trail.pop();
    return {
      parent: last ? (trail.at(-1)?.node ?? this.root) : undefined,
      name: last?.name ?? "",
      node,
      path: () => pathOf(trail, last?.name ?? ""),
    };
  }
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function pathOf(trail: readonly { readonly name: string }[], name: string): string {
  return resolvePath("/", [...trail.map((each) => each.name), name].join("/"));
}

interface Place {
  /** `undefined` for the root. */
  readonly parent: DirectoryNode | undefined;
  readonly name: string;
  readonly node: Node | undefined;
  /** Without links; seldom asked for. */
  path(): string;
}

function mayAccess(caller: Caller, node: Attributes, bit: number): boolean {
  if (caller.uid === 0) return true;
  const shift = caller.uid === node.uid ? 6 : caller.gid === node.gid || caller.groups?.includes(node.gid) ? 3 : 0;
  return ((node.mode >> shift) & bit) !== 0;
}
