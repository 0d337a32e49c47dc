import { FileError } from "../../filesystem/file-error";
import type { Value } from "./values";

/** Elements by key, which take from the room that all arrays of a program have. */
export class AwkArray {
  readonly #elements = new Map<string, Value>();
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  get size(): number {
    return this.#elements.size;
  }

  get(key: string): Value {
    return this.#elements.get(key);
  }

  has(key: string): boolean {
    return this.#elements.has(key);
  }

  keys(): Iterable<string> {
    return this.#elements.keys();
  }

  /** Throws `FileError` ENOMEM when there is no room. */
  set(key: string, value: Value): void {
    this.#room.take((this.has(key) ? -sizeOf(key, this.get(key)) : 0) + sizeOf(key, value));
    this.#elements.set(key, value);
  }

  delete(key: string): void {
    if (!this.has(key)) return;
    this.#room.take(-sizeOf(key, this.get(key)));
    this.#elements.delete(key);
  }

  clear(): void {
    for (const [key, value] of this.#elements) this.#room.take(-sizeOf(key, value));
    this.#elements.clear();
  }
}

class Room {
  #left = 32 * 1024 * 1024;

  take(bytes: number): void {
    if (bytes > this.#left) throw new FileError("ENOMEM");
    this.#left -= bytes;
  }
}

function sizeOf(key: string, value: Value): number {
  return 64 + key.length + (typeof value === "string" ? value.length : 8);
}

/** What a name stands for: a value, or an array once it has been used as one. */
type Cell = { value: Value; array?: AwkArray };

/** The program itself is wrong, as found out while it runs; ends it with status 2. */
export class AwkRuntimeError extends Error {
  override readonly name = "AwkRuntimeError";
}

const MAX_DEPTH = 500;

/** Global variables, and those of the functions being called. */
export class Variables {
  readonly #globals = new Map<string, Cell>();
  readonly #frames: Map<string, Cell>[] = [];
  readonly #room = new Room();

  get(name: string): Value {
    const cell = this.#cell(name);
    if (cell.array) throw new AwkRuntimeError("Not a scalar");
    return cell.value;
  }

  set(name: string, value: Value): void {
    const cell = this.#cell(name);
    if (cell.array) throw new AwkRuntimeError("Not a scalar");
    cell.value = value;
  }

  array(name: string): AwkArray {
    const cell = this.#cell(name);
    if (cell.value !== undefined) throw new AwkRuntimeError("Not an array");
    cell.array ??= new AwkArray(this.#room);
    return cell.array;
  }

  /** What a bare name hands to a function: its array, itself (it may yet become one), or its value. */
  argument(name: string): Cell {
    const cell = this.#cell(name);
    return cell.value === undefined ? cell : { value: cell.value };
  }

  enter(frame: Map<string, Cell>): void {
    if (this.#frames.length >= MAX_DEPTH) throw new AwkRuntimeError("Function calls are nested too deeply");
    this.#frames.push(frame);
  }

  leave(): void {
    this.#frames.pop();
  }

  #cell(name: string): Cell {
    const local = this.#frames.at(-1)?.get(name);
    if (local) return local;
    let cell = this.#globals.get(name);
    if (!cell) {
      cell = { value: undefined };
      this.#globals.set(name, cell);
    }
    return cell;
  }
}
