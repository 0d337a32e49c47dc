import { type Applet, attempt, complain, readOptions } from "./applet";
import { joinPath } from "../filesystem/path";
import { humanSize, sizeOf } from "./file-texts";

/** Where the room went: du, df, mount. */

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

export const diskUsageApplets: readonly (readonly [string, Applet])[] = [
  ["du", du],
  ["df", df],
  ["mount", mount],
];
