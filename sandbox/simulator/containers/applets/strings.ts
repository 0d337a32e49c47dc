import { type Applet, inputs, readOptions } from "./applet";

const USAGE = `[-fo] [-t o|d|x] [-n LEN] [FILE]...

Display printable strings in a binary file

	-f		Precede strings with filenames
	-o		Precede strings with octal offsets
	-t o|d|x	Precede strings with offsets in base 8/10/16
	-n LEN		At least LEN characters form a string (default 4)`;

const RADIX: Readonly<Record<string, number | undefined>> = { o: 8, d: 10, x: 16 };

/** strings: what can be read in what is no text. */
export const strings: Applet = async (process, call) => {
  const { flags, values, operands } = await readOptions(process, call, { letters: "afon:t:", usage: USAGE });
  const least = Number(values.get("n") ?? 4);
  const radix = flags.has("o") ? 8 : RADIX[values.get("t") ?? ""];
  let status = 0;
  const plain = (_: unknown, path: string) => (error: Error) => `${path}: ${error.message}`;
  for await (const input of inputs(process, call, operands, plain)) {
    if (!input) {
      status = 1;
      continue;
    }
    const name = input.name === "-" ? "{standard input}" : input.name;
    const before = (offset: number): string =>
      (flags.has("f") ? `${name}: ` : "") + (radix === undefined ? "" : `${offset.toString(radix).padStart(7)} `);
    let [text, offset] = ["", 0];
    const flush = async (): Promise<void> => {
      if (text.length >= least) await process.print(`${before(offset - text.length)}${text}\n`);
      text = "";
    };
    for await (const chunk of input.chunks) {
      for (const byte of chunk) {
        if ((byte >= 0x20 && byte < 0x7f) || byte === 0x09) text += String.fromCharCode(byte);
        else await flush();
        offset++;
        if (text.length > MAX_STRING) await flush();
      }
    }
    await flush();
  }
  return status;
};

const MAX_STRING = 64 * 1024;
