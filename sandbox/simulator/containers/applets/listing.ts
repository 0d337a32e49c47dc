import type { FileError } from "../filesystem/file-error";
import type { Node } from "../filesystem/nodes";
import { joinPath } from "../filesystem/path";
import type { Process } from "../processes/process";
import { type Applet, attempt, type Call, complain, type Options, readOptions, toBytes } from "./applet";

/** Tools that show what files there are: ls, stat, du, df. */

interface Entry {
  readonly name: string;
  readonly node: Node;
  readonly path: string;
}

const ls: Applet = async (process, call) => {
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

export function sizeOf(node: Node): number {
  return node.kind === "file"
    ? node.content().byteLength
    : node.kind === "symlink"
      ? node.target.length
      : node.kind === "directory"
        ? 4096
        : 0;
}

export function modeText(node: Node): string {
  const type = { file: "-", directory: "d", symlink: "l", device: "c" }[node.kind];
  const bits = [6, 3, 0].map((shift) =>
    ["r", "w", "x"].map((letter, index) => ((node.mode >> shift) & (4 >> index) ? letter : "-")).join(""),
  );
  const text = type + bits.join("");
  return node.mode & 0o1000 ? text.slice(0, -1) + (text.endsWith("x") ? "t" : "T") : text;
}

/** `Nov 21 07:44`, or with the year when it is half a year away. */
export function timeText(ms: number, now: number): string {
  const date = new Date(ms);
  const month =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][date.getUTCMonth()] ?? "";
  const day = String(date.getUTCDate()).padStart(2);
  const recent = Math.abs(now - ms) < 15_778_476_000;
  return `${month} ${day} ${recent ? date.toISOString().slice(11, 16) : ` ${date.getUTCFullYear()}`}`;
}

export function humanSize(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  let value = bytes;
  let unit = -1;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}${"KMGTP"[unit] ?? ""}`;
}

export function nameOf(process: Process, file: string, id: number): string {
  const node = process.machine.fileSystem.find(process, file);
  if (node?.kind !== "file") return String(id);
  const line = new TextDecoder()
    .decode(node.content())
    .split("\n")
    .find((each) => each.split(":")[2] === String(id));
  return line?.split(":")[0] ?? String(id);
}

const stat: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "Lc:ft",
    long: { "format:": "c", "printf:": "c" },
    usage: "[-ltf] [-c FMT] FILE...",
  });
  let status = 0;
  for (const path of options.operands) {
    const node = await attempt(
      process,
      call,
      () => process.machine.fileSystem.stat(process, path, options.flags.has("L")),
      (error) =>
        call.flavour === "gnu" ? `cannot statx '${path}': ${error.message}` : `can't stat '${path}': ${error.message}`,
    );
    if (!node) {
      status = 1;
      continue;
    }
    const kind = {
      file: sizeOf(node) === 0 ? "regular empty file" : "regular file",
      directory: "directory",
      symlink: "symbolic link",
      device: "character special file",
    }[node.kind];
    const values: Readonly<Record<string, string>> = {
      n: path,
      s: String(sizeOf(node)),
      a: (node.mode & 0o7777).toString(8),
      A: modeText(node),
      F: kind,
      u: String(node.uid),
      g: String(node.gid),
      U: nameOf(process, "/etc/passwd", node.uid),
      G: nameOf(process, "/etc/group", node.gid),
      Y: String(Math.floor(node.mtime / 1000)),
      y: stampOf(node.mtime),
      h: "1",
      b: String(Math.ceil(sizeOf(node) / 512)),
      "%": "%",
    };
    const format = options.values.get("c");
    if (format !== undefined)
      await process.write(
        1,
        toBytes(`${format.replace(/%([a-zA-Z%])/g, (whole, letter: string) => values[letter] ?? whole)}\n`),
      );
    else {
      const owner = (id: number, name: string): string => `${String(id).padStart(5)}/${name.padStart(8)}`;
      await process.print(
        `  File: ${path}${node.kind === "symlink" ? ` -> ${node.target}` : ""}\n  Size: ${String(sizeOf(node)).padEnd(10)}\tBlocks: ${String(Math.ceil(sizeOf(node) / 512)).padEnd(10)} IO Block: 4096   ${kind}\nDevice: 0,45\tInode: 1           Links: 1\nAccess: (${(node.mode & 0o7777).toString(8).padStart(4, "0")}/${modeText(node)})  Uid: (${owner(node.uid, values.U ?? "")})   Gid: (${owner(node.gid, values.G ?? "")})\nAccess: ${stampOf(node.mtime)}\nModify: ${stampOf(node.mtime)}\nChange: ${stampOf(node.mtime)}\n`,
      );
    }
  }
  return status;
};

function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().replace("T", " ").replace("Z", "000000")} +0000`;
}

const du: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "shakcmd:",
    long: { summarize: "s", "human-readable": "h", all: "a" },
    usage: "[-aHLdclsxhmk] [FILE]...",
  });
  const { fileSystem } = process.machine;
  const show = async (kilobytes: number, path: string): Promise<void> =>
    process.print(`${options.flags.has("h") ? humanSize(kilobytes * 1024) : kilobytes}\t${path}\n`);
  const measure = async (path: string, top: boolean): Promise<number> => {
    const node = fileSystem.stat(process, path, false);
    let total = Math.ceil(sizeOf(node) / 4096) * 4;
    if (node.kind === "directory")
      for (const name of fileSystem.list(process, path)) total += await measure(joinPath(path, name), false);
    await process.step();
    if (top || (!options.flags.has("s") && (node.kind === "directory" || options.flags.has("a"))))
      await show(total, path);
    return total;
  };
  let status = 0;
  for (const path of options.operands.length > 0 ? options.operands : ["."]) {
    if (
      (await attempt(
        process,
        call,
        () => measure(path, true),
        (error) => (call.flavour === "gnu" ? `cannot access '${path}': ${error.message}` : `${path}: ${error.message}`),
      )) === undefined
    )
      status = 1;
  }
  return status;
};

const df: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "hkmPTai",
    usage: "[-PkmhTai] [-B SIZE] [-t TYPE] [FILESYSTEM]...",
  });
  const human = options.flags.has("h");
  const amount = (kilobytes: number): string => (human ? humanSize(kilobytes * 1024) : String(kilobytes));
  const rows = [
    ["overlay", 61_255_492, 17_412_368, "/"],
    ["tmpfs", 65_536, 0, "/dev"],
    ...process.machine.fileSystem
      .mounts()
      .filter(({ path }) => path !== "/dev" && path !== "/proc")
      .map(({ path }) => ["/dev/vda1", 61_255_492, 17_412_368, path] as const),
  ] as const;
  await process.print(
    human
      ? "Filesystem                Size      Used Available Use% Mounted on\n"
      : "Filesystem           1K-blocks      Used Available Use% Mounted on\n",
  );
  for (const [source, total, used, path] of rows) {
    const share = Math.ceil((used * 100) / total);
    await process.print(
      `${source.padEnd(human ? 22 : 20)} ${amount(total).padStart(human ? 7 : 9)} ${amount(used).padStart(9)} ${amount(total - used).padStart(9)} ${String(share).padStart(3)}% ${path}\n`,
    );
  }
  return 0;
};

const mount: Applet = async (process, call) => {
  if (call.args.length > 0) {
    await complain(process, call, "permission denied (are you root?)");
    return 1;
  }
  const table = process.machine.fileSystem.readText(process, "/proc/mounts");
  await process.print(table.replace(/^(\S+) (\S+) (\S+) (\S+) 0 0$/gm, "$1 on $2 type $3 ($4)"));
  return 0;
};

export const listingApplets: readonly (readonly [string, Applet])[] = [
  ["ls", ls],
  ["stat", stat],
  ["du", du],
  ["df", df],
  ["mount", mount],
];
