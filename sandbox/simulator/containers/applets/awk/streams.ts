import { FileError } from "../../filesystem/file-error";
import type { OpenFile } from "../../filesystem/open-file";
import { loadExecutable } from "../../processes/executable";
import type { Process } from "../../processes/process";
import { toBytes } from "../applet";
import { RecordReader } from "./record-reader";

interface Output {
  readonly file: OpenFile;
  /** The command that reads what is written. */
  readonly child?: Process;
}

interface Input {
  readonly reader: RecordReader;
  readonly file: OpenFile;
  readonly child?: Process;
}

/** The files and commands a program has open, by the text it named them with. */
export class Streams {
  readonly #process: Process;
  readonly #outputs = new Map<string, Output>();
  readonly #inputs = new Map<string, Input>();

  constructor(process: Process) {
    this.#process = process;
  }

  async write(kind: "file" | "append" | "command", name: string, text: string): Promise<void> {
    if (kind !== "command" && name === "/dev/stdout") return this.#process.write(1, toBytes(text));
    if (kind !== "command" && name === "/dev/stderr") return this.#process.write(2, toBytes(text));
    let output = this.#outputs.get(name);
    if (!output) {
      output = kind === "command" ? this.#commandOutput(name) : this.#fileOutput(name, kind === "append");
      this.#outputs.set(name, output);
    }
    await output.file.write(toBytes(text), this.#process);
  }

  /** Reader for `getline < name` or `name | getline`; `undefined` when the file cannot be opened. */
  reader(kind: "file" | "command", name: string): RecordReader | undefined {
    const open = this.#inputs.get(name);
    if (open) return open.reader;
    try {
      const input = kind === "command" ? this.#commandInput(name) : this.#fileInput(name);
      this.#inputs.set(name, input);
      return input.reader;
    } catch (error) {
      if (error instanceof FileError) return undefined;
      throw error;
    }
  }

  /** -1 when nothing of that name is open, else the command's status. */
  async close(name: string): Promise<number> {
    const output = this.#outputs.get(name);
    const input = this.#inputs.get(name);
    this.#outputs.delete(name);
    this.#inputs.delete(name);
    output?.file.release();
    input?.file.release();
    const child = output?.child ?? input?.child;
    if (child) return (await this.#process.wait(child)).code;
    return output || input ? 0 : -1;
  }

  async closeAll(): Promise<void> {
    for (const name of [...this.#outputs.keys(), ...this.#inputs.keys()]) await this.close(name);
  }

  /** Runs a command to its end: `system()`. */
  async run(command: string): Promise<number> {
    return (await this.#process.wait(this.#spawn(command, new Map()))).code;
  }

  #fileOutput(name: string, append: boolean): Output {
    const { fileSystem } = this.#process.machine;
    return { file: fileSystem.open(this.#process, name, { write: true, create: true, append, truncate: !append }) };
  }

  #commandOutput(command: string): Output {
    const { input, output } = this.#process.pipe();
    const child = this.#spawn(command, new Map([[0, input]]));
    input.release();
    return { file: output, child };
  }

  #fileInput(name: string): Input {
    const file =
      name === "-"
        ? this.#process.descriptor(0)?.retain()
        : this.#process.machine.fileSystem.open(this.#process, name, { read: true });
    if (!file) throw new FileError("EBADF");
    return { file, reader: new RecordReader(chunksOf(this.#process, file)) };
  }

  #commandInput(command: string): Input {
    const { input, output } = this.#process.pipe();
    const child = this.#spawn(command, new Map([[1, output]]));
    output.release();
    return { file: input, child, reader: new RecordReader(chunksOf(this.#process, input)) };
  }

  #spawn(command: string, changes: ReadonlyMap<number, OpenFile>): Process {
    const { machine, descriptors } = this.#process;
    const text = new TextDecoder().decode(toBytes(command));
    const program = loadExecutable(machine, this.#process, "/bin/sh", ["sh", "-c", text]);
    return this.#process.spawn({ ...program, descriptors: new Map([...descriptors, ...changes]) });
  }
}

export async function* chunksOf(process: Process, file: OpenFile): AsyncGenerator<Uint8Array> {
  for (let chunk = await file.read(65_536, process); chunk; chunk = await file.read(65_536, process)) {
    yield chunk;
    await process.step();
  }
}
