import { FileError } from "./file-error";
import type { ImageDirectory, ImageNode } from "./image-tree";
import { MemoryFile } from "./memory-file";
import type { Attributes, DirectoryNode, NewEntry, Node, SymlinkNode } from "./nodes";
import type { Quota } from "./quota";

/** What the directories of one writable layer share. */
export interface Layer {
  readonly quota: Quota;
  readonly readOnly: boolean;
}

/**
 * A folder of a container: what the image has (frozen, shared) under what the container changed. An entry of the image
 * costs nothing until it is written.
 */
export class LayerDirectory implements DirectoryNode {
  readonly kind = "directory";
  readonly #layer: Layer;
  readonly #lower: ImageDirectory | undefined;
  /** `undefined` hides an entry of the image. */
  #upper: Map<string, Node | undefined> | undefined;
  #attributes: Attributes;

  constructor(layer: Layer, lower: ImageDirectory | undefined, attributes: Attributes) {
    this.#layer = layer;
    this.#lower = lower;
    this.#attributes = attributes;
  }

  get mode(): number {
    return this.#attributes.mode;
  }
  get uid(): number {
    return this.#attributes.uid;
  }
  get gid(): number {
    return this.#attributes.gid;
  }
  get mtime(): number {
    return this.#attributes.mtime;
  }
  get readOnly(): boolean {
    return this.#layer.readOnly;
  }

  lookup(name: string): Node | undefined {
    if (this.#upper?.has(name)) return this.#upper.get(name);
    const lower = this.#lower?.entries.get(name);
    if (!lower) return undefined;
    if (lower.kind !== "directory") return lower;
    const directory = new LayerDirectory(this.#layer, lower, lower);
    this.#set(name, directory);
    return directory;
  }

  names(): string[] {
    const names = new Set(this.#lower?.entries.keys() ?? []);
    for (const [name, node] of this.#upper ?? []) {
      if (node) names.add(name);
      else names.delete(name);
    }
    return [...names];
  }

  writable(name: string): Node | undefined {
    const node = this.lookup(name);
    if (!node || node.kind === "directory" || this.#upper?.has(name)) return node;
    const copy = this.#copyUp(node);
    this.#set(name, copy);
    return copy;
  }

  create(name: string, entry: NewEntry, now: number): Node {
    const attributes = { uid: entry.uid, gid: entry.gid, mtime: now };
    this.#layer.quota.takeFile();
    const node = this.#make(entry, attributes);
    this.#set(name, node);
    this.#attributes = { ...this.#attributes, mtime: now };
    return node;
  }

  place(name: string, node: Node): void {
    this.#set(name, node);
  }

  remove(name: string): void {
    const node = this.#upper?.get(name);
    if (node) this.#layer.quota.releaseFile();
    if (node instanceof MemoryFile) node.unlinked();
    if (this.#lower?.entries.has(name)) this.#set(name, undefined);
    else this.#upper?.delete(name);
  }

  change(attributes: Partial<Attributes>): void {
    this.#attributes = { mode: this.mode, uid: this.uid, gid: this.gid, mtime: this.mtime, ...attributes };
  }

  #make(entry: NewEntry, attributes: Omit<Attributes, "mode">): Node {
    switch (entry.kind) {
      case "file":
        return new MemoryFile(this.#layer.quota, { ...attributes, mode: entry.mode }, entry.content, entry.program);
      case "directory":
        return new LayerDirectory(this.#layer, undefined, { ...attributes, mode: entry.mode });
      case "symlink":
        return { kind: "symlink", target: entry.target, mode: 0o777, ...attributes } satisfies SymlinkNode;
    }
  }

  #copyUp(node: Exclude<Node | ImageNode, { kind: "directory" }>): Node {
    if (node.kind !== "file") return node;
    this.#layer.quota.takeFile();
    return new MemoryFile(this.#layer.quota, node, node.content(), node.program);
  }

  #set(name: string, node: Node | undefined): void {
    if (name === "" || name.length > 255) throw new FileError("EINVAL");
    this.#upper ??= new Map();
    this.#upper.set(name, node);
  }
}
