import type { FileError } from "../filesystem/file-error";
import type { Node } from "../filesystem/nodes";
import { joinPath } from "../filesystem/path";
import type { Process } from "../processes/process";
import { type Applet, attempt, type Call, type Options, readOptions } from "./applet";
import { humanSize, modeText, nameOf, sizeOf, timeText } from "./file-texts";

interface Entry {
  readonly name: string;
  readonly node: Node;
  readonly path: string;
}
/** ls, as busybox and as GNU have it. */
export const ls: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "1lAadhFprtSRiLCxnsT",
    long: {
      all: "a",
      "almost-all": "A",
      directory: "d",
      recursive: "R",
      reverse: "r",
      "human-readable": "h",
      color: "color",
      "color:": "color",
    },
    usage: "[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...",
  });
  const { fileSystem } = process.machine;
  const operands = options.operands.length > 0 ? [...options.operands].sort() : ["."];
  const files: Entry[] = [];
  const folders: Entry[] = [];
  let status = 0;
  for (const path of operands) {
    const words = (error: FileError): string =>
      call.flavour === "gnu" ? `cannot access '${path}': ${error.message}` : `${path}: ${error.message}`;
    const node = await attempt(
      process,
      call,
      () => fileSystem.stat(process, path, !options.flags.has("l") && !options.flags.has("d")),
      words,
    );
    if (!node) status = call.flavour === "gnu" ? 2 : 1;
    else if (node.kind === "directory" && !options.flags.has("d")) folders.push({ name: path, node, path });
    else files.push({ name: path, node, path });
  }
  const listing = new Listing(process, options, call);
  if (files.length > 0) await listing.show(files, false);
  let first = files.length === 0;
  for (let at = 0; at < folders.length; at++) {
    const folder = folders[at];
    if (!folder) continue;
    if (operands.length > 1 || options.flags.has("R")) await process.print(`${first ? "" : "\n"}${folder.name}:\n`);
    first = false;
    const entries = await attempt(
      process,
      call,
      () => listing.entries(folder),
      (error) =>
        call.flavour === "gnu"
          ? `cannot open directory '${folder.name}': ${error.message}`
          : `can't open '${folder.name}': ${error.message}`,
    );
    if (!entries) {
      status = call.flavour === "gnu" ? 2 : 1;
      continue;
    }
    await listing.show(entries, true);
    if (options.flags.has("R"))
      folders.splice(
        at + 1,
        0,
        ...entries
          .filter(({ node, name }) => node.kind === "directory" && name !== "." && name !== "..")
          .map((entry) => ({ ...entry, name: joinPath(folder.name, entry.name) })),
      );
  }
  return status;
};

class Listing {
  readonly #process: Process;
  readonly #options: Options;
  readonly #call: Call;

  constructor(process: Process, options: Options, call: Call) {
    this.#process = process;
    this.#options = options;
    this.#call = call;
  }

  entries(folder: Entry): Entry[] {
    const { fileSystem } = this.#process.machine;
    const names = fileSystem.list(this.#process, folder.path);
    const dots = this.#options.flags.has("a") ? [".", ".."] : [];
    const all = this.#options.flags.has("a") || this.#options.flags.has("A");
    return [...dots, ...names.filter((name) => all || !name.startsWith("."))].flatMap((name) => {
      const path = joinPath(folder.path, name);
      const node = fileSystem.find(this.#process, path, false);
      return node ? [{ name, node, path }] : [];
    });
  }

  async show(unsorted: readonly Entry[], inFolder: boolean): Promise<void> {
    const { flags } = this.#options;
    const entries = [...unsorted];
    if (flags.has("t")) entries.sort((a, b) => b.node.mtime - a.node.mtime);
    else if (flags.has("S")) entries.sort((a, b) => sizeOf(b.node) - sizeOf(a.node));
    if (flags.has("r")) entries.reverse();
    if (flags.has("l") || flags.has("n")) return this.#showLong(entries, inFolder);
    const terminal = this.#process.descriptor(1)?.terminal;
    const names = entries.map((entry) => this.#decorated(entry));
    if (terminal && !flags.has("1"))
      await this.#process.print(
        this.#call.flavour === "gnu"
          ? columnsGnu(names, terminal.size.columns)
          : columnsBusybox(names, terminal.size.columns),
      );
    else await this.#process.print(names.map((name) => `${name}\n`).join(""));
  }

  async #showLong(entries: readonly Entry[], inFolder: boolean): Promise<void> {
    const human = this.#options.flags.has("h");
    const blocks = entries.reduce((sum, { node }) => sum + Math.ceil(sizeOf(node) / 4096) * 4, 0);
    if (inFolder) await this.#process.print(`total ${human ? humanSize(blocks * 1024) : blocks}\n`);
    const numeric = this.#options.flags.has("n");
    const rows = entries.map((entry) => {
      const { node } = entry;
      const size =
        node.kind === "device"
          ? `${node.numbers[0]},${String(node.numbers[1]).padStart(4)}`
          : human
            ? humanSize(sizeOf(node))
            : String(sizeOf(node));
      const link = node.kind === "symlink" ? ` -> ${node.target}` : "";
      const owner = numeric ? String(node.uid) : nameOf(this.#process, "/etc/passwd", node.uid);
      const group = numeric ? String(node.gid) : nameOf(this.#process, "/etc/group", node.gid);
      return {
        mode: modeText(node),
        links: node.kind === "directory" ? "2" : "1",
        owner,
        group,
        size,
        time: timeText(node.mtime, this.#process.clock.now()),
        name: this.#decorated(entry) + link,
      };
    });
    const width = (pick: (row: (typeof rows)[number]) => string, minimum = 0): number =>
      Math.max(minimum, ...rows.map((row) => pick(row).length));
    if (this.#call.flavour === "busybox") {
      for (const row of rows)
        await this.#process.print(
          `${row.mode} ${row.links.padStart(4)} ${row.owner.padEnd(8)} ${row.group.padEnd(8)} ${row.size.padStart(9)} ${row.time} ${row.name}\n`,
        );
      return;
    }
    const widths = {
      links: width((row) => row.links),
      owner: width((row) => row.owner),
      group: width((row) => row.group),
      size: width((row) => row.size),
    };
    for (const row of rows)
      await this.#process.print(
        `${row.mode} ${row.links.padStart(widths.links)} ${row.owner.padEnd(widths.owner)} ${row.group.padEnd(widths.group)} ${row.size.padStart(widths.size)} ${row.time} ${row.name}\n`,
      );
  }

  #decorated({ name, node }: Entry): string {
    const { flags } = this.#options;
    if (flags.has("F"))
      return (
        name +
        (node.kind === "directory"
          ? "/"
          : node.kind === "symlink"
            ? "@"
            : node.kind === "file" && (node.mode & 0o111) !== 0
              ? "*"
              : "")
      );
    return flags.has("p") && node.kind === "directory" ? `${name}/` : name;
  }
}

/** As few rows as fit, down then across, two blanks between columns as wide as they need. */
function columnsGnu(names: readonly string[], width: number): string {
  if (names.length === 0) return "";
  for (let rows = 1; rows <= names.length; rows++) {
    const count = Math.ceil(names.length / rows);
    const widths = Array.from({ length: count }, (_, column) =>
      Math.max(...names.slice(column * rows, (column + 1) * rows).map((name) => name.length)),
    );
    if (rows < names.length && widths.reduce((sum, each) => sum + each + 2, -2) >= width) continue;
    return Array.from(
      { length: rows },
      (_, row) =>
        `${widths
          .map((each, column) => (names[column * rows + row] ?? "").padEnd(column === count - 1 ? 0 : each + 2))
          .join("")
          .trimEnd()}\n`,
    ).join("");
  }
  return "";
}

/** All columns equally wide. */
function columnsBusybox(names: readonly string[], width: number): string {
  if (names.length === 0) return "";
  const cell = Math.max(...names.map((name) => name.length)) + 2;
  const across = Math.max(1, Math.floor(width / cell));
  const rows = Math.ceil(names.length / across);
  return Array.from({ length: rows }, (_, row) => {
    const line = Array.from({ length: across }, (__, column) => names[column * rows + row] ?? "").filter(
      (name) => name !== "",
    );
    return `${line
      .map((name) => name.padEnd(cell))
      .join("")
      .trimEnd()}\n`;
  }).join("");
}
