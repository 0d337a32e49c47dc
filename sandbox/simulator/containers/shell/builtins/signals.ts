import { parseSignal, SIGNALS, type Signal } from "../../processes/signals";
import type { Shell } from "../shell";
import type { TrapName } from "../state";
import { quote, type Builtin } from "./builtin";

export const trap: Builtin = async (shell, args, name) => {
  const words = args[0] === "--" ? args.slice(1) : args;
  if (words.length === 0) {
    for (const [signal, action] of shell.state.traps) await shell.process.print(`trap -- ${quote(action)} ${signal}\n`);
    return 0;
  }
  const [first = ""] = words;
  const reset = first === "-" || (words.length === 1 && trapName(first) !== undefined) || /^\d+$/.test(first);
  for (const word of first === "-" || !reset ? words.slice(1) : words) {
    const signal = trapName(word);
    if (!signal) {
      await shell.complain(
        shell.state.dialect === "ash" ? `${word}: invalid signal specification` : `${word}: bad trap`,
        name,
      );
      return 1;
    }
    if (reset) shell.state.traps.delete(signal);
    else shell.state.traps.set(signal, first);
    if (signal !== "EXIT") shell.armTrap(signal);
  }
  return 0;
};

function trapName(word: string): TrapName | undefined {
  return word === "0" || word.toUpperCase() === "EXIT" ? "EXIT" : parseSignal(word);
}

export const kill: Builtin = async (shell, args, name) => {
  const ash = shell.state.dialect === "ash";
  if (args[0] === "-l" || args[0] === "-L") {
    const wanted = args[1];
    if (wanted === undefined)
      await shell.process.print(
        ash
          ? Object.entries(SIGNALS)
              .map(([signal, number]) => `${String(number).padStart(2)}) ${signal}\n`)
              .join("")
          : `${Object.keys(SIGNALS).join("\n")}\n`,
      );
    else {
      const signal = parseSignal(String(Number(wanted) > 128 ? Number(wanted) - 128 : wanted));
      if (signal) await shell.process.print(`${/^\d/.test(wanted) ? signal : SIGNALS[signal]}\n`);
    }
    return 0;
  }
  let signal: Signal = "TERM";
  let words = args;
  if (args[0] === "-s" || /^-[A-Z0-9]/i.test(args[0] ?? "")) {
    const text = args[0] === "-s" ? (args[1] ?? "") : (args[0] ?? "").slice(1);
    words = args.slice(args[0] === "-s" ? 2 : 1);
    const parsed = text === "0" ? undefined : parseSignal(text);
    if (!parsed && text !== "0") {
      if (ash) await shell.process.complain(`${shell.state.messageName}: bad signal name '${text}'\n`);
      else await shell.complain(`invalid signal number or name: ${text}`, name);
      return 1;
    }
    if (text === "0") return existing(shell, words);
    if (parsed) signal = parsed;
  }
  if (words.length === 0) {
    if (ash) await shell.process.complain(`${shell.state.messageName}: you need to specify whom to kill\n`);
    else await shell.complain("Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]...", name);
    return 1;
  }
  let status = 0;
  for (const word of words) {
    const job = word.startsWith("%")
      ? shell.state.jobs.find((each) => String(each.number) === word.slice(1) || word === "%%" || word === "%+")
      : undefined;
    const pid = Number(word);
    const { processes } = shell.process.machine;
    if (job) for (const child of job.processes) child.signal(signal);
    else if (Number.isInteger(pid) && pid < 0 && processes.signalGroup(-pid, signal)) continue;
    else if (Number.isInteger(pid) && pid > 0 && processes.get(pid)) processes.get(pid)?.signal(signal);
    else {
      const text = Number.isInteger(pid)
        ? ash
          ? `can't kill pid ${word}: No such process`
          : "No such process\n"
        : ash
          ? `invalid number '${word}'`
          : `Illegal number: ${word}`;
      if (ash) await shell.process.complain(`${shell.state.messageName}: ${text}\n`);
      else await shell.complain(text, name);
      status = 1;
    }
  }
  return status;
};

function existing(shell: Shell, pids: readonly string[]): Promise<number> {
  return Promise.resolve(pids.every((pid) => shell.process.machine.processes.get(Number(pid))) ? 0 : 1);
}
