import type { Process } from "../processes/process";
import { type Applet, type Call, complain, inputs, linesOf, readOptions } from "./applet";
import { type Digest, Hash, md5, sha1, sha256 } from "./digest";
import { sha512 } from "./sha512";

/** Sums of files, written down and compared. */

const USAGE = "[-c[sw]] [FILE]...";

const checksum =
  (start: () => Digest): Applet =>
  async (process, call) => {
    const { flags, operands } = await readOptions(process, call, {
      letters: "bctws",
      long: { check: "c", quiet: "q", status: "s", warn: "w" },
      usage: USAGE,
    });
    if (flags.has("c")) return check(process, call, start, operands, flags);
    let status = 0;
    for await (const input of inputs(process, call, operands)) {
      if (!input) {
        status = 1;
        continue;
      }
      await process.print(`${await sum(process, start, input.chunks)}  ${input.name}\n`);
    }
    return status;
  };

async function sum(process: Process, start: () => Digest, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = new Hash(start());
  for await (const chunk of chunks) {
    await process.step();
    hash.add(chunk);
  }
  return hash.hex();
}

/** Compares files with the sums that lists of them tell. */
async function check(
  process: Process,
  call: Call,
  start: () => Digest,
  lists: readonly string[],
  flags: ReadonlySet<string>,
): Promise<number> {
  const say = async (text: string): Promise<void> => (flags.has("s") ? undefined : process.print(`${text}\n`));
  let status = 0;
  const plain = (_: unknown, path: string) => (error: Error) => `${path}: ${error.message}`;
  for await (const list of inputs(process, call, lists, plain)) {
    if (!list) {
      status = 1;
      continue;
    }
    const counts = { all: 0, wrong: 0, unreadable: 0 };
    for await (const { text } of linesOf(list.chunks)) {
      const [, wanted, name] = /^([0-9a-f]+) [ *](.+)$/i.exec(text) ?? [];
      if (wanted === undefined || name === undefined) {
        // busybox takes what is no sum for a wrong one.
        if (call.flavour === "gnu") continue;
        counts.all++;
        counts.wrong++;
        continue;
      }
      counts.all++;
      for await (const file of inputs(process, call, [name])) {
        const isRight = file && (await sum(process, start, file.chunks)) === wanted.toLowerCase();
        if (isRight && !flags.has("q")) await say(`${name}: OK`);
        if (isRight) continue;
        const isThere = file !== undefined || call.flavour === "busybox";
        if (isThere) counts.wrong++;
        else counts.unreadable++;
        await say(`${name}: FAILED${isThere ? "" : " open or read"}`);
      }
    }
    if (counts.wrong + counts.unreadable > 0 || counts.all === 0) status = 1;
    await warn(process, call, list.name, counts, flags);
  }
  return status;
}

async function warn(
  process: Process,
  call: Call,
  list: string,
  { all, wrong, unreadable }: { readonly all: number; readonly wrong: number; readonly unreadable: number },
  flags: ReadonlySet<string>,
): Promise<void> {
  if (call.flavour === "busybox") {
    if (wrong > 0 && !flags.has("s"))
      await complain(process, call, `WARNING: ${wrong} of ${all} computed checksums did NOT match`);
    return;
  }
  if (all === 0) await complain(process, call, `${list}: no properly formatted checksum lines found`);
  if (flags.has("s")) return;
  if (unreadable > 0) {
    const files = unreadable === 1 ? "1 listed file" : `${unreadable} listed files`;
    await complain(process, call, `WARNING: ${files} could not be read`);
  }
  if (wrong > 0) {
    const sums = wrong === 1 ? "1 computed checksum" : `${wrong} computed checksums`;
    await complain(process, call, `WARNING: ${sums} did NOT match`);
  }
}

export const checksumApplets: readonly (readonly [string, Applet])[] = [
  ["md5sum", checksum(md5)],
  ["sha1sum", checksum(sha1)],
  ["sha256sum", checksum(sha256)],
  ["sha512sum", checksum(sha512)],
];
