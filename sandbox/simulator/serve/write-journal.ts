import { closeSync, openSync, writeSync } from "node:fs";
import { writeWhole } from "./whole-file";

/**
 * Lines of a file, each there before `write` returns: the end of the process takes none of them away, the end of the
 * machine the last ones. What the disk has no room for is kept in memory and tried again; until then `fault` says why.
 */
export class WriteJournal {
  readonly #path: string;
  #file: number | undefined;
  /** Where the next line goes. */
  #end = 0;
  /** Not in the file yet. */
  #waiting: string[] = [];
  /** Since `hold`. */
  #held: string[] | undefined;
  #fault: unknown;

  constructor(path: string) {
    this.#path = path;
  }

  get fault(): unknown {
    return this.#fault;
  }

  /** How much of the file is in use. */
  get bytes(): number {
    return this.#end;
  }

  write(line: string): void {
    this.#held?.push(line);
    this.#waiting.push(line);
    this.flush();
  }

  /** Tries again what did not fit. */
  flush(): void {
    if (this.#file === undefined || this.#waiting.length === 0) return;
    const bytes = Buffer.from(this.#waiting.map((line) => `${line}\n`).join(""));
    try {
      // From one place until all of it is there: a part that was written before the disk was full is written again.
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.#file, bytes, done, bytes.length - done, this.#end + done);
      }
      this.#end += bytes.length;
      this.#waiting = [];
      this.#fault = undefined;
    } catch (error) {
      this.#fault = error;
    }
  }

  /** From here on lines are remembered too, for `renew`. */
  hold(): void {
    this.#held = [];
  }

  /** Begins the file anew with what came since `hold`. @throws when the disk has no room; the old file then goes on */
  renew(): void {
    const lines = this.#held ?? [];
    this.#held = undefined;
    const text = lines.map((line) => `${line}\n`).join("");
    writeWhole(this.#path, text);
    this.close();
    this.#file = openSync(this.#path, "r+");
    this.#end = Buffer.byteLength(text);
    this.#waiting = [];
    this.#fault = undefined;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
