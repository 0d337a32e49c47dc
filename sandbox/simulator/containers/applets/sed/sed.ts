import { FileError } from "../../filesystem/file-error";
import { withoutTrailing } from "../../trailing";
import { type Applet, asByteText, complain, readOptions, toBytes, usage } from "../applet";
import { RegexError } from "../regex";
import { Editor } from "./editor";
import { parseSed, type SedCommand, SedError } from "./script";

/** sed: edits lines as they come, or whole files in place. */
export const sed: Applet = async (process, call) => {
  const { words, suffix } = inPlaceWords(call.args);
  const options = await readOptions(
    process,
    { ...call, args: words },
    {
      letters: "nEre:f:isz",
      long: { quiet: "n", silent: "n", "regexp-extended": "E", "expression:": "e", "in-place": "i" },
      usage: "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...",
    },
  );
  const operands = [...options.operands];
  const scripts: string[] = [];
  for (const [name, value] of options.all) {
    if (name === "e") scripts.push(value);
    else if (name === "f")
      scripts.push(withoutTrailing(process.machine.fileSystem.readText(process, value), "\n").replace(/^#![^\n]*/, ""));
  }
  if (scripts.length === 0) {
    const first = operands.shift();
    if (first === undefined) return usage(process, call, "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...");
    scripts.push(first);
  }
  let commands: SedCommand[];
  try {
    commands = parseSed(asByteText(scripts.join("\n")), options.flags.has("E") || options.flags.has("r"));
  } catch (error) {
    if (!(error instanceof SedError) && !(error instanceof RegexError)) throw error;
    await complain(
      process,
      call,
      call.flavour === "gnu" ? `-e expression #1, char ${scripts[0]?.length ?? 0}: ${error.message}` : error.message,
    );
    return 1;
  }
  const quiet = options.flags.has("n");
  if (!options.flags.has("i")) return new Editor(process, call, commands, quiet).run(operands);
  let status = 0;
  for (const path of operands) {
    const pieces: string[] = [];
    let size = 0;
    const editor = new Editor(process, call, commands, quiet, (text) => {
      size += text.length;
      if (size > MOST_IN_PLACE) throw new FileError("ENOMEM");
      pieces.push(text);
      return Promise.resolve();
    });
    const result = await editor.run([path]);
    if (result !== 0) {
      status = result;
      continue;
    }
    const { fileSystem } = process.machine;
    if (suffix !== "") fileSystem.writeFile(process, path + suffix, fileSystem.readFile(process, path));
    fileSystem.writeFile(process, path, toBytes(pieces.join("")));
  }
  return status;
};

const MOST_IN_PLACE = 32 * 1024 * 1024;

/** `-i` may carry a suffix in its own word: with it the file is kept as it was under another name. */
function inPlaceWords(args: readonly string[]): { words: string[]; suffix: string } {
  let suffix = "";
  const words = args.map((word) => {
    if (!/^-i./.test(word) || /^-i[nErs]+$/.test(word)) return word;
    suffix = word.slice(2);
    return "-i";
  });
  return { words, suffix };
}
