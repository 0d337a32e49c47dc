import { concat } from "../filesystem/open-file";
import type { Process } from "../processes/process";

export interface ReadLineOptions {
  readonly timeoutMs?: number;
  /** Stop after so many bytes, line or not. */
  readonly limit?: number;
}

/** One line with its line break, reading not a byte further; `undefined` at the end (or when time is up). */
export async function readLine(
  process: Process,
  number: number,
  options: ReadLineOptions = {},
): Promise<string | undefined> {
  const file = process.descriptor(number);
  let line: Uint8Array = new Uint8Array();
  for (;;) {
    const wanted = options.limit === undefined ? 4096 : options.limit - line.byteLength;
    if (wanted <= 0) return new TextDecoder().decode(line);
    const chunk = await readInTime(process, number, wanted, options.timeoutMs);
    if (!chunk) return line.byteLength > 0 ? new TextDecoder().decode(line) : undefined;
    const newline = chunk.indexOf(0x0a);
    if (newline >= 0) {
      file?.unread(chunk.subarray(newline + 1));
      return new TextDecoder().decode(concat(line, chunk.subarray(0, newline + 1)));
    }
    line = concat(line, chunk);
    if (line.byteLength > MAX_LINE) return new TextDecoder().decode(line);
  }
}

async function readInTime(
  process: Process,
  number: number,
  limit: number,
  timeoutMs: number | undefined,
): Promise<Uint8Array | undefined> {
  if (timeoutMs === undefined) return process.read(number, limit);
  let cancel = (): void => {};
  const late = new Promise<undefined>((resolve) => {
    const timer = process.clock.schedule(timeoutMs, () => resolve(undefined));
    cancel = () => timer.cancel();
  });
  try {
    return await Promise.race([process.read(number, limit), late]);
  } finally {
    cancel();
  }
}

const MAX_LINE = 1024 * 1024;
