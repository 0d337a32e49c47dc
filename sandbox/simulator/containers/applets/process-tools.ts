import { FileError } from "../filesystem/file-error";
import { findInPath, loadExecutable } from "../processes/executable";
import type { Process } from "../processes/process";
import { parseSignal, type Signal } from "../processes/signals";
import { type Applet, type Call, complain, fromBytes, readOptions, toBytes, usage } from "./applet";
import { expressionResult } from "./expr";
import { runCommand } from "./identity";
import { nameOf } from "./file-texts";
import { evaluateTest } from "./test-expression";

/** Tools about processes and time: sleep, ps, kill, xargs, timeout, watch, test, expr. */

const sleep: Applet = async (process, call) => {
  if (call.args.length === 0)
    return (
      call.flavour === "gnu" ? await complain(process, call, "missing operand") : undefined,
      usage(process, call, "[N]...")
    );
  let total = 0;
  for (const word of call.args) {
    const seconds = duration(word);
    if (seconds === undefined) {
      await complain(
        process,
        call,
        call.flavour === "gnu" ? `invalid time interval '${word}'` : `invalid number '${word}'`,
      );
      return call.flavour === "gnu" ? usage(process, call) : 1;
    }
    total += seconds;
  }
  const until = process.clock.now() + total * 1000;
  // Timers cannot wait longer than this at once.
  while (process.clock.now() < until) await process.sleep(Math.min(until - process.clock.now(), 2_000_000_000));
  if (total === Infinity) await process.until(new Promise<never>(() => {}));
  return 0;
};

function duration(text: string): number | undefined {
  if (text === "infinity" || text === "inf") return Infinity;
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text);
  return match ? Number(match[1]) * ({ m: 60, h: 3600, d: 86_400 }[match[2] ?? ""] ?? 1) : undefined;
}

const usleep: Applet = async (process, call) => (await process.sleep(Number(call.args[0] ?? 0) / 1000), 0);

const ps: Applet = async (process) => {
  await process.print("PID   USER     TIME  COMMAND\n");
  for (const each of process.machine.processes.all()) {
    const user = nameOf(process, "/etc/passwd", each.uid).slice(0, 8).padEnd(8);
    await process.print(`${String(each.pid).padStart(5)} ${user}  0:00 ${each.argv.join(" ") || "[]"}\n`);
  }
  return 0;
};

const pidof: Applet = async (process, call) => {
  const pattern = call.args.find((word) => !word.startsWith("-")) ?? "";
  const found = process.machine.processes
    .all()
    .filter(
      (each) =>
        each !== process &&
        (call.name === "pidof"
          ? each.name === pattern
          : call.args.includes("-f")
            ? each.argv.join(" ").includes(pattern)
            : each.name.includes(pattern)),
    );
  if (call.name === "pkill" || call.name === "killall") {
    const signal = signalIn(call.args) ?? "TERM";
    const targets = call.name === "killall" ? found.filter((each) => each.name === pattern) : found;
    if (targets.length === 0 && call.name === "killall") await complain(process, call, `${pattern}: no process killed`);
    for (const each of targets) each.signal(signal);
    return targets.length > 0 ? 0 : 1;
  }
  if (found.length > 0)
    await process.print(
      `${found
        .map((each) => each.pid)
        .sort((a, b) => (call.name === "pidof" ? b - a : a - b))
        .join(call.name === "pidof" ? " " : "\n")}\n`,
    );
  return found.length > 0 ? 0 : 1;
};

function signalIn(args: readonly string[]): Signal | undefined {
  const word = args.find((each) => /^-[A-Z0-9]/i.test(each));
  return word === undefined ? undefined : parseSignal(word.slice(1));
}

const kill: Applet = async (process, call) => {
  let signal: Signal | undefined = "TERM";
  let pids = call.args;
  const [first = ""] = call.args;
  if (first === "-l")
    return (await process.print("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM\n"), 0);
  if (first === "-s" || /^-[A-Z0-9]/i.test(first)) {
    const text = first === "-s" ? (call.args[1] ?? "") : first.slice(1);
    pids = call.args.slice(first === "-s" ? 2 : 1);
    signal = text === "0" ? undefined : parseSignal(text);
    if (!signal && text !== "0")
      return (
        await complain(
          process,
          call,
          call.flavour === "gnu" ? `'${text}': invalid signal` : `bad signal name '${text}'`,
        ),
        1
      );
  }
  if (pids.length === 0)
    return (
      await complain(
        process,
        call,
        call.flavour === "gnu" ? "no process ID specified" : "you need to specify whom to kill",
      ),
      1
    );
  let status = 0;
  for (const pid of pids) {
    const target = process.machine.processes.get(Number(pid));
    if (!target) {
      await complain(
        process,
        call,
        call.flavour === "gnu" ? `(${pid}): No such process` : `can't kill pid ${pid}: No such process`,
      );
      status = 1;
    } else if (signal) target.signal(signal);
  }
  return status;
};

const succeed: Applet = () => Promise.resolve(0);
const fail: Applet = () => Promise.resolve(1);

const test: Applet = async (process, call) => {
  if (call.name === "[" && call.args.at(-1) !== "]")
    return (await complain(process, call, call.flavour === "gnu" ? "missing ']'" : "missing ]"), 2);
  const result = evaluateTest(process, call.name === "[" ? call.args.slice(0, -1) : call.args);
  if (result.error)
    await complain(
      process,
      call,
      call.flavour === "gnu" ? `invalid integer '${result.error.word}'` : `${result.error.word}: bad number`,
    );
  return result.status;
};

const expr: Applet = async (process, call) => {
  const result = expressionResult(call.args);
  if ("error" in result) return (await complain(process, call, result.error), 2);
  await process.print(`${result.value}\n`);
  return result.value === "" || result.value === "0" ? 1 : 0;
};

const xargs: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "+n:I:r0tL:P:d:",
    long: { "no-run-if-empty": "r", null: "0", "max-args:": "n", "max-procs:": "P" },
    usage: "[OPTIONS] [PROG ARGS]",
  });
  const command = options.operands.length > 0 ? options.operands : ["echo"];
  const text = fromBytes(await process.readAll());
  const placeholder = options.values.get("I");
  const items = (
    placeholder !== undefined || options.values.has("L")
      ? text
          .split("\n")
          .map((line) => line.trim())
          .filter((line) => line !== "")
      : options.flags.has("0")
        ? text.split("\0").filter((item) => item !== "")
        : words(text)
  ).map((item) => new TextDecoder().decode(toBytes(item)));
  const size =
    placeholder !== undefined
      ? 1
      : Number(options.values.get("n") ?? options.values.get("L") ?? Math.max(items.length, 1));
  if (items.length === 0 && (options.flags.has("r") || call.flavour === "busybox") && options.flags.has("r")) return 0;
  const batches: string[][] = [];
  for (let at = 0; at < Math.max(items.length, 1); at += size) batches.push(items.slice(at, at + size));
  let status = 0;
  for (const batch of batches) {
    if (placeholder !== undefined && batch.length === 0) break;
    const argv =
      placeholder === undefined
        ? [...command, ...batch]
        : command.map((word) => word.replaceAll(placeholder, batch[0] ?? ""));
    if (options.flags.has("t")) await process.complain(`${argv.join(" ")}\n`);
    const code = await runChild(process, call, argv);
    if (code >= 126) return code;
    if (code !== 0) status = 123;
  }
  return status;
};

/** Words as xargs splits them: quotes and backslashes keep blanks. */
function words(text: string): string[] {
  const found = text.match(/(?:"[^"]*"|'[^']*'|\\[\s\S]|[^\s"'\\])+/g) ?? [];
  return found.map((word) =>
    word.replace(
      /"([^"]*)"|'([^']*)'|\\([\s\S])/g,
      (_, double: string | undefined, single: string | undefined, char: string | undefined) =>
        double ?? single ?? char ?? "",
    ),
  );
}

async function startChild(process: Process, call: Call, argv: readonly string[]): Promise<Process | number> {
  const path = findInPath(process.machine.fileSystem, process, argv[0] ?? "", process.env.get("PATH"));
  try {
    if (path === undefined) throw new FileError("ENOENT");
    return process.spawn(loadExecutable(process.machine, process, path, argv));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await complain(process, call, `${call.flavour === "gnu" ? "" : ""}${argv[0] ?? ""}: ${error.message}`);
    return error.code === "ENOENT" ? 127 : 126;
  }
}

async function runChild(process: Process, call: Call, argv: readonly string[]): Promise<number> {
  const child = await startChild(process, call, argv);
  return typeof child === "number" ? child : (await process.wait(child)).code;
}

const timeout: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "+s:k:",
    long: { "signal:": "s", "kill-after:": "k" },
    usage: "[-s SIG] [-k KILL_SECS] SECS PROG ARGS",
  });
  const [limit, ...argv] = options.operands;
  const seconds = duration(limit ?? "");
  if (seconds === undefined || argv.length === 0) return usage(process, call, "[-s SIG] [-k KILL_SECS] SECS PROG ARGS");
  const child = await startChild(process, call, argv);
  if (typeof child === "number") return child;
  const signal = parseSignal(options.values.get("s") ?? "TERM") ?? "TERM";
  const limitReached = { late: false };
  const timer = process.clock.schedule(seconds * 1000, () => {
    limitReached.late = true;
    child.signal(signal);
  });
  process.onEnd(() => timer.cancel());
  const { code } = await process.wait(child);
  timer.cancel();
  if (!limitReached.late) return code;
  if (call.flavour === "gnu") return 124;
  // In busybox the program runs in this very process, so its end is ours.
  process.signal(signal);
  return code;
};

const watch: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "+n:t",
    long: { "interval:": "n", "no-title": "t" },
    usage: "[-n SEC] [-t] PROG ARGS",
  });
  if (options.operands.length === 0) return usage(process, call, "[-n SEC] [-t] PROG ARGS");
  const seconds = Number(options.values.get("n") ?? 2) || 2;
  for (;;) {
    const title = `Every ${seconds.toFixed(1)}s: ${options.operands.join(" ")}`;
    const width = process.terminal?.size.columns ?? 80;
    const time = new Date(process.clock.now()).toISOString().slice(0, 19).replace("T", " ");
    await process.print(
      `\x1b[H\x1b[J${options.flags.has("t") ? "" : `${title.padEnd(width - time.length)}${time}\n\n`}`,
    );
    await runChild(process, call, ["sh", "-c", options.operands.join(" ")]);
    await process.sleep(seconds * 1000);
  }
};

const nohup: Applet = async (process, call) => {
  if (call.args.length === 0) return usage(process, call, "PROG ARGS");
  process.handle("HUP", "ignore");
  return runCommand(process, `${call.name}: can't execute '${call.args[0] ?? ""}'`, call.args);
};

const top: Applet = async (process, call) => {
  const once = call.args.includes("-b") || call.args.some((word) => word.startsWith("-n"));
  for (;;) {
    const all = process.machine.processes.all();
    const rows = all.map(
      (each) =>
        `${String(each.pid).padStart(5)} ${String(each.ppid).padStart(5)} ${nameOf(process, "/etc/passwd", each.uid).slice(0, 8).padEnd(8)} S     4392   0.0   0  0.0 ${each.argv.join(" ")}\n`,
    );
    await process.print(
      `${once ? "" : "\x1b[H\x1b[J"}Mem: 4232768K used, 3920144K free, 10240K shrd, 180224K buff, 2110460K cached\nCPU:   0.0% usr   0.0% sys   0.0% nic 100.0% idle   0.0% io   0.0% irq   0.0% sirq\nLoad average: 0.08 0.05 0.01 1/${all.length} ${process.pid}\n  PID  PPID USER     STAT   VSZ  %VSZ CPU %CPU COMMAND\n${rows.join("")}`,
    );
    if (once) return 0;
    await process.sleep(5000);
  }
};

export const processApplets: readonly (readonly [string, Applet])[] = [
  ["sleep", sleep],
  ["usleep", usleep],
  ["ps", ps],
  ["pidof", pidof],
  ["pgrep", pidof],
  ["pkill", pidof],
  ["killall", pidof],
  ["kill", kill],
  ["true", succeed],
  ["false", fail],
  ["test", test],
  ["[", test],
  ["expr", expr],
  ["xargs", xargs],
  ["timeout", timeout],
  ["watch", watch],
  ["nohup", nohup],
  ["top", top],
];
