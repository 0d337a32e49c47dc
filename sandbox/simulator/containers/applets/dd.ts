import { FileError } from "../filesystem/file-error";
import { concatAll, type OpenFile, RegularFile } from "../filesystem/open-file";
import type { Process } from "../processes/process";
import { type Applet, type Call, complain, usage } from "./applet";

const USAGE = `[if=FILE] [of=FILE] [ibs=N obs=N/bs=N] [count=N] [skip=N] [seek=N]
	[conv=notrunc|noerror|sync|fsync]
	[iflag=skip_bytes|count_bytes|fullblock|direct] [oflag=seek_bytes|append|direct]

Copy a file with converting and formatting

	if=FILE		Read from FILE instead of stdin
	of=FILE		Write to FILE instead of stdout
	bs=N		Read and write N bytes at a time
	ibs=N		Read N bytes at a time
	obs=N		Write N bytes at a time
	count=N		Copy only N input blocks
	skip=N		Skip N input blocks
	seek=N		Skip N output blocks
	conv=notrunc	Don't truncate output file
	conv=noerror	Continue after read errors
	conv=sync	Pad blocks with zeros
	conv=fsync	Physically write data out before finishing
	conv=swab	Swap every pair of bytes
	iflag=skip_bytes	skip=N is in bytes
	iflag=count_bytes	count=N is in bytes
	oflag=seek_bytes	seek=N is in bytes
	iflag=direct	O_DIRECT input
	oflag=direct	O_DIRECT output
	iflag=fullblock	Read full blocks
	oflag=append	Open output in append mode
	status=noxfer	Suppress rate output
	status=none	Suppress all output

N may be suffixed by c (1), w (2), b (512), kB (1000), k (1024), MB, M, GB, G`;

const SUFFIXES: Readonly<Record<string, number>> = {
  "": 1,
  c: 1,
  w: 2,
  b: 512,
  kB: 1000,
  kD: 1000,
  k: 1024,
  K: 1024,
  MB: 1e6,
  M: 1024 ** 2,
  GB: 1e9,
  G: 1024 ** 3,
};
const NUMBERS = new Set(["bs", "ibs", "obs", "count", "skip", "seek"]);
const WORDS: Readonly<Record<string, readonly string[]>> = {
  conv: ["notrunc", "sync", "noerror", "fsync", "swab"],
  iflag: ["skip_bytes", "count_bytes", "fullblock", "direct"],
  oflag: ["seek_bytes", "append", "direct"],
  status: ["none", "noxfer"],
};
/** A block is held in memory. */
const MAX_BLOCK = 16 * 1024 * 1024;

/** dd: copies in blocks, and says how many, whole ones and parts of one. */
export const dd: Applet = async (process, call) => {
  const settings = await readSettings(process, call);
  if (typeof settings === "number") return settings;
  const { numbers, files, words } = settings;
  const size = numbers.get("bs") ?? numbers.get("ibs") ?? 512;
  const outputSize = numbers.get("bs") ?? numbers.get("obs") ?? 512;
  if (size > MAX_BLOCK || outputSize > MAX_BLOCK) throw new FileError("ENOMEM");
  const copy = new Copy(process, size);
  try {
    copy.open(files, words.has("oflag=append"));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await complain(process, call, `can't open '${error.path}': ${error.message}`);
    return 1;
  }
  try {
    const skip = (numbers.get("skip") ?? 0) * (words.has("iflag=skip_bytes") ? 1 : size);
    const seek = (numbers.get("seek") ?? 0) * (words.has("oflag=seek_bytes") ? 1 : outputSize);
    const count = numbers.get("count");
    await copy.run({
      skip,
      seek,
      blocks: words.has("iflag=count_bytes") ? undefined : count,
      bytes: words.has("iflag=count_bytes") ? count : undefined,
      pads: words.has("conv=sync"),
      swaps: words.has("conv=swab"),
      wholeBlocks: words.has("iflag=fullblock"),
      keeps: words.has("conv=notrunc") || words.has("oflag=append"),
    });
    return 0;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await complain(process, call, `error writing '${files.get("of") ?? "standard output"}': ${error.message}`);
    return 1;
  } finally {
    copy.close();
    if (!words.has("status=none")) await process.complain(copy.summary(call.flavour, words.has("status=noxfer")));
  }
};

interface Settings {
  readonly numbers: ReadonlyMap<string, number>;
  readonly files: ReadonlyMap<string, string>;
  readonly words: ReadonlySet<string>;
}

async function readSettings(process: Process, call: Call): Promise<Settings | number> {
  const numbers = new Map<string, number>();
  const files = new Map<string, string>();
  const words = new Set<string>();
  for (const word of call.args) {
    const [, name = "", value = ""] = /^([a-z]+)=([\s\S]*)$/.exec(word) ?? [];
    if (NUMBERS.has(name)) {
      const number = readNumber(value);
      if (number === undefined || (name.endsWith("bs") && number === 0)) {
        await complain(
          process,
          call,
          call.flavour === "gnu"
            ? `invalid number: '${value}'`
            : number === undefined
              ? `invalid number '${value}'`
              : `number ${value} is not in 1..9223372036854775807 range`,
        );
        return 1;
      }
      numbers.set(name, number);
    } else if (name === "if" || name === "of") files.set(name, value);
    else if (WORDS[name]) {
      for (const part of value.split(",")) {
        if (!WORDS[name].includes(part)) {
          await complain(process, call, `invalid argument '${part}' to '${name}'`);
          return 1;
        }
        words.add(`${name}=${part}`);
      }
    } else if (call.flavour === "gnu") {
      await complain(process, call, `unrecognized operand '${word}'`);
      return usage(process, call);
    } else return usage(process, call, USAGE);
  }
  return { numbers, files, words };
}

function readNumber(text: string): number | undefined {
  const match = /^(\d+)([a-zA-Z]*)$/.exec(text);
  const scale = SUFFIXES[match?.[2] ?? ""];
  return match && scale !== undefined ? Number(match[1]) * scale : undefined;
}

class Copy {
  readonly #process: Process;
  readonly #size: number;
  readonly #opened: OpenFile[] = [];
  #input: OpenFile | undefined;
  #output: OpenFile | undefined;
  #bytes = 0;
  readonly #counts = { inWhole: 0, inPart: 0, outWhole: 0, outPart: 0 };

  constructor(process: Process, size: number) {
    this.#process = process;
    this.#size = size;
  }

  open(files: ReadonlyMap<string, string>, appends: boolean): void {
    const from = files.get("if");
    const to = files.get("of");
    if (from !== undefined) this.#input = this.#file(from, { read: true });
    if (to !== undefined)
      this.#output = this.#file(to, { write: true, create: true, append: appends, truncate: false });
  }

  #file(path: string, mode: Parameters<Process["machine"]["fileSystem"]["open"]>[2]): OpenFile {
    try {
      const file = this.#process.machine.fileSystem.open(this.#process, path, mode);
      this.#opened.push(file);
      return file;
    } catch (error) {
      throw error instanceof FileError ? new FileError(error.code, path) : error;
    }
  }

  async run(plan: {
    skip: number;
    seek: number;
    blocks: number | undefined;
    bytes: number | undefined;
    pads: boolean;
    swaps: boolean;
    wholeBlocks: boolean;
    /** What the output has beyond what is written stays. */
    keeps: boolean;
  }): Promise<void> {
    for (let left = plan.skip; left > 0;) {
      const bytes = await this.#read(Math.min(left, 65_536));
      if (!bytes) break;
      left -= bytes.byteLength;
    }
    if (this.#output instanceof RegularFile) {
      if (!plan.keeps) this.#output.node.writer?.truncate(plan.seek);
      this.#output.seek(plan.seek);
    }
    let copied = 0;
    for (let block = 0; plan.blocks === undefined || block < plan.blocks; block++) {
      const wanted = Math.min(this.#size, (plan.bytes ?? Number.POSITIVE_INFINITY) - copied);
      if (wanted <= 0) break;
      let bytes = await this.#block(wanted, plan.wholeBlocks);
      if (!bytes) break;
      copied += bytes.byteLength;
      if (bytes.byteLength === this.#size) this.#counts.inWhole++;
      else {
        this.#counts.inPart++;
        if (plan.pads) bytes = concatAll([bytes, new Uint8Array(this.#size - bytes.byteLength)]);
      }
      if (plan.swaps) bytes = swapped(bytes);
      await this.#write(bytes);
      this.#bytes += bytes.byteLength;
      if (bytes.byteLength === this.#size) this.#counts.outWhole++;
      else this.#counts.outPart++;
    }
  }

  close(): void {
    for (const file of this.#opened) file.release();
  }

  summary(flavour: Call["flavour"], isShort: boolean): string {
    const { inWhole, inPart, outWhole, outPart } = this.#counts;
    const records = `${inWhole}+${inPart} records in\n${outWhole}+${outPart} records out\n`;
    if (flavour === "busybox" || isShort) return records;
    const seconds = Math.max(0.000_1, (this.#process.clock.now() - this.#process.startedAt) / 1000);
    return `${records}${this.#bytes} bytes${inUnits(this.#bytes)} copied, ${Number(seconds.toPrecision(6))} s, ${rate(this.#bytes / seconds)}\n`;
  }

  /** A block as one read gives it; a regular file and `fullblock` give whole ones. */
  async #block(size: number, whole: boolean): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    let left = size;
    while (left > 0) {
      const bytes = await this.#read(left);
      if (!bytes) break;
      parts.push(bytes);
      left -= bytes.byteLength;
      // Devices hand out less at a time than a real one would.
      if (!whole && bytes.byteLength < 65_536) break;
    }
    return parts.length > 0 ? concatAll(parts) : undefined;
  }

  async #read(limit: number): Promise<Uint8Array | undefined> {
    if (!this.#input) return this.#process.read(0, limit);
    await this.#process.step();
    return this.#input.read(limit, this.#process);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (!this.#output) return this.#process.write(1, bytes);
    await this.#process.step();
    await this.#output.write(bytes, this.#process);
  }
}

/** ` (5.1 MB, 4.9 MiB)` for GNU's summary, nothing below a thousand bytes. */
function inUnits(bytes: number): string {
  if (bytes < 1000) return "";
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const binary = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  const decimal = `${shortNumber(bytes / 1000 ** power)} ${["B", "kB", "MB", "GB"][power]}`;
  return binary === 0
    ? ` (${decimal})`
    : ` (${decimal}, ${shortNumber(bytes / 1024 ** binary)} ${["B", "KiB", "MiB", "GiB"][binary]})`;
}

function rate(bytesPerSecond: number): string {
  const power = Math.max(0, Math.min(3, Math.floor(Math.log10(Math.max(1, bytesPerSecond)) / 3)));
  return `${shortNumber(bytesPerSecond / 1000 ** power)} ${["B", "kB", "MB", "GB"][power]}/s`;
}

function shortNumber(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

function swapped(bytes: Uint8Array): Uint8Array {
  const result = bytes.slice();
  for (let at = 0; at + 1 < result.byteLength; at += 2) {
    result[at] = bytes[at + 1] ?? 0;
    result[at + 1] = bytes[at] ?? 0;
  }
  return result;
}
