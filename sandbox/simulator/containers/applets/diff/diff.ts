import { FileError } from "../../filesystem/file-error";
import type { Node } from "../../filesystem/nodes";
import { baseName, joinPath } from "../../filesystem/path";
import type { Process } from "../../processes/process";
import {
  type Applet,
  asByteText,
  type Call,
  complain,
  fromBytes,
  type Options,
  readOptions,
  toBytes,
  usage,
} from "../applet";
import { changesBetween, normal, type Side, unified } from "./changes";
import { commonLines } from "./common-lines";

const USAGE = `[-abBdiNqrTstw] [-L LABEL] [-S FILE] [-U LINES] FILE1 FILE2

Compare files line by line and output the differences between them.
This implementation supports unified diffs only.

	-a	Treat all files as text
	-b	Ignore changes in the amount of whitespace
	-B	Ignore changes whose lines are all blank
	-d	Try hard to find a smaller set of changes
	-i	Ignore case differences
	-L	Use LABEL instead of the filename in the unified header
	-N	Treat absent files as empty
	-q	Output only whether files differ
	-r	Recurse
	-S	Start with FILE when comparing directories
	-T	Make tabs line up by prefixing a tab when necessary
	-s	Report when two files are the same
	-t	Expand tabs to spaces in output
	-U	Output LINES lines of context
	-w	Ignore all whitespace`;

/** diff: unified as busybox has it; GNU's is plain unless asked. 0 when all is equal, 1 when not, 2 in trouble. */
export const diff: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "abBdiNqrTstwuL:S:U:",
    long: {
      brief: "q",
      recursive: "r",
      "new-file": "N",
      unified: "u",
      "unified:": "U",
      "label:": "L",
      text: "a",
      "ignore-case": "i",
      "ignore-all-space": "w",
      "ignore-space-change": "b",
      "ignore-blank-lines": "B",
      "report-identical-files": "s",
    },
    usage: USAGE,
  });
  const [left, right] = options.operands;
  if (left === undefined || right === undefined || options.operands.length > 2) {
    if (call.flavour === "gnu")
      await complain(
        process,
        call,
        left === undefined
          ? "missing operand"
          : right === undefined
            ? `missing operand after '${left}'`
            : `extra operand '${options.operands[2]}'`,
      );
    return usage(process, call, USAGE);
  }
  return new Comparison(process, call, options).run(left, right);
};

class Comparison {
  readonly #process: Process;
  readonly #call: Call;
  readonly #options: Options;
  readonly #labels: readonly string[];
  #status = 0;
  /** Whether whole folders are compared. */
  #isBelow = false;

  constructor(process: Process, call: Call, options: Options) {
    this.#process = process;
    this.#call = call;
    this.#options = options;
    this.#labels = options.all.filter(([name]) => name === "L").map(([, label]) => label);
  }

  async run(left: string, right: string): Promise<number> {
    const [leftNode, rightNode] = [await this.#stat(left), await this.#stat(right)];
    if (leftNode === undefined || rightNode === undefined) return 2;
    const [leftFolder, rightFolder] = [kindOf(leftNode) === "directory", kindOf(rightNode) === "directory"];
    this.#isBelow = leftFolder && rightFolder;
    if (this.#isBelow) await this.#folders(left, right, "");
    else if (leftFolder || rightFolder) {
      // The file of that name in the folder.
      const paths = leftFolder ? [joinPath(left, baseName(right)), right] : [left, joinPath(right, baseName(left))];
      for (const path of paths) if (!(await this.#stat(path))) return this.#call.flavour === "gnu" ? 2 : 1;
      await this.#files(paths[0] ?? "", paths[1] ?? "");
    } else await this.#files(left, right);
    return this.#status;
  }

  async #stat(path: string): Promise<Node | "stream" | undefined> {
    if (path === "-") return "stream";
    try {
      return this.#process.machine.fileSystem.stat(this.#process, path);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      if (this.#options.flags.has("N") && error.code === "ENOENT") return "stream";
      const text =
        this.#call.flavour === "gnu" ? `${path}: ${error.message}` : `can't stat '${path}': ${error.message}`;
      await complain(this.#process, this.#call, text);
      return undefined;
    }
  }

  async #folders(left: string, right: string, below: string): Promise<void> {
    const { fileSystem } = this.#process.machine;
    const recursive = this.#options.flags.has("r");
    const entries = (path: string): Map<string, Node> => {
      const nodes = new Map<string, Node>();
      for (const name of fileSystem.list(this.#process, path)) {
        const node = fileSystem.find(this.#process, joinPath(path, name));
        if (node) nodes.set(name, node);
      }
      return nodes;
    };
    const [lefts, rights] = [entries(left), entries(right)];
    for (const name of [...new Set([...lefts.keys(), ...rights.keys()])].sort()) {
      await this.#process.step();
      const [mine, theirs] = [lefts.get(name), rights.get(name)];
      const [leftPath, rightPath] = [joinPath(left, name), joinPath(right, name)];
      if (!mine || !theirs) await this.#onlyOne(mine ? left : right, name, mine ?? theirs, leftPath, rightPath);
      else if (mine.kind === "directory" && theirs.kind === "directory") {
        if (recursive) await this.#folders(leftPath, rightPath, joinPath(below, name));
        else await this.#process.print(`Common subdirectories: ${leftPath} and ${rightPath}\n`);
      } else if (mine.kind !== theirs.kind) {
        await this.#process.print(
          `File ${leftPath} is a ${describeKind(mine)} while file ${rightPath} is a ${describeKind(theirs)}\n`,
        );
        this.#status = Math.max(this.#status, 1);
      } else await this.#files(leftPath, rightPath);
    }
  }

  async #onlyOne(folder: string, name: string, node: Node | undefined, left: string, right: string): Promise<void> {
    const { flags } = this.#options;
    if (flags.has("N") && node?.kind === "file") return this.#files(left, right);
    // Looking below, busybox sees files only.
    if (this.#call.flavour === "busybox" && flags.has("r") && node?.kind === "directory") {
      for (const inner of this.#process.machine.fileSystem.list(this.#process, joinPath(folder, name)))
        await this.#process.print(`Only in ${folder}: ${name}/${inner}\n`);
    } else await this.#process.print(`Only in ${folder}: ${name}\n`);
    this.#status = Math.max(this.#status, 1);
  }

  async #files(left: string, right: string): Promise<void> {
    const [mine, theirs] = [await this.#read(left, 0), await this.#read(right, 1)];
    if (!mine || !theirs) {
      this.#status = 2;
      return;
    }
    const { flags, values } = this.#options;
    const step = (): Promise<void> => this.#process.step();
    const keys = [mine, theirs].map((side) => side.lines.map((line, at) => this.#key(side, line, at)));
    const [leftKeys = [], rightKeys = []] = keys;
    let changes = changesBetween(await commonLines(leftKeys, rightKeys, step), leftKeys.length, rightKeys.length);
    if (flags.has("B"))
      changes = changes.filter((change) =>
        [
          ...mine.lines.slice(change.left.from, change.left.to),
          ...theirs.lines.slice(change.right.from, change.right.to),
        ].some((line) => line.trim() !== ""),
      );
    if (changes.length === 0) {
      if (flags.has("s")) await this.#process.print(`Files ${left} and ${right} are identical\n`);
      return;
    }
    this.#status = Math.max(this.#status, 1);
    if (flags.has("q")) return this.#process.print(`Files ${left} and ${right} differ\n`);
    const isUnified = this.#call.flavour === "busybox" || flags.has("u") || values.has("U");
    const context = Number(values.get("U") ?? 3);
    const header = `--- ${asByteText(mine.name)}\n+++ ${asByteText(theirs.name)}\n`;
    const body = isUnified ? header + unified(mine, theirs, changes, context) : normal(mine, theirs, changes);
    await this.#process.write(1, toBytes(body));
  }

  async #read(path: string, side: 0 | 1): Promise<Side | undefined> {
    const { fileSystem } = this.#process.machine;
    const isAbsent = path !== "-" && this.#options.flags.has("N") && !fileSystem.find(this.#process, path);
    const label = this.#labels[side];
    try {
      const bytes =
        path === "-"
          ? await this.#process.readAll()
          : isAbsent
            ? new Uint8Array()
            : fileSystem.readFile(this.#process, path);
      const text = fromBytes(bytes);
      const lines = text.split("\n");
      const endsInBreak = lines.at(-1) === "";
      if (endsInBreak) lines.pop();
      if (lines.length > MAX_LINES) throw new FileError("ENOMEM");
      const name =
        label ??
        (isAbsent && this.#isBelow ? "/dev/null" : path) + (this.#call.flavour === "gnu" ? this.#stamp(path) : "");
      return { name, lines, endsInBreak };
    } catch (error) {
      if (!(error instanceof FileError) || error.code === "ENOMEM") throw error;
      await complain(this.#process, this.#call, `${path}: ${error.message}`);
      return undefined;
    }
  }

  /** When the file was changed, as GNU's header has it. */
  #stamp(path: string): string {
    const node = this.#process.machine.fileSystem.find(this.#process, path);
    const time = new Date(node?.mtime ?? this.#process.clock.now()).toISOString();
    return `\t${time.slice(0, 10)} ${time.slice(11, 23)}000000 +0000`;
  }

  /** What of a line counts. A last line without its break differs from one with it. */
  #key(side: Side, line: string, at: number): string {
    const { flags } = this.#options;
    let key = line;
    if (flags.has("w")) key = key.replace(/[ \t\v\f\r]/g, "");
    else if (flags.has("b")) key = key.trimEnd().replace(/[ \t\v\f\r]+/g, " ");
    if (flags.has("i")) key = key.toLowerCase();
    const isBroken = at === side.lines.length - 1 && !side.endsInBreak && !flags.has("w") && !flags.has("b");
    return isBroken ? `${key}\n` : key;
  }
}

const MAX_LINES = 200_000;

function kindOf(node: Node | "stream"): string {
  return node === "stream" ? "stream" : node.kind;
}

function describeKind(node: Node): string {
  return { directory: "directory", file: "regular file", symlink: "symbolic link", device: "character special file" }[
    node.kind
  ];
}
