import { FileError } from "./file-error";

/** What one container may keep in its writable layer. */
export class Quota {
  #bytes = 0;
  #files = 0;

  /** `grown` is told of each byte more. */
  constructor(
    readonly limits: { readonly bytes: number; readonly files: number } = { bytes: 64 * 1024 * 1024, files: 20_000 },
    readonly grown?: () => void,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws `FileError` ENOSPC when there is no room. */
  takeBytes(count: number): void {
    if (this.#bytes + count > this.limits.bytes) throw new FileError("ENOSPC");
    this.#bytes += count;
    if (count > 0) this.grown?.();
  }

  releaseBytes(count: number): void {
    this.#bytes = Math.max(0, this.#bytes - count);
  }

  takeFile(): void {
    if (this.#files >= this.limits.files) throw new FileError("ENOSPC");
    this.#files++;
  }

  releaseFile(): void {
    this.#files = Math.max(0, this.#files - 1);
  }
}
