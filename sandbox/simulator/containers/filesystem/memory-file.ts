import type { Attributes, FileNode, FileWriter } from "./nodes";
import type { Quota } from "./quota";

/** A file of a container's own layer. */
export class MemoryFile implements FileNode, FileWriter {
  readonly kind = "file";
  readonly #quota: Quota;
  #attributes: Attributes;
  #bytes: Uint8Array;
  #size: number;
  #program: string | undefined;

  constructor(quota: Quota, attributes: Attributes, content: Uint8Array = new Uint8Array(), program?: string) {
    quota.takeBytes(content.byteLength);
    this.#quota = quota;
    this.#attributes = { mode: attributes.mode, uid: attributes.uid, gid: attributes.gid, mtime: attributes.mtime };
    this.#bytes = content.slice();
    this.#size = content.byteLength;
    this.#program = program;
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
  get program(): string | undefined {
    return this.#program;
  }
  get writer(): FileWriter {
    return this;
  }

  content(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  write(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.byteLength;
    if (end > this.#size) this.#quota.takeBytes(end - this.#size);
    if (end > this.#bytes.byteLength) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.byteLength * 2, 256));
      grown.set(this.content());
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, offset);
    this.#size = Math.max(this.#size, end);
    this.#program = undefined;
  }

  truncate(size: number): void {
    if (size < this.#size) this.#quota.releaseBytes(this.#size - size);
    else if (size > this.#size) this.#quota.takeBytes(size - this.#size);
    const bytes = new Uint8Array(size);
    bytes.set(this.content().subarray(0, size));
    this.#bytes = bytes;
    this.#size = size;
    this.#program = undefined;
  }

  change(attributes: Partial<Attributes>): void {
    this.#attributes = { ...this.#attributes, ...attributes };
  }

  /** Its name is gone: the bytes no longer count. */
  unlinked(): void {
    this.#quota.releaseBytes(this.#size);
  }
}
