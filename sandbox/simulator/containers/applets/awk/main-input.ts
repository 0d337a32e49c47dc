import { FileError } from "../../filesystem/file-error";
import type { OpenFile } from "../../filesystem/open-file";
import type { Process } from "../../processes/process";
import { fromBytes } from "../applet";
import { RecordReader } from "./record-reader";
import { chunksOf } from "./streams";
import { unescape } from "./tokens";
import { fromInput, toNumber, toText, type Value } from "./values";

/** What reading needs of the program: its variables. */
interface InputHost {
  readonly variables: { get(name: string): Value; set(name: string, value: Value): void };
}

/** The operands of awk in turn: files, and assignments that take effect when their turn comes. */
export class MainInput {
  readonly #process: Process;
  readonly #operands: readonly string[];
  #next = 0;
  #readAny = false;
  #current: { file: OpenFile; reader: RecordReader } | undefined;
  constructor(process: Process, operands: readonly string[]) {
    this.#process = process;
    this.#operands = operands;
  }

  /** The next record of all the input, counted in NR and FNR. */
  async read(host: InputHost): Promise<string | undefined> {
    for (;;) {
      this.#current ??= this.#open(host);
      if (!this.#current) return undefined;
      const separator = toText(host.variables.get("RS"), String);
      const record = await this.#current.reader.read(separator);
      if (record !== undefined) {
        for (const name of ["NR", "FNR"]) host.variables.set(name, toNumber(host.variables.get(name)) + 1);
        return record;
      }
      await this.skipFile();
    }
  }

  async skipFile(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.reader.close();
    current?.file.release();
  }

  #open(host: InputHost): { file: OpenFile; reader: RecordReader } | undefined {
    for (; this.#next < this.#operands.length; this.#next++) {
      const operand = this.#operands[this.#next] ?? "";
      const assignment = /^([A-Za-z_]\w*)=([^]*)$/.exec(operand);
      if (assignment) host.variables.set(assignment[1] ?? "", assignedValue(assignment[2] ?? ""));
      else if (operand !== "") {
        this.#readAny = true;
        this.#next++;
        return this.#begin(host, operand, this.#file(operand));
      }
    }
    if (this.#readAny) return undefined;
    this.#readAny = true;
    const standard = this.#process.descriptor(0)?.retain();
    return standard && this.#begin(host, "", standard);
  }

  #begin(host: InputHost, name: string, file: OpenFile): { file: OpenFile; reader: RecordReader } {
    host.variables.set("FILENAME", name);
    host.variables.set("FNR", 0);
    return { file, reader: new RecordReader(chunksOf(this.#process, file)) };
  }

  /** Throws `InputError` for a file that cannot be opened: busybox goes no further. */
  #file(path: string): OpenFile {
    try {
      const standard = path === "-" ? this.#process.descriptor(0)?.retain() : undefined;
      return standard ?? this.#process.machine.fileSystem.open(this.#process, path, { read: true });
    } catch (error) {
      if (error instanceof FileError) throw new InputError(`${path}: ${error.message}`);
      throw error;
    }
  }
}

/** A file named as input cannot be read. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** The value of `-v name=value`: escapes are read, and what looks like a number is one. */
export function assignedValue(text: string): Value {
  return fromInput(unescape(fromBytes(new TextEncoder().encode(text))));
}
