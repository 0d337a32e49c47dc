import { gunzipSync, gzipSync } from "fflate";
import { FileError } from "../filesystem/file-error";
import type { Node } from "../filesystem/nodes";
import { dirName, joinPath, resolvePath } from "../filesystem/path";
import { concat } from "../filesystem/open-file";
import type { Process } from "../processes/process";
import { type Applet, type Call, complain, fromBytes, toBytes } from "./applet";
import { makeParents } from "./directories";

const BLOCK = 512;

/** tar: c, x and t, with z, v, f, C, m and p: what `kubectl cp` calls and people type. */
export const tar: Applet = async (process, call) => {
  const words = [...call.args];
  const letters = new Set<string>();
  let file = "-";
  let folder = process.cwd;
  const operands: string[] = [];
  for (let first = true; words.length > 0; first = false) {
    const word = words.shift() ?? "";
    if (/^--/.test(word)) {
      if (word.startsWith("--directory=")) folder = resolvePath(process.cwd, word.slice(12));
      else if (word.startsWith("--file=")) file = word.slice(7);
      else if (word !== "--")
        letters.add({ "--create": "c", "--extract": "x", "--list": "t", "--gzip": "z", "--verbose": "v" }[word] ?? "");
    } else if (/^-./.test(word) || first) {
      for (const letter of word.replace(/^-/, "")) {
        if (letter === "f") file = words.shift() ?? "-";
        else if (letter === "C") folder = resolvePath(process.cwd, words.shift() ?? ".");
        else letters.add(letter);
      }
    } else operands.push(word);
  }
  const archive = new Archive(process, call, folder, letters.has("v"));
  if (letters.has("c")) {
    if (operands.length === 0) {
      await complain(
        process,
        call,
        call.flavour === "gnu" ? "Cowardly refusing to create an empty archive" : "empty archive",
      );
      return call.flavour === "gnu" ? 2 : 1;
    }
    return archive.create(operands, file, letters.has("z"));
  }
  if (letters.has("x") || letters.has("t"))
    return archive.extract(file, operands, { list: letters.has("t"), toStandardOutput: letters.has("O") });
  await complain(
    process,
    call,
    call.flavour === "gnu"
      ? "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options"
      : "no mode specified",
  );
  return call.flavour === "gnu" ? 2 : 1;
};

class Archive {
  readonly #process: Process;
  readonly #call: Call;
  readonly #folder: string;
  readonly #verbose: boolean;
  #failed = false;
  #stripped = false;

  constructor(process: Process, call: Call, folder: string, verbose: boolean) {
    this.#process = process;
    this.#call = call;
    this.#folder = folder;
    this.#verbose = verbose;
  }

  async create(operands: readonly string[], file: string, zip: boolean): Promise<number> {
    const blocks: Uint8Array[] = [];
    for (const operand of operands) await this.#add(operand, blocks, file === "-");
    blocks.push(new Uint8Array(BLOCK * 2));
    const size = blocks.reduce((sum, block) => sum + block.byteLength, 0);
    // GNU tar fills its last record of 20 blocks.
    const whole = new Uint8Array(Math.ceil(size / (BLOCK * 20)) * BLOCK * 20);
    let at = 0;
    for (const block of blocks) {
      whole.set(block, at);
      at += block.byteLength;
    }
    const bytes = zip ? gzipSync(whole) : whole;
    if (this.#failed) {
      await complain(
        this.#process,
        this.#call,
        this.#call.flavour === "gnu"
          ? "Exiting with failure status due to previous errors"
          : "error exit delayed from previous errors",
      );
      // Who unpacks stops at the archive's end: the complaints must have been heard by then.
      await this.#process.sleep(20);
    }
    if (file === "-") await this.#process.write(1, bytes);
    else this.#process.machine.fileSystem.writeFile(this.#process, resolvePath(this.#process.cwd, file), bytes);
    return this.#failed ? (this.#call.flavour === "gnu" ? 2 : 1) : 0;
  }

  async #add(path: string, blocks: Uint8Array[], toOutput: boolean): Promise<void> {
    const { fileSystem } = this.#process.machine;
    if (path.startsWith("/") && !this.#stripped) {
      this.#stripped = true;
      await complain(
        this.#process,
        this.#call,
        this.#call.flavour === "gnu"
          ? "Removing leading `/' from member names"
          : "removing leading '/' from member names",
      );
    }
    const where = resolvePath(this.#folder, path);
    await this.#process.step();
    let node: Node;
    try {
      node = fileSystem.stat(this.#process, where, false);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await complain(
        this.#process,
        this.#call,
        this.#call.flavour === "gnu"
          ? `${path}: Cannot stat: ${error.message}`
          : `can't stat '${path}': ${error.message}`,
      );
      this.#failed = true;
      return;
    }
    const name = path.replace(/^\/+/, "") || ".";
    if (this.#verbose) await this.#process.write(toOutput ? 2 : 1, `${name}\n`);
    const content = node.kind === "file" ? fileSystem.readFile(this.#process, where) : new Uint8Array();
    if (node.kind === "device") return;
    for (const block of header(
      node.kind === "directory" && !name.endsWith("/") ? `${name}/` : name,
      node,
      content.byteLength,
    ))
      blocks.push(block);
    if (content.byteLength > 0) {
      const padded = new Uint8Array(Math.ceil(content.byteLength / BLOCK) * BLOCK);
      padded.set(content);
      blocks.push(padded);
    }
    if (node.kind === "directory")
      for (const child of fileSystem.list(this.#process, where))
        await this.#add(joinPath(path, child), blocks, toOutput);
  }

  async extract(
    file: string,
    wanted: readonly string[],
    options: { list: boolean; toStandardOutput: boolean },
  ): Promise<number> {
    const { fileSystem } = this.#process.machine;
    let bytes: Uint8Array;
    try {
      bytes =
        file === "-"
          ? await this.#process.readAll()
          : fileSystem.readFile(this.#process, resolvePath(this.#process.cwd, file));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await complain(
        this.#process,
        this.#call,
        this.#call.flavour === "gnu"
          ? `${file}: Cannot open: ${error.message}`
          : `can't open '${file}': ${error.message}`,
      );
      return 2;
    }
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes);
    if (bytes.byteLength === 0 || bytes.byteLength % BLOCK !== 0) {
      if (bytes.byteLength === 0 && this.#call.flavour === "gnu") return 0;
      await complain(
        this.#process,
        this.#call,
        this.#call.flavour === "gnu" ? "This does not look like a tar archive" : "short read",
      );
      return this.#call.flavour === "gnu" ? 2 : 1;
    }
    for (const member of members(bytes)) {
      if (
        wanted.length > 0 &&
        !wanted.some((each) => member.name === each || member.name.startsWith(`${each.replace(/\/$/, "")}/`))
      )
        continue;
      await this.#process.step();
      if (options.list || this.#verbose) await this.#process.print(`${member.name}\n`);
      if (options.list) continue;
      if (options.toStandardOutput) await this.#process.write(1, member.content);
      else await this.#place(member);
    }
    return this.#failed ? 2 : 0;
  }

  async #place(member: Member): Promise<void> {
    const { fileSystem } = this.#process.machine;
    // A name can climb no higher than the folder.
    const path = joinPath(this.#folder, resolvePath("/", member.name).slice(1));
    try {
      if (member.type === "5") {
        makeParents(this.#process, path);
        return;
      }
      makeParents(this.#process, dirName(path));
      if (
        fileSystem.find(this.#process, path, false)?.kind === "symlink" ||
        (member.type === "2" && fileSystem.find(this.#process, path, false))
      )
        fileSystem.removeFile(this.#process, path);
      if (member.type === "2") fileSystem.symlink(this.#process, member.link, path);
      else {
        fileSystem.writeFile(this.#process, path, member.content, member.mode);
        fileSystem.change(this.#process, path, { mode: member.mode, mtime: member.mtime });
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await complain(
        this.#process,
        this.#call,
        this.#call.flavour === "gnu"
          ? `${member.name}: Cannot open: ${error.message}`
          : `can't open '${member.name}': ${error.message}`,
      );
      this.#failed = true;
    }
  }
}

interface Member {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly mtime: number;
  readonly link: string;
  readonly content: Uint8Array;
}

/** The members of an archive in ustar, GNU or pax form. */
function* members(bytes: Uint8Array): Generator<Member> {
  let longName: string | undefined;
  let longLink: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.byteLength;) {
    const block = bytes.subarray(at, at + BLOCK);
    if (block.every((byte) => byte === 0)) return;
    const text = (from: number, length: number): string =>
      fromBytes(block.subarray(from, from + length)).replace(/\0[\s\S]*$/, "");
    const octal = (from: number, length: number): number => Number.parseInt(text(from, length).trim() || "0", 8);
    const size = octal(124, 12);
    const type = text(156, 1) || "0";
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (type === "L") longName = fromBytes(content).replace(/\0[\s\S]*$/, "");
    else if (type === "K") longLink = fromBytes(content).replace(/\0[\s\S]*$/, "");
    else if (type === "x") {
      longName = /\d+ path=([^\n]*)\n/.exec(fromBytes(content))?.[1] ?? longName;
      longLink = /\d+ linkpath=([^\n]*)\n/.exec(fromBytes(content))?.[1] ?? longLink;
    } else if (type !== "g") {
      const prefix = text(257, 5) === "ustar" ? text(345, 155) : "";
      const name = longName ?? (prefix ? `${prefix}/${text(0, 100)}` : text(0, 100));
      yield {
        name: new TextDecoder().decode(toBytes(name)),
        type: name.endsWith("/") ? "5" : type,
        mode: octal(100, 8) & 0o7777,
        mtime: octal(136, 12) * 1000,
        link: longLink ?? text(157, 100),
        content,
      };
      longName = undefined;
      longLink = undefined;
    }
  }
}

/** The header of a member; a name too long for it goes into a member of its own before it. */
function header(name: string, node: Exclude<Node, { kind: "device" }>, size: number): Uint8Array[] {
  const bytes = new TextEncoder().encode(name);
  if (bytes.byteLength <= 100)
    return [oneHeader(bytes, node, size, { file: "0", directory: "5", symlink: "2" }[node.kind])];
  const long = new Uint8Array(Math.ceil((bytes.byteLength + 1) / BLOCK) * BLOCK);
  long.set(bytes);
  return [
    oneHeader(toBytes("././@LongLink"), node, bytes.byteLength + 1, "L"),
    long,
    oneHeader(bytes.subarray(0, 100), node, size, { file: "0", directory: "5", symlink: "2" }[node.kind]),
  ];
}

function oneHeader(name: Uint8Array, node: Exclude<Node, { kind: "device" }>, size: number, type: string): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(name);
  const put = (at: number, text: string): void => block.set(toBytes(text), at);
  put(100, `${(node.mode & 0o7777).toString(8).padStart(7, "0")}\0`);
  put(108, `${node.uid.toString(8).padStart(7, "0")}\0`);
  put(116, `${node.gid.toString(8).padStart(7, "0")}\0`);
  put(124, `${size.toString(8).padStart(11, "0")}\0`);
  put(
    136,
    `${Math.floor(node.mtime / 1000)
      .toString(8)
      .padStart(11, "0")}\0`,
  );
  put(148, "        ");
  put(156, type);
  if (node.kind === "symlink" && type === "2")
    block.set(concat(new TextEncoder().encode(node.target), new Uint8Array()).subarray(0, 100), 157);
  put(257, "ustar  \0");
  put(265, "root");
  put(297, "root");
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}
