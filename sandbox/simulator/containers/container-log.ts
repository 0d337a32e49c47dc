import type { LogLine } from "../kubelet/container-runtime";
import { concat } from "./filesystem/open-file";

const NOTHING = new Uint8Array();
const NEWLINE = 0x0a;
// containerd splits longer lines into pieces of this size.
const MAX_PIECE_BYTES = 16 * 1024;
// `2026-11-21T20:00:00.000000000Z stdout F ` and the break.
const LINE_MARKS_BYTES = 41;
// Five files of 10 MiB: https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation
const MAX_ON_DISK = 50 * 1024 * 1024;

/** What a container printed: lines with their times, bounded by forgetting the oldest. */
export class ContainerLog {
  readonly #now: () => number;
  readonly #limitBytes: number;
  readonly #grown: (() => void) | undefined;
  #written = 0;
  #lines: LogLine[] = [];
  /** How many lines were forgotten: the number of `#lines[0]`. */
  #first = 0;
  #bytes = 0;
  #ended = false;
  readonly #partial = { stdout: NOTHING, stderr: NOTHING };
  #waiting: (() => void)[] = [];

  /** `grown` is told of every line. */
  constructor(now: () => number, limitBytes = 512 * 1024, grown?: () => void) {
    this.#now = now;
    this.#limitBytes = limitBytes;
    this.#grown = grown;
  }

  /** What a node's disk would hold of it: more than is kept here, as rotated files stay for a while. */
  get bytesOnDisk(): number {
    return Math.min(this.#written, MAX_ON_DISK);
  }

  append(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    let rest = this.#partial[stream].byteLength > 0 ? concat(this.#partial[stream], bytes) : bytes;
    for (;;) {
      const newline = rest.indexOf(NEWLINE);
      if (newline >= 0 && newline <= MAX_PIECE_BYTES) {
        this.#push({ time: this.#now(), stream, text: rest.slice(0, newline), complete: true });
        rest = rest.subarray(newline + 1);
      } else if (rest.byteLength > MAX_PIECE_BYTES) {
        this.#push({ time: this.#now(), stream, text: rest.slice(0, MAX_PIECE_BYTES), complete: false });
        rest = rest.subarray(MAX_PIECE_BYTES);
      } else break;
    }
    this.#partial[stream] = rest.byteLength > 0 ? rest.slice() : NOTHING;
    this.#wake();
  }

  /** The container has ended: what was printed without a line break comes last. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const text = this.#partial[stream];
      if (text.byteLength > 0) this.#push({ time: this.#now(), stream, text, complete: false });
      this.#partial[stream] = NOTHING;
    }
    this.#ended = true;
    this.#wake();
  }

  async *read(follow: boolean): AsyncGenerator<LogLine> {
    let next = this.#first;
    for (;;) {
      next = Math.max(next, this.#first);
      const line = this.#lines[next - this.#first];
      if (line) {
        next++;
        yield line;
      } else if (!follow || this.#ended) return;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #push(line: LogLine): void {
    this.#lines.push(line);
    this.#written += line.text.byteLength + LINE_MARKS_BYTES;
    this.#grown?.();
    this.#bytes += line.text.byteLength + OVERHEAD_BYTES;
    if (this.#bytes <= this.#limitBytes) return;
    // Drop a quarter at once, so that forgetting stays cheap.
    let drop = 0;
    while (drop < this.#lines.length - 1 && this.#bytes > this.#limitBytes * 0.75) {
      this.#bytes -= (this.#lines[drop]?.text.byteLength ?? 0) + OVERHEAD_BYTES;
      drop++;
    }
    this.#lines = this.#lines.slice(drop);
    this.#first += drop;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

const OVERHEAD_BYTES = 64;
