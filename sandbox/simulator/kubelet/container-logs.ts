import type { LogOptions } from "../api/node-api";
import { BrokenPipeError, type PipeWriter } from "../pipe";
import type { LogLine } from "./container-runtime";

/**
 * Copies a container's log to a reader: from `since`, only the last `tailLines`, cut at `limitBytes`, each line with
 * its time when asked. Ends the writer; stops when nobody reads any more.
 */
export async function writeLogs(lines: AsyncIterable<LogLine>, options: LogOptions, writer: PipeWriter): Promise<void> {
  const output = new LimitedWriter(writer, options.limitBytes ?? Number.POSITIVE_INFINITY);
  try {
    for await (const line of selected(lines, options)) {
      if (!(await output.write(format(line, options.timestamps ?? false)))) break;
    }
    writer.end();
  } catch (error) {
    if (!(error instanceof BrokenPipeError)) writer.abort(error instanceof Error ? error : new Error(String(error)));
  }
}

async function* selected(
  lines: AsyncIterable<LogLine>,
  { since, tailLines, follow }: LogOptions,
): AsyncGenerator<LogLine> {
  const recent = (line: LogLine): boolean => since === undefined || line.time >= since;
  if (tailLines === undefined) {
    for await (const line of lines) if (recent(line)) yield line;
    return;
  }
  const source = new BufferedLines(lines);
  const stored = await source.stored(follow ?? false);
  for (const line of stored.slice(Math.max(0, stored.length - tailLines))) if (recent(line)) yield line;
  for await (const line of source.rest()) if (recent(line)) yield line;
}

/** Tells the lines that are there from those to come. */
class BufferedLines {
  readonly #iterator: AsyncIterator<LogLine>;
  #pending: Promise<IteratorResult<LogLine>> | undefined;

  constructor(lines: AsyncIterable<LogLine>) {
    this.#iterator = lines[Symbol.asyncIterator]();
  }

  async stored(follow: boolean): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for (;;) {
      this.#pending ??= this.#iterator.next();
      const next = follow ? await Promise.race([this.#pending, idle()]) : await this.#pending;
      if (next === "idle") return lines;
      this.#pending = undefined;
      if (next.done) return lines;
      lines.push(next.value);
    }
  }

  async *rest(): AsyncGenerator<LogLine> {
    for (;;) {
      const next = await (this.#pending ?? this.#iterator.next());
      this.#pending = undefined;
      if (next.done) return;
      yield next.value;
    }
  }
}

// What is stored comes without waiting for anything: a few turns of the microtask queue.
async function idle(): Promise<"idle"> {
  for (let turn = 0; turn < 16; turn++) await Promise.resolve();
  return "idle";
}

function format(line: LogLine, timestamps: boolean): Uint8Array {
  const prefix = timestamps ? new TextEncoder().encode(`${logTime(line.time)} `) : new Uint8Array();
  const result = new Uint8Array(prefix.length + line.text.length + (line.complete ? 1 : 0));
  result.set(prefix);
  result.set(line.text, prefix.length);
  if (line.complete) result[result.length - 1] = 10;
  return result;
}

/** RFC 3339 with nanoseconds; the digits below the clock's millisecond are zeros. */
function logTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000000Z");
}

class LimitedWriter {
  #left: number;

  constructor(
    readonly writer: PipeWriter,
    limitBytes: number,
  ) {
    this.#left = limitBytes;
  }

  /** False once the limit is reached. */
  async write(bytes: Uint8Array): Promise<boolean> {
    await this.writer.write(bytes.subarray(0, this.#left));
    this.#left -= bytes.length;
    return this.#left > 0;
  }
}
