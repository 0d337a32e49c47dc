const BLOCK = 512;

export interface TarEntry {
  /** Relative; of a folder without the slash at its end. */
  readonly path: string;
  readonly type: "file" | "folder" | "link";
  /** The permission bits. */
  readonly mode: number;
  readonly mtimeSeconds: number;
  /** Where a link leads. */
  readonly target?: string;
  readonly data?: Uint8Array;
}

const TYPES = { file: "0", link: "2", folder: "5" } as const;

/**
 * An archive that `tar -x` unpacks: ustar, with pax records for names that are long or not ASCII. Owners are left out.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13
 */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const records = [
      ...(fits(entry.path) ? [] : [record("path", entry.path)]),
      ...(fits(entry.target ?? "") ? [] : [record("linkpath", entry.target ?? "")]),
    ];
    const extended = Buffer.concat(records);
    return [
      ...(records.length === 0
        ? []
        : [header("././@PaxHeader", "x", 0o644, 0, extended.length, ""), ...whole(extended)]),
      entryHeader(entry),
      ...whole(entry.data ?? Buffer.alloc(0)),
    ];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function entryHeader({ path, type, mode, mtimeSeconds, target = "", data }: TarEntry): Buffer {
  return header(path, TYPES[type], mode, mtimeSeconds, data?.length ?? 0, target);
}

function header(path: string, type: string, mode: number, mtime: number, size: number, target: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number): string => value.toString(8).padStart(length - 1, "0");
  block.write(path, 0, 100, "utf8"); // cut where a record says it whole
  block.write(octal(mode & 0o7777, 8), 100, "latin1");
  block.write(octal(0, 8), 108, "latin1");
  block.write(octal(0, 8), 116, "latin1");
  block.write(octal(size, 12), 124, "latin1");
  block.write(octal(Math.max(0, mtime), 12), 136, "latin1");
  block.write(" ".repeat(8), 148, "latin1");
  block.write(type, 156, "latin1");
  block.write(target, 157, 100, "utf8");
  block.write("ustar\u000000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)}\u0000 `, 148, "latin1");
  return block;
}

function fits(name: string): boolean {
  return /^[\x20-\x7e]{0,99}$/.test(name);
}

/** `<length of all of it> <key>=<value>\n` */
function record(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (String(length).length > String(bytes).length) length++;
  return Buffer.from(`${length}${rest}`);
}

function whole(data: Uint8Array): Uint8Array[] {
  const over = data.length % BLOCK;
  return over === 0 ? [data] : [data, Buffer.alloc(BLOCK - over)];
}
