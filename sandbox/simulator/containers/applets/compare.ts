import { FileError } from "../filesystem/file-error";
import { type Applet, complain, inputs, readOptions, usage } from "./applet";

const USAGE = `[-ls] [-n NUM] FILE1 [FILE2 [SKIP1 [SKIP2]]]

Compare FILE1 with FILE2 (or stdin)

	-l	Write the byte numbers (decimal) and values (octal)
		for all differing bytes
	-s	Quiet
	-n NUM	Compare at most NUM bytes`;

/** cmp: where two files first differ. */
export const cmp: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "lsn:",
    long: { verbose: "l", quiet: "s", silent: "s", "bytes:": "n" },
    usage: USAGE,
  });
  const { flags, values, operands } = options;
  const [left, right = "-", skipLeft = "0", skipRight = "0"] = operands;
  if (left === undefined) return usage(process, call, USAGE);
  const failed = (path: string) => (error: FileError) => `${path}: ${error.message}`;
  const readers: AsyncIterator<number | undefined>[] = [];
  for (const [path, skip] of [
    [left, skipLeft],
    [right, skipRight],
  ] as const) {
    if (path !== "-" && !process.machine.fileSystem.find(process, path)) {
      if (!flags.has("s")) await complain(process, call, failed(path)(new FileError("ENOENT")));
      return 2;
    }
    readers.push(bytesOf(path, Number(skip)));
  }
  function sizeOf(path: string): number {
    const node = path === "-" ? undefined : process.machine.fileSystem.find(process, path);
    return node?.kind === "file" ? node.content().byteLength : Number.MAX_SAFE_INTEGER;
  }
  async function* bytesOf(path: string, skip: number): AsyncGenerator<number | undefined> {
    let at = 0;
    for await (const input of inputs(process, call, [path])) {
      if (!input) return;
      for await (const chunk of input.chunks) for (const byte of chunk) if (at++ >= skip) yield byte;
    }
  }
  const width = call.flavour === "busybox" ? 0 : String(Math.min(...[left, right].map(sizeOf))).length;
  const limit = Number(values.get("n") ?? Number.POSITIVE_INFINITY);
  let line = 1;
  let status = 0;
  for (let at = 1; at <= limit; at++) {
    const [mine, theirs] = [await readers[0]?.next(), await readers[1]?.next()];
    if (mine?.done && theirs?.done) break;
    if (mine?.done || theirs?.done) {
      const path = mine?.done ? left : right;
      if (!flags.has("s")) {
        const where =
          call.flavour === "busybox"
            ? ""
            : flags.has("l")
              ? ` after byte ${at - 1}`
              : ` after byte ${at - 1}, line ${line - 1}`;
        await complain(process, call, `EOF on ${path}${where}`);
      }
      status = 1;
      break;
    }
    const [a, b] = [mine?.value ?? 0, theirs?.value ?? 0];
    if (a !== b) {
      status = 1;
      if (flags.has("s")) break;
      if (!flags.has("l")) {
        await process.print(`${left} ${right} differ: char ${at}, line ${line}\n`);
        break;
      }
      await process.print(`${String(at).padStart(width)} ${octal(a)} ${octal(b)}\n`);
    }
    if (a === 0x0a) line++;
    if (at % BYTES_PER_STEP === 0) await process.step();
  }
  for (const reader of readers) await reader.return?.();
  return status;
};

const BYTES_PER_STEP = 1000;

function octal(byte: number): string {
  return byte.toString(8).padStart(3);
}
