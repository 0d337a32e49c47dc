import { FileError } from "../filesystem/file-error";
import type { Node } from "../filesystem/nodes";
import { baseName, joinPath } from "../filesystem/path";
import { findInPath, loadExecutable } from "../processes/executable";
import type { Process } from "../processes/process";
import { compileGlob, matches } from "../shell/pattern";
import { type Applet, type Call, complain } from "./applet";
import { modeText, sizeOf } from "./file-texts";

interface Found {
  readonly path: string;
  readonly node: Node;
  readonly depth: number;
}

type Test = (found: Found) => boolean | Promise<boolean>;

/** find: the tests and actions people type. */
export const find: Applet = async (process, call) => {
  const start = call.args.findIndex((word) => /^[-(!]/.test(word));
  const paths = start < 0 ? call.args : call.args.slice(0, start);
  const search = new Search(process, call);
  const test = await search.parse(start < 0 ? [] : call.args.slice(start));
  if (!test) return 1;
  for (const path of paths.length > 0 ? paths : ["."]) await search.walk(path, test);
  return search.failed ? 1 : 0;
};

class Search {
  failed = false;
  readonly #process: Process;
  readonly #call: Call;
  #words: readonly string[] = [];
  #at = 0;
  #acts = false;
  #minDepth = 0;
  #maxDepth = Infinity;
  #pruned = false;

  constructor(process: Process, call: Call) {
    this.#process = process;
    this.#call = call;
  }

  async parse(words: readonly string[]): Promise<Test | undefined> {
    this.#words = words;
    try {
      const test = words.length === 0 ? () => true : this.#or();
      if (this.#at < words.length)
        throw new SyntaxError(
          `${this.#call.flavour === "gnu" ? "paths must precede expression: `" : "unrecognized: "}${words[this.#at] ?? ""}${this.#call.flavour === "gnu" ? "'" : ""}`,
        );
      return this.#acts
        ? test
        : async (found) => (await test(found)) && (await this.#process.print(`${found.path}\n`), true);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      await complain(this.#process, this.#call, error.message);
      return undefined;
    }
  }

  async walk(path: string, test: Test, depth = 0): Promise<void> {
    const { fileSystem } = this.#process.machine;
    await this.#process.step();
    try {
      const node = fileSystem.stat(this.#process, path, false);
      if (depth >= this.#minDepth) await test({ path, node, depth });
      const pruned = this.#takePrune();
      if (node.kind !== "directory" || depth >= this.#maxDepth || pruned) return;
      for (const name of fileSystem.list(this.#process, path)) await this.walk(joinPath(path, name), test, depth + 1);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await complain(
        this.#process,
        this.#call,
        this.#call.flavour === "gnu" ? `'${path}': ${error.message}` : `${path}: ${error.message}`,
      );
      this.failed = true;
    }
  }

  /** Whether -prune was asked for since last time. */
  #takePrune(): boolean {
    const pruned = this.#pruned;
    this.#pruned = false;
    return pruned;
  }

  #or(): Test {
    let left = this.#and();
    while (["-o", "-or"].includes(this.#words[this.#at] ?? "")) {
      this.#at++;
      const [first, second] = [left, this.#and()];
      left = async (found) => (await first(found)) || (await second(found));
    }
    return left;
  }

  #and(): Test {
    let left = this.#primary();
    while (this.#at < this.#words.length && !["-o", "-or", ")"].includes(this.#words[this.#at] ?? "")) {
      if (["-a", "-and"].includes(this.#words[this.#at] ?? "")) this.#at++;
      const [first, second] = [left, this.#primary()];
      left = async (found) => (await first(found)) && (await second(found));
    }
    return left;
  }

  #primary(): Test {
    const word = this.#words[this.#at++] ?? "";
    switch (word) {
      case "!":
      case "-not": {
        const inner = this.#primary();
        return async (found) => !(await inner(found));
      }
      case "(": {
        const inner = this.#or();
        if (this.#words[this.#at++] !== ")") throw new SyntaxError("missing closing ')'");
        return inner;
      }
      case "-name":
      case "-iname": {
        const fold = word === "-iname" ? (text: string) => text.toLowerCase() : (text: string) => text;
        const pattern = compileGlob(fold(this.#argument(word)));
        return ({ path }) => matches(pattern, fold(baseName(path)));
      }
      case "-path": {
        const pattern = compileGlob(this.#argument(word));
        return ({ path }) => matches(pattern, path);
      }
      case "-type": {
        const kind = { f: "file", d: "directory", l: "symlink", c: "device" }[this.#argument(word)];
        return ({ node }) => node.kind === kind;
      }
      case "-size": {
        const [, sign, count = "0", unit = "b"] = /^([-+]?)(\d+)([cbkMG]?)$/.exec(this.#argument(word)) ?? [];
        const scale = { c: 1, k: 1024, M: 1024 ** 2, G: 1024 ** 3 }[unit] ?? 512;
        return ({ node }) => compare(sign, Math.ceil(sizeOf(node) / scale), Number(count));
      }
      case "-mtime":
      case "-mmin": {
        const [, sign, count = "0"] = /^([-+]?)(\d+)$/.exec(this.#argument(word)) ?? [];
        const unit = word === "-mmin" ? 60_000 : 86_400_000;
        return ({ node }) => compare(sign, Math.floor((this.#process.clock.now() - node.mtime) / unit), Number(count));
      }
      case "-perm": {
        const mode = Number.parseInt(this.#argument(word).replace(/^[-/]/, ""), 8);
        return ({ node }) => (node.mode & mode) === mode;
      }
      case "-empty":
        return ({ node }) =>
          node.kind === "file"
            ? sizeOf(node) === 0
            : node.kind === "directory" && node.names(this.#process.pid).length === 0;
      case "-user":
        this.#argument(word);
        return ({ node }) => node.uid === 0;
      case "-maxdepth":
        this.#maxDepth = Number(this.#argument(word));
        return () => true;
      case "-mindepth":
        this.#minDepth = Number(this.#argument(word));
        return () => true;
      case "-prune":
        return () => (this.#pruned = true);
      case "-print":
        this.#acts = true;
        return async ({ path }) => (await this.#process.print(`${path}\n`), true);
      case "-print0":
        this.#acts = true;
        return async ({ path }) => (await this.#process.print(`${path}\0`), true);
      case "-ls":
        this.#acts = true;
        return async ({ path, node }) => (
          await this.#process.print(`${modeText(node)} ${sizeOf(node)} ${path}\n`),
          true
        );
      case "-delete":
        this.#acts = true;
        return ({ path, node }) => {
          if (node.kind === "directory") this.#process.machine.fileSystem.removeDirectory(this.#process, path);
          else this.#process.machine.fileSystem.removeFile(this.#process, path);
          return true;
        };
      case "-exec": {
        this.#acts = true;
        const end = this.#words.findIndex((each, index) => index >= this.#at && (each === ";" || each === "+"));
        if (end < 0) throw new SyntaxError("-exec requires an argument");
        const command = this.#words.slice(this.#at, end);
        this.#at = end + 1;
        return ({ path }) => this.#execute(command.map((each) => each.replaceAll("{}", path)));
      }
      default:
        throw new SyntaxError(this.#call.flavour === "gnu" ? `unknown predicate \`${word}'` : `unrecognized: ${word}`);
    }
  }

  #argument(word: string): string {
    const argument = this.#words[this.#at++];
    if (argument === undefined)
      throw new SyntaxError(
        this.#call.flavour === "gnu" ? `missing argument to \`${word}'` : `${word} requires an argument`,
      );
    return argument;
  }

  async #execute(argv: readonly string[]): Promise<boolean> {
    const { machine } = this.#process;
    const path = findInPath(machine.fileSystem, this.#process, argv[0] ?? "", this.#process.env.get("PATH"));
    if (path === undefined) {
      await complain(
        this.#process,
        this.#call,
        `${this.#call.flavour === "gnu" ? `'${argv[0] ?? ""}'` : (argv[0] ?? "")}: No such file or directory`,
      );
      return false;
    }
    const executable = loadExecutable(machine, this.#process, path, argv);
    return (await this.#process.wait(this.#process.spawn(executable))).code === 0;
  }
}

function compare(sign: string | undefined, value: number, wanted: number): boolean {
  return sign === "+" ? value > wanted : sign === "-" ? value < wanted : value === wanted;
}
