import { type Applet, complain, inputs, linesOf, readOptions, toBytes, usage } from "./applet";

const USAGE = `[-123] FILE1 FILE2

Compare FILE1 with FILE2

	-1	Suppress lines unique to FILE1
	-2	Suppress lines unique to FILE2
	-3	Suppress lines common to both files`;

/** comm: what two sorted files have in common, and what only one has. */
export const comm: Applet = async (process, call) => {
  const { flags, operands } = await readOptions(process, call, { letters: "123", usage: USAGE });
  const [left, right, extra] = operands;
  if (left === undefined || right === undefined || extra !== undefined) {
    if (call.flavour === "gnu") {
      const last = extra ?? left;
      const what = extra === undefined ? "missing operand" : "extra operand";
      const where = extra === undefined ? (last === undefined ? "" : ` after '${last}'`) : ` '${last ?? ""}'`;
      await complain(process, call, what + where);
    }
    return usage(process, call, USAGE);
  }
  const plain = (_: unknown, path: string) => (error: Error) => `${path}: ${error.message}`;
  const read = async (path: string): Promise<string[] | undefined> => {
    const lines: string[] = [];
    for await (const input of inputs(process, call, [path], call.flavour === "gnu" ? plain : undefined)) {
      if (!input) return undefined;
      for await (const { text } of linesOf(input.chunks)) lines.push(text);
    }
    return lines;
  };
  const mine = await read(left);
  const theirs = mine && (await read(right));
  if (!mine || !theirs) return 1;
  // Each column that is shown moves those to its right by one tab.
  const tabs = [0, flags.has("1") ? 0 : 1, (flags.has("1") ? 0 : 1) + (flags.has("2") ? 0 : 1)];
  const show = async (column: 0 | 1 | 2, line: string): Promise<void> => {
    if (!flags.has(String(column + 1))) await process.write(1, toBytes(`${"\t".repeat(tabs[column] ?? 0)}${line}\n`));
  };
  let [at, other] = [0, 0];
  while (at < mine.length || other < theirs.length) {
    const [a, b] = [mine[at], theirs[other]];
    if (b === undefined || (a !== undefined && a < b)) {
      await show(0, a ?? "");
      at++;
    } else if (a === undefined || b < a) {
      await show(1, b);
      other++;
    } else {
      await show(2, a);
      at++;
      other++;
    }
  }
  return 0;
};
