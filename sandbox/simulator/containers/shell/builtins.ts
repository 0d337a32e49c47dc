import { FileError } from "../filesystem/file-error";
import { resolvePath } from "../filesystem/path";
import { echoText, printfText } from "../applets/format";
import { evaluateTest } from "../applets/test-expression";
import { findInPath } from "../processes/executable";
import { Interrupted, ProcessExit } from "../processes/program";
import { parseSignal, SIGNALS, type Signal } from "../processes/signals";
import { FunctionReturn, LoopJump, ShellError } from "./control";
import { readBuiltin } from "./read-builtin";
import type { Shell } from "./shell";
import { isName, OPTION_LETTERS, type ShellOptions, type TrapName } from "./state";

/** Runs inside the shell's own process. */
export type Builtin = (shell: Shell, args: readonly string[], name: string) => Promise<number>;

/** The builtins whose assignments stay and whose failures end a shell that is not interactive. */
export const specialBuiltins: ReadonlySet<string> = new Set([
  ":",
  ".",
  "break",
  "continue",
  "eval",
  "exec",
  "exit",
  "export",
  "readonly",
  "return",
  "set",
  "shift",
  "times",
  "trap",
  "unset",
]);

const KEYWORDS: ReadonlySet<string> = new Set([
  "if",
  "then",
  "else",
  "elif",
  "fi",
  "do",
  "done",
  "case",
  "esac",
  "while",
  "until",
  "for",
  "{",
  "}",
  "!",
  "in",
]);

const colon: Builtin = () => Promise.resolve(0);

const evaluate: Builtin = (shell, args) =>
  args.length > 0 ? shell.runText(args.join(" "), shell.line) : Promise.resolve(0);

const source: Builtin = async (shell, args, name) => {
  const [path] = args;
  if (path === undefined) return shell.state.dialect === "ash" ? shell.fail("filename argument required", name) : 0;
  const { fileSystem } = shell.process.machine;
  const found = path.includes("/") ? path : (findReadable(shell, path) ?? path);
  let text: string;
  try {
    text = fileSystem.readText(shell.process, found);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (shell.state.dialect === "bash") {
      await shell.complain(`${path}: ${error.message}`);
      return 1;
    }
    return shell.fail(
      shell.state.dialect === "ash"
        ? `can't open '${path}': ${error.message}`
        : `cannot open ${path}: ${error.code === "ENOENT" ? "No such file" : error.message}`,
      name,
    );
  }
  const { positional } = shell.state;
  if (args.length > 1 && shell.state.dialect !== "dash") shell.state.positional = args.slice(1);
  try {
    return await shell.runText(text, 1);
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status;
    throw error;
  } finally {
    shell.state.positional = positional;
  }
};

function findReadable(shell: Shell, name: string): string | undefined {
  for (const folder of (shell.get("PATH") ?? "").split(":")) {
    const path = resolvePath(shell.process.cwd, `${folder || "."}/${name}`);
    if (shell.process.machine.fileSystem.find(shell.process, path)?.kind === "file") return path;
  }
  return undefined;
}

const jump =
  (kind: "break" | "continue"): Builtin =>
  (shell, args) => {
    const levels = Number(args[0] ?? 1);
    if (!Number.isInteger(levels) || levels < 1)
      return shell.fail(shell.state.dialect === "ash" ? "bad number" : `Illegal number: ${args[0] ?? ""}`, kind);
    if (shell.state.loopDepth === 0) return Promise.resolve(0);
    throw new LoopJump(kind, levels);
  };

const exit: Builtin = async (shell, args) => {
  if (args[0] === undefined) throw new ProcessExit(shell.state.lastStatus);
  if (!/^\d+$/.test(args[0]))
    await shell.fail(
      shell.state.dialect === "ash" ? `Illegal number: ${args[0]}` : `Illegal number: ${args[0]}`,
      "exit",
    );
  throw new ProcessExit(Number(args[0]) & 0xff);
};

const returnFrom: Builtin = async (shell, args) => {
  if (args[0] !== undefined && !/^\d+$/.test(args[0])) await shell.fail(`Illegal number: ${args[0]}`, "return");
  throw new FunctionReturn(args[0] === undefined ? shell.state.lastStatus : Number(args[0]) & 0xff);
};

const mark =
  (kind: "exported" | "readOnly"): Builtin =>
  async (shell, args, name) => {
    const words = args.filter((word) => word !== "-p" && word !== "-n" && word !== "--");
    if (words.length === 0) {
      const lines = [...shell.state.variables].filter(([, variable]) => variable[kind]).sort(byName);
      for (const [variable, { value }] of lines)
        await shell.process.print(`${name} ${variable}${value === undefined ? "" : `=${quote(value)}`}\n`);
      return 0;
    }
    for (const word of words) {
      const equals = word.indexOf("=");
      const variable = equals < 0 ? word : word.slice(0, equals);
      if (!isName(variable)) await shell.fail(`${variable}: bad variable name`, name);
      if (equals >= 0) await shell.set(variable, word.slice(equals + 1));
      const old = shell.state.variables.get(variable) ?? { value: undefined, exported: false, readOnly: false };
      const exported = args[0] === "-n" ? false : kind === "exported" || old.exported;
      shell.state.variables.set(variable, { ...old, exported, readOnly: kind === "readOnly" || old.readOnly });
    }
    return 0;
  };

const unset: Builtin = async (shell, args, name) => {
  let kind: "variable" | "function" | "either" = "either";
  for (const word of args) {
    if (word === "-v") kind = "variable";
    else if (word === "-f") kind = "function";
    else if (/^-./.test(word))
      return shell.fail(`${shell.state.dialect === "ash" ? "illegal" : "Illegal"} option ${word.slice(0, 2)}`, name);
    else if (kind === "function") shell.state.functions.delete(word);
    else {
      if (shell.state.variables.get(word)?.readOnly) return shell.fail(`${word}: is read only`, name);
      shell.state.variables.delete(word);
    }
  }
  return 0;
};

const set: Builtin = async (shell, args, name) => {
  if (args.length === 0) {
    for (const [variable, { value }] of [...shell.state.variables].sort(byName))
      if (value !== undefined) await shell.process.print(`${variable}=${quote(value)}\n`);
    return 0;
  }
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--" || !/^[-+]./.test(word)) {
      if (word === "-") return 0;
      shell.state.positional = args.slice(word === "--" ? at + 1 : at);
      return 0;
    }
    const on = word.startsWith("-");
    for (const letter of word.slice(1)) {
      if (letter === "o") {
        const long = args[++at];
        if (long === undefined) await listOptions(shell);
        else if (isOption(shell, long)) setOption(shell, long, on);
        else
          return shell.fail(
            shell.state.dialect === "ash"
              ? `illegal option ${on ? "-" : "+"}o ${long}`
              : `Illegal option ${on ? "-" : "+"}o ${long}`,
            name,
          );
      } else {
        const option = OPTION_LETTERS[letter];
        if (option) setOption(shell, option, on);
        else if (!"hBbl".includes(letter))
          return shell.fail(
            `${shell.state.dialect === "ash" ? "illegal" : "Illegal"} option ${on ? "-" : "+"}${letter}`,
            name,
          );
      }
    }
  }
  return 0;
};

function isOption(shell: Shell, name: string): name is keyof ShellOptions {
  return Object.hasOwn(shell.state.options, name) && (name !== "pipefail" || shell.state.dialect !== "dash");
}

function setOption(shell: Shell, option: keyof ShellOptions, on: boolean): void {
  if (option !== "interactive") shell.state.options[option] = on;
}

async function listOptions(shell: Shell): Promise<void> {
  await shell.process.print("Current option settings\n");
  for (const [name, on] of Object.entries(shell.state.options))
    await shell.process.print(`${name.padEnd(16)}${on ? "on" : "off"}\n`);
}

const shift: Builtin = async (shell, args, name) => {
  const count = Number(args[0] ?? 1);
  if (!Number.isInteger(count) || count < 0) return shell.fail(`Illegal number: ${args[0] ?? ""}`, name);
  if (count > shell.state.positional.length)
    return shell.state.dialect === "dash" ? shell.fail("can't shift that many", name) : 1;
  shell.state.positional = shell.state.positional.slice(count);
  return 0;
};

const trap: Builtin = async (shell, args, name) => {
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

const changeDirectory: Builtin = async (shell, args, name) => {
  const words = args.filter((word) => word !== "-L" && word !== "-P" && word !== "--");
  const old = shell.process.cwd;
  const target = words[0] === "-" ? shell.get("OLDPWD") : (words[0] ?? shell.get("HOME") ?? "/");
  if (target === undefined) {
    await shell.complain("OLDPWD not set", name);
    return 1;
  }
  const { fileSystem } = shell.process.machine;
  const path = resolvePath(old, target);
  try {
    const node = fileSystem.stat(shell.process, path);
    if (node.kind !== "directory") throw new FileError("ENOTDIR", path);
    fileSystem.find(shell.process, `${path}/.`);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const { dialect } = shell.state;
    await shell.complain(
      dialect === "bash"
        ? `${target}: ${error.message}`
        : `can't cd to ${target}${dialect === "ash" ? `: ${error.message}` : ""}`,
      name,
    );
    return dialect === "bash" ? 1 : 2;
  }
  shell.process.cwd = path;
  await shell.set("OLDPWD", old);
  await shell.set("PWD", path);
  if (words[0] === "-") await shell.process.print(`${path}\n`);
  return 0;
};

const workingDirectory: Builtin = async (shell, args) => {
  await shell.process.print(
    `${args.includes("-P") ? shell.process.machine.fileSystem.realPath(shell.process, shell.process.cwd) : shell.process.cwd}\n`,
  );
  return 0;
};

const echo: Builtin = async (shell, args) => {
  await shell.process.print(echoText(args, shell.state.dialect === "dash" ? "dash" : "ash"));
  return 0;
};

const printf: Builtin = async (shell, args, name) => {
  const words = args[0] === "--" ? args.slice(1) : args;
  const [format, ...rest] = words;
  if (format === undefined) {
    await shell.complain(
      shell.state.dialect === "ash" ? "usage: printf FORMAT [ARG]..." : "usage: printf format [arg ...]",
      shell.state.dialect === "ash" ? undefined : name,
    );
    return 2;
  }
  const result = printfText(format, rest);
  // The complaint comes first: standard output is written at the end.
  for (const word of result.invalid) {
    if (shell.state.dialect === "ash")
      await shell.process.complain(`${shell.state.messageName}: invalid number '${word}'\n`);
    else await shell.complain(`${word}: expected numeric value`, name);
  }
  if (result.badFormat !== undefined)
    await (shell.state.dialect === "ash"
      ? shell.process.complain(`${shell.state.messageName}: ${format}: invalid format\n`)
      : shell.complain(`${result.badFormat}: invalid directive`, name));
  await shell.process.print(result.text);
  return result.invalid.length > 0 || result.badFormat !== undefined ? 1 : 0;
};

const test: Builtin = async (shell, args, name) => {
  let words = args;
  if (name === "[") {
    if (args.at(-1) !== "]") {
      if (shell.state.dialect === "ash") await shell.process.complain(`${shell.state.messageName}: missing ]\n`);
      else await shell.complain(shell.state.dialect === "bash" ? "missing `]'" : "missing ]", name);
      return 2;
    }
    words = args.slice(0, -1);
  }
  const result = evaluateTest(shell.process, words);
  if (!result.error) return result.status;
  const { kind, word } = result.error;
  if (shell.state.dialect === "ash") {
    const text = {
      "bad number": `${word}: bad number`,
      unexpected: `${word}: unknown operand`,
      "argument expected": "argument expected",
      "closing paren expected": "closing paren expected",
    }[kind];
    await shell.process.complain(`${shell.state.messageName}: ${text}\n`);
  } else {
    const text = {
      "bad number": `Illegal number: ${word}`,
      unexpected: `${word}: unexpected operator`,
      "argument expected": "argument expected",
      "closing paren expected": "closing paren expected",
    }[kind];
    await shell.complain(text, name);
  }
  return 2;
};

const kill: Builtin = async (shell, args, name) => {
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

const wait: Builtin = async (shell, args) => {
  const wanted = args.map((word) =>
    word.startsWith("%")
      ? shell.state.jobs.find((job) => String(job.number) === word.slice(1))
      : shell.state.jobs.find((job) => job.processes.some((process) => String(process.pid) === word)),
  );
  const jobs = args.length === 0 ? shell.state.jobs : wanted;
  let status = 0;
  for (const job of jobs) {
    if (!job) {
      status = 127;
      continue;
    }
    for (const child of job.processes) {
      try {
        status = (await shell.process.wait(child)).code;
      } catch (error) {
        // A signal with a trap ends the wait.
        if (error instanceof Interrupted && shell.trapPending) return 130;
        throw error;
      }
    }
  }
  return args.length === 0 ? 0 : status;
};

const jobs: Builtin = async (shell) => {
  for (const job of shell.state.jobs) {
    const current = job === shell.state.jobs.at(-1) ? "+" : "-";
    const state = job.status === undefined ? "Running" : job.status === 0 ? "Done" : `Done(${job.status})`;
    await shell.process.print(
      `[${job.number}]${shell.state.dialect === "ash" ? `${current} ` : ` ${current}`} ${state.padEnd(26)} ${job.text}\n`,
    );
  }
  shell.state.jobs = shell.state.jobs.filter((job) => job.status === undefined);
  return 0;
};

const foreground: Builtin = async (shell, args, name) => {
  const job =
    args[0] === undefined
      ? shell.state.jobs.at(-1)
      : shell.state.jobs.find((each) => String(each.number) === args[0]?.replace(/^%/, ""));
  if (!job) {
    await shell.complain("no current job", name);
    return 1;
  }
  if (name === "bg") return 0;
  await shell.process.print(`${job.text}\n`);
  const status = await shell.waitForeground(job.processes);
  shell.state.jobs = shell.state.jobs.filter((each) => each !== job);
  return status;
};

const type: Builtin = async (shell, args) => {
  let status = 0;
  for (const word of args) {
    const kind = describe(shell, word);
    await (kind === undefined
      ? shell.process.print(`${word}: not found\n`)
      : shell.process.print(`${word} is ${kind.text}\n`));
    if (kind === undefined) status = shell.state.dialect === "bash" ? 1 : 127;
  }
  return status;
};

const command: Builtin = async (shell, args) => {
  const words = args.filter((word, index) => !(index === 0 && (word === "-p" || word === "--")));
  if (words[0] === "-v" || words[0] === "-V") {
    const [, word = ""] = words;
    const kind = describe(shell, word);
    if (!kind) {
      if (words[0] === "-V") await shell.process.print(`${word}: not found\n`);
      return 127;
    }
    await shell.process.print(words[0] === "-V" ? `${word} is ${kind.text}\n` : `${kind.short}\n`);
    return 0;
  }
  if (words.length === 0) return 0;
  const builtin = builtins.get(words[0] ?? "");
  if (builtin) return builtin(shell, words.slice(1), words[0] ?? "");
  // Programs go round aliases and functions: quoted, the name is neither.
  const { functions } = shell.state;
  const saved = functions.get(words[0] ?? "");
  functions.delete(words[0] ?? "");
  try {
    return await shell.runText(words.map(quote).join(" "), shell.line);
  } finally {
    if (saved) functions.set(words[0] ?? "", saved);
  }
};

function describe(shell: Shell, word: string): { text: string; short: string } | undefined {
  const alias = shell.state.aliases.get(word);
  if (alias !== undefined) return { text: `an alias for ${alias}`, short: `alias ${word}=${quote(alias)}` };
  if (KEYWORDS.has(word)) return { text: "a shell keyword", short: word };
  if (specialBuiltins.has(word)) return { text: "a special shell builtin", short: word };
  if (shell.state.functions.has(word))
    return { text: shell.state.dialect === "ash" ? "a function" : "a shell function", short: word };
  if (builtins.has(word)) return { text: "a shell builtin", short: word };
  const path = findInPath(shell.process.machine.fileSystem, shell.process, word, shell.get("PATH"));
  if (path === undefined || shell.process.machine.fileSystem.find(shell.process, path)?.kind !== "file")
    return undefined;
  return { text: path, short: path };
}

const alias: Builtin = async (shell, args) => {
  if (args.length === 0)
    for (const [name, value] of shell.state.aliases)
      await shell.process.print(`${shell.state.dialect === "bash" ? "alias " : ""}${name}=${quote(value)}\n`);
  let status = 0;
  for (const word of args) {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    if (equals > 0) shell.state.aliases.set(name, word.slice(equals + 1));
    else if (shell.state.aliases.has(word))
      await shell.process.print(`${word}=${quote(shell.state.aliases.get(word) ?? "")}\n`);
    else {
      await shell.complain(`${word}: not found`, "alias");
      status = 1;
    }
  }
  return status;
};

const unalias: Builtin = (shell, args) => {
  if (args[0] === "-a") shell.state.aliases.clear();
  const missing = args.filter((word) => word !== "-a" && !shell.state.aliases.delete(word));
  return Promise.resolve(missing.length > 0 ? 1 : 0);
};

const local: Builtin = async (shell, args, name) => {
  const frame = shell.frames.at(-1);
  if (!frame)
    return shell.fail("not in a function", name).catch((error: unknown) => {
      if (error instanceof ShellError) throw new ProcessExit(2);
      throw error;
    });
  for (const word of args) {
    if (/^-/.test(word)) continue;
    const equals = word.indexOf("=");
    const variable = equals < 0 ? word : word.slice(0, equals);
    if (!isName(variable)) return shell.fail(`${variable}: bad variable name`, name);
    const old = shell.state.variables.get(variable);
    if (!frame.has(variable)) frame.set(variable, old);
    if (equals >= 0) await shell.set(variable, word.slice(equals + 1));
    else
      shell.state.variables.set(variable, {
        value: shell.state.dialect === "dash" ? old?.value : undefined,
        exported: old?.exported ?? false,
        readOnly: false,
      });
  }
  return 0;
};

const umask: Builtin = async (shell, args, name) => {
  const [value] = args;
  if (value === undefined) await shell.process.print(`${shell.process.umask.toString(8).padStart(4, "0")}\n`);
  else if (/^[0-7]{1,4}$/.test(value)) shell.process.umask = Number.parseInt(value, 8) & 0o777;
  else return shell.fail(`Illegal mode: ${value}`, name);
  return 0;
};

const ulimit: Builtin = async (shell, args) => {
  await shell.process.print(args[0] === "-n" ? "1048576\n" : "unlimited\n");
  return 0;
};

const times: Builtin = async (shell) => {
  await shell.process.print("0m0.00s 0m0.00s\n0m0.00s 0m0.00s\n");
  return 0;
};

const getopts: Builtin = async (shell, args, name) => {
  const [spec = "", variable = "", ...given] = args;
  if (args.length < 2)
    return shell.fail(
      shell.state.dialect === "ash" ? "usage: getopts optstring var [arg]" : "Usage: getopts optstring var [arg]",
      name,
    );
  const words = given.length > 0 ? given : shell.state.positional;
  const position = shell.get("OPTIND") ?? "1";
  // "2:3" would be index 2, third letter: kept beside OPTIND so that scripts see a plain number.
  const hidden = shell.state.variables.get("\0getopts")?.value;
  let index = Number(position) - 1;
  let letter = hidden?.startsWith(`${position}:`) ? Number(hidden.slice(position.length + 1)) : 1;
  const remember = async (): Promise<void> => {
    await shell.set("OPTIND", String(index + 1));
    shell.state.variables.set("\0getopts", { value: `${index + 1}:${letter}`, exported: false, readOnly: false });
  };
  const word = words[index];
  if (word === undefined || !/^-./.test(word) || word === "--") {
    if (word === "--") index++;
    letter = 1;
    await remember();
    await shell.set(variable, "?");
    return 1;
  }
  const option = word[letter] ?? "";
  const at = spec.replace(/^:/, "").indexOf(option);
  const takes = spec.replace(/^:/, "")[at + 1] === ":";
  letter++;
  if (at < 0 || option === ":") {
    if (letter >= word.length) [index, letter] = [index + 1, 1];
    await remember();
    await shell.set(variable, "?");
    if (spec.startsWith(":")) await shell.set("OPTARG", option);
    else
      await shell.process.complain(
        `${shell.state.dialect === "ash" ? "Illegal option" : "Illegal option"} -${option}\n`,
      );
    return 0;
  }
  if (takes) {
    const attached = word.slice(letter);
    const value = attached || words[index + 1];
    index += attached ? 1 : 2;
    letter = 1;
    await remember();
    if (value === undefined) {
      await shell.set(variable, spec.startsWith(":") ? ":" : "?");
      if (spec.startsWith(":")) await shell.set("OPTARG", option);
      else await shell.process.complain(`No arg for -${option} option\n`);
      return 0;
    }
    await shell.set("OPTARG", value);
  } else {
    if (letter >= word.length) [index, letter] = [index + 1, 1];
    await remember();
    shell.state.variables.delete("OPTARG");
  }
  await shell.set(variable, option);
  return 0;
};

const help: Builtin = async (shell) => {
  await shell.process.print(
    `Built-in commands:\n------------------\n\t${[...builtins.keys()]
      .sort()
      .join(" ")
      .replace(/(.{60,70}) /g, "$1\n\t")}\n`,
  );
  return 0;
};

const history: Builtin = async (shell) => {
  await shell.process.print("");
  return 0;
};

export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [":", colon],
  ["true", colon],
  ["false", () => Promise.resolve(1)],
  [".", source],
  ["source", source],
  ["eval", evaluate],
  ["break", jump("break")],
  ["continue", jump("continue")],
  ["exit", exit],
  ["return", returnFrom],
  ["export", mark("exported")],
  ["readonly", mark("readOnly")],
  ["unset", unset],
  ["set", set],
  ["shift", shift],
  ["trap", trap],
  ["cd", changeDirectory],
  ["chdir", changeDirectory],
  ["pwd", workingDirectory],
  ["echo", echo],
  ["printf", printf],
  ["test", test],
  ["[", test],
  ["kill", kill],
  ["wait", wait],
  ["jobs", jobs],
  ["fg", foreground],
  ["bg", foreground],
  ["type", type],
  ["command", command],
  ["alias", alias],
  ["unalias", unalias],
  ["local", local],
  ["read", readBuiltin],
  ["umask", umask],
  ["ulimit", ulimit],
  ["times", times],
  ["getopts", getopts],
  ["hash", colon],
  ["help", help],
  ["history", history],
]);

/** The value as the shell could read it again. */
export function quote(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
