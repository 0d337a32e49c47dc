import type { Value } from "./values";

export type AwkArray = Map<string, Value>;
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
    cell.array ??= new Map();
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
