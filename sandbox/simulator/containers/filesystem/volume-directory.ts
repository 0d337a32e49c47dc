import type { Volume, VolumeFile } from "../../kubelet/container-runtime";
import { FileError } from "./file-error";
import type { Attributes, DirectoryNode, FileNode, FileWriter, NewEntry, Node } from "./nodes";

/**
 * A volume's files seen as folders. The map's keys are paths inside the volume; a key that ends with a slash keeps an
 * empty folder, and one whose value has the link bits set in its mode is a symbolic link to its content.
 */
export class VolumeDirectory implements DirectoryNode {
  readonly kind = "directory";
  readonly #volume: Volume;
  readonly #prefix: string;
  readonly readOnly: boolean;
  #mode: number;
  #mtime: number;

  /** `prefix` is empty or ends with a slash. */
  constructor(volume: Volume, prefix: string, readOnly: boolean, mtime: number) {
    this.#volume = volume;
    this.#prefix = prefix;
    this.readOnly = readOnly;
    this.#mtime = mtime;
    this.#mode = volume.group === undefined ? 0o777 : 0o2777;
  }

  get uid(): number {
    return this.#volume.files.get(this.#prefix)?.uid ?? 0;
  }
  get gid(): number {
    return this.#volume.files.get(this.#prefix)?.gid ?? this.#volume.group ?? 0;
  }
  get mode(): number {
    return this.#volume.files.get(this.#prefix)?.mode ?? this.#mode;
  }
  get mtime(): number {
    return this.#mtime;
  }

  lookup(name: string): Node | undefined {
    const path = this.#prefix + name;
    const file = this.#volume.files.get(path);
    if (file && (file.mode & LINK_BITS) === LINK_BITS) {
      return {
        kind: "symlink",
        target: new TextDecoder().decode(file.content),
        mode: 0o777,
        uid: file.uid ?? 0,
        gid: file.gid ?? 0,
        mtime: this.#mtime,
      };
    }
    if (file) return new VolumeFileNode(this.#volume, file, this.#mtime);
    const folder = `${path}/`;
    for (const key of this.#volume.files.keys()) {
      if (key.startsWith(folder)) return new VolumeDirectory(this.#volume, folder, this.readOnly, this.#mtime);
    }
    return undefined;
  }

  names(): string[] {
    const names = new Set<string>();
    for (const key of this.#volume.files.keys()) {
      if (!key.startsWith(this.#prefix)) continue;
      const rest = key.slice(this.#prefix.length).split("/", 1)[0];
      if (rest) names.add(rest);
    }
    return [...names];
  }

  writable(name: string): Node | undefined {
    return this.lookup(name);
  }

  create(name: string, entry: NewEntry, now: number): Node {
    const path = this.#prefix + name;
    if (this.#volume.files.size >= MAX_FILES) throw new FileError("ENOSPC");
    // The folder itself must stay when its last file goes.
    if (this.#prefix !== "" && !this.#volume.files.has(this.#prefix)) {
      this.#volume.files.set(this.#prefix, { content: new Uint8Array(), mode: 0o755 });
    }
    const owner = { uid: entry.uid, gid: this.#volume.group ?? entry.gid };
    switch (entry.kind) {
      case "file":
        this.#volume.files.set(path, {
          content: entry.content?.slice() ?? new Uint8Array(),
          mode: entry.mode,
          ...owner,
        });
        break;
      case "directory": {
        const group = this.#volume.group === undefined ? 0 : 0o2000;
        this.#volume.files.set(`${path}/`, { content: new Uint8Array(), mode: entry.mode | group, ...owner });
        break;
      }
      case "symlink":
        this.#volume.files.set(path, {
          content: new TextEncoder().encode(entry.target),
          mode: LINK_BITS | 0o777,
          ...owner,
        });
        break;
    }
    this.#mtime = now;
    const node = this.lookup(name);
    if (!node) throw new FileError("EINVAL");
    return node;
  }

  place(name: string, node: Node): void {
    if (node.kind === "file")
      this.create(
        name,
        { kind: "file", mode: node.mode, uid: node.uid, gid: node.gid, content: node.content() },
        node.mtime,
      );
    else if (node.kind === "symlink")
      this.create(name, { kind: "symlink", target: node.target, uid: node.uid, gid: node.gid }, node.mtime);
    else if (node.kind === "directory") {
      this.create(name, { kind: "directory", mode: node.mode, uid: node.uid, gid: node.gid }, node.mtime);
      const made = this.lookup(name);
      if (made?.kind !== "directory") throw new FileError("EINVAL");
      for (const child of node.names(0)) {
        const entry = node.lookup(child, 0);
        if (entry) made.place(child, entry);
      }
    } else throw new FileError("EPERM");
  }

  remove(name: string): void {
    const path = this.#prefix + name;
    this.#volume.files.delete(path);
    for (const key of [...this.#volume.files.keys()]) if (key.startsWith(`${path}/`)) this.#volume.files.delete(key);
  }

  change(attributes: Partial<Attributes>): void {
    const marker = this.#volume.files.get(this.#prefix);
    if (marker) own(marker, attributes);
    if (attributes.mode !== undefined) this.#mode = attributes.mode;
    if (attributes.mtime !== undefined) this.#mtime = attributes.mtime;
  }
}

class VolumeFileNode implements FileNode, FileWriter {
  readonly kind = "file";
  readonly mtime: number;
  readonly #volume: Volume;
  readonly #file: VolumeFile;

  constructor(volume: Volume, file: VolumeFile, mtime: number) {
    this.#volume = volume;
    this.#file = file;
    this.mtime = mtime;
  }

  get uid(): number {
    return this.#file.uid ?? 0;
  }
  get gid(): number {
    return this.#file.gid ?? 0;
  }
  get mode(): number {
    return this.#file.mode & 0o7777;
  }
  get writer(): FileWriter {
    return this;
  }

  content(): Uint8Array {
    return this.#file.content;
  }

  write(offset: number, bytes: Uint8Array): void {
    const size = Math.max(this.#file.content.byteLength, offset + bytes.byteLength);
    this.#makeRoom(size - this.#file.content.byteLength);
    const content = new Uint8Array(size);
    content.set(this.#file.content);
    content.set(bytes, offset);
    this.#file.content = content;
  }

  truncate(size: number): void {
    this.#makeRoom(size - this.#file.content.byteLength);
    const content = new Uint8Array(size);
    content.set(this.#file.content.subarray(0, size));
    this.#file.content = content;
  }

  change(attributes: Partial<Attributes>): void {
    own(this.#file, attributes);
  }

  #makeRoom(count: number): void {
    if (count <= 0) return;
    let used = 0;
    for (const file of this.#volume.files.values()) used += file.content.byteLength;
    if (used + count > Math.min(this.#volume.sizeLimitBytes ?? MAX_BYTES, MAX_BYTES)) throw new FileError("ENOSPC");
    this.#volume.grown?.();
  }
}

function own(file: VolumeFile, { mode, uid, gid }: Partial<Attributes>): void {
  if (mode !== undefined) file.mode = mode;
  if (uid !== undefined) file.uid = uid;
  if (gid !== undefined) file.gid = gid;
}

const LINK_BITS = 0o120000;
const MAX_FILES = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;
