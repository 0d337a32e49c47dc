import type { FileError } from "../filesystem/file-error";
import { joinPath } from "../filesystem/path";
import { type Applet, attempt, complain, readOptions } from "./applet";
import { needOperands } from "./operands";

/** Tools that make files, or change their time and size. */

const touch: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "acmd:t:r:",
    long: { "date:": "d", "no-create": "c" },
    usage: "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...",
  });
  await needOperands(process, call, options.operands, 1, "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...");
  let status = 0;
  const { fileSystem, clock } = process.machine;
  for (const path of options.operands) {
    const words = (error: FileError): string =>
      call.flavour === "gnu" ? `cannot touch '${path}': ${error.message}` : `${path}: ${error.message}`;
    const done = await attempt(
      process,
      call,
      () => {
        if (fileSystem.find(process, path)) fileSystem.change(process, path, { mtime: clock.now() });
        else if (!options.flags.has("c")) fileSystem.open(process, path, { write: true, create: true }).release();
        return true;
      },
      words,
    );
    if (!done) status = 1;
  }
  return status;
};

const mktemp: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "dqup:t", usage: "[-dt] [-p DIR] [TEMPLATE]" });
  const template = options.operands[0] ?? "tmp.XXXXXXXXXX";
  const folder =
    options.values.get("p") ??
    (options.operands.length === 0 || options.flags.has("t") ? (process.env.get("TMPDIR") ?? "/tmp") : undefined);
  const name = template.replace(/X{3,}$/, (marks) =>
    Array.from(marks)
      .map(() => LETTERS[process.machine.random.below(LETTERS.length)])
      .join(""),
  );
  const path = folder === undefined ? name : joinPath(folder, name);
  const { fileSystem } = process.machine;
  const done = await attempt(
    process,
    call,
    () => (
      options.flags.has("d")
        ? fileSystem.makeDirectory(process, path, 0o700)
        : fileSystem.open(process, path, { write: true, create: true, exclusive: true }, 0o600).release(),
      true
    ),
    (error) => `${path}: ${error.message}`,
  );
  if (!done) return 1;
  await process.print(`${path}\n`);
  return 0;
};

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

const truncate: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "cs:",
    long: { "size:": "s" },
    usage: "[-c] -s SIZE FILE...",
  });
  const [, digits = "0", unit = ""] = /^(\d+)([kKmMgG]?)/.exec(options.values.get("s") ?? "0") ?? [];
  const size = Number(digits) * 1024 ** (unit === "" ? 0 : "kmg".indexOf(unit.toLowerCase()) + 1);
  if (size > 64 * 1024 * 1024) return (await complain(process, call, "File too large"), 1);
  const { fileSystem } = process.machine;
  for (const path of options.operands) {
    const old = fileSystem.find(process, path)?.kind === "file" ? fileSystem.readFile(process, path) : new Uint8Array();
    const content = new Uint8Array(size);
    content.set(old.subarray(0, size));
    fileSystem.writeFile(process, path, content);
  }
  return 0;
};

const sync: Applet = () => Promise.resolve(0);

export const touchApplets: readonly (readonly [string, Applet])[] = [
  ["touch", touch],
  ["mktemp", mktemp],
  ["truncate", truncate],
  ["sync", sync],
];
