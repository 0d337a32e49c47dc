import type { PipeReader, PipeWriter } from "../../pipe";
import type { Terminal } from "../terminal";
import { FileError } from "./file-error";
import type { FileNode } from "./nodes";

/** Someone who waits and can be woken early: a process that gets a signal. `until` rejects when that happens. */
export interface Waiter {
  until<T>(promise: Promise<T>): Promise<T>;
}

/** An open file description. Shared by every descriptor that was duplicated from it; closed when the last goes. */
export abstract class OpenFile {
  #references = 1;

  /** At most `limit` bytes, `undefined` at the end. */
  abstract read(limit: number, waiter: Waiter): Promise<Uint8Array | undefined>;
  abstract write(bytes: Uint8Array, waiter: Waiter): Promise<void>;
  /** Gives bytes back that were read too far. */
  abstract unread(bytes: Uint8Array): void;

  /** The terminal behind it, when it is one. */
  get terminal(): Terminal | undefined {
    return undefined;
  }

  retain(): this {
    this.#references++;
    return this;
  }

  release(): void {
    if (--this.#references === 0) this.closed();
  }

  /** Called once, when nobody holds it any longer. */
  protected closed(): void {}
}

/** The reading end of a pipe. Any number of processes may read from it in turn. */
export class PipeInput extends OpenFile {
  readonly #reader: PipeReader;
  #buffer: Uint8Array | undefined;
  #pending: Promise<void> | undefined;
  #ended = false;

  constructor(reader: PipeReader) {
    super();
    this.#reader = reader;
  }

  async read(limit: number, waiter: Waiter): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#buffer) return this.#take(limit);
      if (this.#ended) return undefined;
      // A reader that is killed leaves the pending read behind; the next one takes what it brings.
      this.#pending ??= this.#fill();
      await waiter.until(this.#pending);
    }
  }

  write(): Promise<void> {
    return Promise.reject(new FileError("EBADF"));
  }

  unread(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#buffer = this.#buffer ? concat(bytes, this.#buffer) : bytes;
  }

  protected override closed(): void {
    this.#reader.cancel();
  }

  #take(limit: number): Uint8Array | undefined {
    const buffer = this.#buffer;
    if (!buffer) return undefined;
    this.#buffer = buffer.byteLength > limit ? buffer.subarray(limit) : undefined;
    return buffer.subarray(0, limit);
  }

  async #fill(): Promise<void> {
    try {
      const chunk = await this.#reader.read();
      if (chunk) this.#buffer = this.#buffer ? concat(this.#buffer, chunk) : chunk;
      else this.#ended = true;
    } catch {
      // The other end broke: for a process that reads, that is the end.
      this.#ended = true;
    } finally {
      this.#pending = undefined;
    }
  }
}

/** The writing end of a pipe. */
export class PipeOutput extends OpenFile {
  readonly #writer: PipeWriter;

  constructor(writer: PipeWriter) {
    super();
    this.#writer = writer;
  }

  read(): Promise<Uint8Array | undefined> {
    return Promise.reject(new FileError("EBADF"));
  }

  async write(bytes: Uint8Array, waiter: Waiter): Promise<void> {
    await waiter.until(this.#writer.write(bytes));
  }

  unread(): void {}

  protected override closed(): void {
    this.#writer.end();
  }
}

/** Bytes that go somewhere else than a pipe: a container's log. */
export class SinkFile extends OpenFile {
  readonly #sink: (bytes: Uint8Array) => Promise<void>;

  constructor(sink: (bytes: Uint8Array) => Promise<void>) {
    super();
    this.#sink = sink;
  }

  read(): Promise<Uint8Array | undefined> {
    return Promise.resolve(undefined);
  }

  async write(bytes: Uint8Array, waiter: Waiter): Promise<void> {
    await waiter.until(this.#sink(bytes));
  }

  unread(): void {}
}

export interface OpenMode {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
}

/** A regular file with its position. */
export class RegularFile extends OpenFile {
  readonly node: FileNode;
  readonly #mode: OpenMode;
  readonly #now: () => number;
  #offset = 0;

  constructor(node: FileNode, mode: OpenMode, now: () => number) {
    super();
    this.node = node;
    this.#mode = mode;
    this.#now = now;
  }

  read(limit: number): Promise<Uint8Array | undefined> {
    if (!this.#mode.read) return Promise.reject(new FileError("EBADF"));
    const content = this.node.content();
    if (this.#offset >= content.byteLength) return Promise.resolve(undefined);
    const bytes = content.slice(this.#offset, this.#offset + limit);
    this.#offset += bytes.byteLength;
    return Promise.resolve(bytes);
  }

  write(bytes: Uint8Array): Promise<void> {
    const writer = this.node.writer;
    if (!this.#mode.write || !writer) return Promise.reject(new FileError("EBADF"));
    try {
      if (this.#mode.append) this.#offset = this.node.content().byteLength;
      writer.write(this.#offset, bytes);
      writer.change({ mtime: this.#now() });
      this.#offset += bytes.byteLength;
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new FileError("EINVAL"));
    }
  }

  unread(bytes: Uint8Array): void {
    this.#offset = Math.max(0, this.#offset - bytes.byteLength);
  }

  /** Where the next byte is read or written, from the start. */
  seek(offset: number): void {
    this.#offset = offset;
  }
}

/** /dev/null, /dev/zero, /dev/full and /dev/random: how reading and writing behave there. */
export class DeviceFile extends OpenFile {
  readonly #source: ((limit: number) => Uint8Array) | undefined;
  readonly #full: boolean;

  constructor(source?: (limit: number) => Uint8Array, full = false) {
    super();
    this.#source = source;
    this.#full = full;
  }

  read(limit: number): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#source?.(Math.min(limit, 65_536)));
  }

  write(): Promise<void> {
    return this.#full ? Promise.reject(new FileError("ENOSPC")) : Promise.resolve();
  }

  unread(): void {}
}

export function concatAll(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((size, { byteLength }) => size + byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

export function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.byteLength + second.byteLength);
  whole.set(first);
  whole.set(second, first.byteLength);
  return whole;
}
