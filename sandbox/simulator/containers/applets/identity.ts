import { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";
import { findInPath, loadExecutable } from "../processes/executable";
import { type Applet, complain, readOptions, usage } from "./applet";
import { formatDate } from "./date-format";
import { nameOf } from "./file-texts";

/** Tools that say who, where and when. */

const id: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "unGgr",
    long: { user: "u", group: "g", groups: "G", name: "n" },
    usage: "[-ugGnr] [USER]",
  });
  const user = (uid: number): string => nameOf(process, "/etc/passwd", uid);
  const group = (gid: number): string => nameOf(process, "/etc/group", gid);
  const named = options.flags.has("n");
  if (options.flags.has("u")) await process.print(`${named ? user(process.uid) : process.uid}\n`);
  else if (options.flags.has("g")) await process.print(`${named ? group(process.gid) : process.gid}\n`);
  else if (options.flags.has("G"))
    await process.print(`${process.groups.map((gid) => (named ? group(gid) : gid)).join(" ")}\n`);
  else {
    const label = (number: number, name: string): string =>
      name === String(number) ? String(number) : `${number}(${name})`;
    await process.print(
      `uid=${label(process.uid, user(process.uid))} gid=${label(process.gid, group(process.gid))} groups=${process.groups.map((gid) => label(gid, group(gid))).join(",")}\n`,
    );
  }
  return 0;
};

const whoami: Applet = async (process, call) => {
  const name = nameOf(process, "/etc/passwd", process.uid);
  if (name === String(process.uid)) {
    await complain(
      process,
      call,
      call.flavour === "gnu" ? `cannot find name for user ID ${process.uid}` : `unknown uid ${process.uid}`,
    );
    return 1;
  }
  await process.print(`${name}\n`);
  return 0;
};

const hostname: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "ifsdI", usage: "[-sidf] [HOSTNAME | -F FILE]" });
  if (options.operands.length > 0) {
    await complain(
      process,
      call,
      call.flavour === "gnu" ? "you must be root to change the host name" : "sethostname: Operation not permitted",
    );
    return 1;
  }
  const { machine } = process;
  if (options.flags.has("i") || options.flags.has("I"))
    await process.print(`${machine.network.address}${options.flags.has("I") ? " " : ""}\n`);
  else if (options.flags.has("d")) await process.print("\n");
  else await process.print(`${options.flags.has("s") ? (machine.hostname.split(".")[0] ?? "") : machine.hostname}\n`);
  return 0;
};

const env: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "+iu:0",
    long: { "ignore-environment": "i", "unset:": "u" },
    usage: "[-iu0] [-] [name=value]... [PROG ARGS]",
  });
  const values =
    options.flags.has("i") || options.operands[0] === "-" ? new Map<string, string>() : new Map(process.env);
  for (const [name, value] of options.all) if (name === "u") values.delete(value);
  const operands = options.operands.filter((word, index) => index > 0 || word !== "-");
  let at = 0;
  for (; /^[^=]+=/.test(operands[at] ?? ""); at++) {
    const word = operands[at] ?? "";
    values.set(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1));
  }
  const argv = operands.slice(at);
  if (argv.length === 0) {
    await process.print(
      [...values].map(([name, value]) => `${name}=${value}${options.flags.has("0") ? "\0" : "\n"}`).join(""),
    );
    return 0;
  }
  return runCommand(
    process,
    call.flavour === "gnu" ? `${call.name}: '${argv[0] ?? ""}'` : `${call.name}: can't execute '${argv[0] ?? ""}'`,
    argv,
    values,
  );
};

/** Becomes another program, like execvp: 127 when there is none, 126 when it cannot run. */
export async function runCommand(
  process: Process,
  complaint: string,
  argv: readonly string[],
  env: ReadonlyMap<string, string> = process.env,
): Promise<number> {
  const { machine } = process;
  const path = findInPath(machine.fileSystem, process, argv[0] ?? "", env.get("PATH") ?? process.env.get("PATH"));
  try {
    if (path === undefined) throw new FileError("ENOENT");
    const executable = loadExecutable(machine, process, path, argv);
    process.argv = executable.argv;
    const values = new Map(env);
    process.env.clear();
    for (const [name, value] of values) process.env.set(name, value);
    return await executable.program(process);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await process.complain(`${complaint}: ${error.message}\n`);
    return error.code === "ENOENT" ? 127 : 126;
  }
}

const printenv: Applet = async (process, call) => {
  if (call.args.length === 0) {
    for (const [name, value] of process.env) await process.print(`${name}=${value}\n`);
    return 0;
  }
  let status = 0;
  for (const name of call.args) {
    const value = process.env.get(name);
    if (value === undefined) status = 1;
    else await process.print(`${value}\n`);
  }
  return status;
};

const date: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "ud:r:R",
    long: { utc: "u", "date:": "d", "iso-8601": "iso", "iso-8601:": "iso", "rfc-email": "R" },
    usage: "[OPTIONS] [+FMT] [[-s] TIME]",
  });
  const given = options.values.get("d");
  let time = process.clock.now();
  if (given !== undefined) {
    time = given.startsWith("@")
      ? Number(given.slice(1)) * 1000
      : given === "now"
        ? time
        : Date.parse(
            /[zZ]|[-+]\d\d:?\d\d$/.test(given) ? given : `${given.replace(" ", "T")}${/\d:\d/.test(given) ? "Z" : ""}`,
          );
    if (Number.isNaN(time)) {
      await complain(process, call, `invalid date '${given}'`);
      return 1;
    }
  }
  const [format] = options.operands;
  if (format !== undefined && !format.startsWith("+")) {
    await complain(
      process,
      call,
      call.flavour === "gnu" ? `cannot set date: Operation not permitted` : "can't set date: Operation not permitted",
    );
    return 1;
  }
  const otherwise = options.flags.has("R")
    ? "%a, %d %b %Y %H:%M:%S +0000"
    : options.flags.has("iso") || options.values.has("iso")
      ? "%Y-%m-%d"
      : "%a %b %e %H:%M:%S UTC %Y";
  await process.print(`${formatDate(time, format?.slice(1) ?? otherwise)}\n`);
  return 0;
};

const uname: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "amnrspvio", long: { all: "a" }, usage: "[-amnrspvio]" });
  const all = options.flags.has("a");
  const parts = [
    ["s", "Linux"],
    ["n", process.machine.hostname],
    ["r", "6.18.44"],
    ["v", "#1 SMP PREEMPT_DYNAMIC"],
    ["m", "x86_64"],
    ["o", call.flavour === "gnu" ? "GNU/Linux" : "GNU/Linux"],
  ] as const;
  const shown = parts.filter(
    ([letter]) => all || options.flags.has(letter) || (options.flags.size === 0 && letter === "s"),
  );
  await process.print(`${shown.map(([, text]) => text).join(" ")}\n`);
  return 0;
};

const arch: Applet = async (process) => (await process.print("x86_64\n"), 0);

const pwd: Applet = async (process) => (await process.print(`${process.cwd}\n`), 0);

const which: Applet = async (process, call) => {
  const names = call.args.filter((word) => word !== "-a");
  if (names.length === 0 && call.flavour === "busybox") return usage(process, call, "[-a] COMMAND...");
  let status = 0;
  for (const name of names) {
    const path = findInPath(process.machine.fileSystem, process, name, process.env.get("PATH"));
    const node = path === undefined ? undefined : process.machine.fileSystem.find(process, path);
    if (path !== undefined && node?.kind === "file" && process.machine.fileSystem.mayExecute(process, node))
      await process.print(`${path}\n`);
    else status = 1;
  }
  return status;
};

const uptime: Applet = async (process) => {
  const now = process.clock.now();
  const minutes = Math.floor((now - process.machine.bootedAt) / 60_000);
  const span =
    minutes < 60
      ? `${minutes} min`
      : minutes < 1440
        ? `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`
        : `${Math.floor(minutes / 1440)} days, ${Math.floor((minutes % 1440) / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  await process.print(
    ` ${new Date(now).toISOString().slice(11, 19)} up ${span},  0 users,  load average: 0.08, 0.05, 0.01\n`,
  );
  return 0;
};

const free: Applet = async (process, call) => {
  const divide = call.args.includes("-m") ? 1024 : call.args.includes("-g") ? 1024 * 1024 : 1;
  const row = (label: string, values: readonly number[]): string =>
    `${label.padEnd(7)}${values.map((value) => String(Math.floor(value / divide)).padStart(12)).join("")}\n`;
  await process.print(
    `${" ".repeat(7)}${["total", "used", "free", "shared", "buff/cache", "available"].map((text) => text.padStart(12)).join("")}\n${row("Mem:", [8_152_912, 1_942_108, 3_920_144, 10_240, 2_290_660, 6_221_804])}${row("Swap:", [0, 0, 0])}`,
  );
  return 0;
};

const nproc: Applet = async (process) => (await process.print("2\n"), 0);

const tty: Applet = async (process) => {
  const terminal = process.descriptor(0)?.terminal !== undefined;
  await process.print(terminal ? "/dev/pts/0\n" : "not a tty\n");
  return terminal ? 0 : 1;
};

const clear: Applet = async (process) => (await process.print("\x1b[H\x1b[J"), 0);

const stty: Applet = async (process, call) => {
  const { terminal } = process;
  if (!terminal) {
    await complain(
      process,
      call,
      call.flavour === "gnu"
        ? "'standard input': Inappropriate ioctl for device"
        : "standard input: Inappropriate ioctl for device",
    );
    return 1;
  }
  if (call.args[0] === "size") await process.print(`${terminal.size.rows} ${terminal.size.columns}\n`);
  else if (call.args.length === 0) await process.print("speed 38400 baud; line = 0;\n-brkint -imaxbel\n");
  for (const word of call.args) {
    if (/^-?echo$/.test(word)) terminal.setMode({ echo: word === "echo" });
    else if (word === "raw" || word === "-icanon")
      terminal.setMode({ canonical: false, ...(word === "raw" && { signals: false }) });
    else if (word === "sane" || word === "-raw" || word === "icanon" || word === "cooked")
      terminal.setMode({ canonical: true, ...(word === "sane" && { echo: true }), signals: true });
  }
  return 0;
};

export const identityApplets: readonly (readonly [string, Applet])[] = [
  ["id", id],
  ["whoami", whoami],
  ["hostname", hostname],
  ["env", env],
  ["printenv", printenv],
  ["date", date],
  ["uname", uname],
  ["arch", arch],
  ["pwd", pwd],
  ["which", which],
  ["uptime", uptime],
  ["free", free],
  ["nproc", nproc],
  ["tty", tty],
  ["clear", clear],
  ["stty", stty],
];
