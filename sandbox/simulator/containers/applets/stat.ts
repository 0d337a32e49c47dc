import { type Applet, attempt, readOptions, toBytes } from "./applet";
import { modeText, nameOf, sizeOf } from "./file-texts";

/** stat: all that is known of a file. */
export const stat: Applet = async (process, call) => {
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
