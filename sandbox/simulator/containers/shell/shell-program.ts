import { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";
import { Interrupted, ProcessExit, type Program } from "../processes/program";
import { PromptReturn, ShellError } from "./control";
import { expandQuotedText } from "./expand";
import { LineEditor } from "./line-editor";
import { parseScript } from "./parse";
import { readLine } from "./read-line";
import { Shell } from "./shell";
import { runSimple } from "./simple-command";
import { type Dialect, newState, OPTION_LETTERS, type ShellOptions } from "./state";

/** `sh` as a program: a command string, a script, standard input line by line, or a person at a terminal. */
export function shellProgram(dialect: Dialect): Program {
  return async (process) => {
    const start = parseArguments(process, dialect);
    if ("error" in start) {
      await process.complain(`${process.argv[0] ?? "sh"}: ${start.error}\n`);
      return 2;
    }
    const state = newState({
      dialect,
      name: start.name,
      messageName: start.messageName,
      positional: start.positional,
      process,
    });
    for (const option of start.options) state.options[option] = true;
    const shell = new Shell(process, state);
    switch (start.input.kind) {
      case "command": {
        const { text } = start.input;
        return shell.life(() => runCommandString(shell, text, dialect === "ash" ? 0 : 1));
      }
      case "script":
        return runFile(shell, start.input.path);
      case "stdin": {
        const interactive =
          start.options.has("interactive") ||
          Boolean(process.descriptor(0)?.terminal && process.descriptor(2)?.terminal);
        return shell.life(() => (interactive ? converse(shell) : runLines(shell)));
      }
    }
  };
}

interface Start {
  readonly name: string;
  readonly messageName: string;
  readonly positional: readonly string[];
  readonly options: ReadonlySet<keyof ShellOptions>;
  readonly input: { kind: "command"; text: string } | { kind: "script"; path: string } | { kind: "stdin" };
}

function parseArguments(process: Process, dialect: Dialect): Start | { error: string } {
  const words = process.argv.slice(1);
  const own = (process.argv[0] ?? "sh").replace(/^-/, "");
  const options = new Set<keyof ShellOptions>();
  let command = false;
  let standard = false;
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--" || word === "-") {
      at++;
      break;
    }
    if (!/^[-+]./.test(word)) break;
    if (word.startsWith("--")) continue;
    for (const letter of word.slice(1)) {
      const option = OPTION_LETTERS[letter];
      if (letter === "c") command = true;
      else if (letter === "s") standard = true;
      else if (letter === "o") at++;
      else if (option) options.add(option);
      else if (!"lhp".includes(letter))
        return { error: dialect === "ash" ? `illegal option -${letter}` : `0: Illegal option -${letter}` };
    }
  }
  const rest = words.slice(at);
  if (command) {
    const [text, name, ...positional] = rest;
    if (text === undefined)
      return { error: dialect === "ash" ? "-c requires an argument" : "0: -c requires an argument" };
    return { name: name ?? own, messageName: name ?? own, positional, options, input: { kind: "command", text } };
  }
  const [path, ...positional] = rest;
  if (path === undefined || standard)
    return { name: own, messageName: own, positional: rest, options, input: { kind: "stdin" } };
  return { name: path, messageName: path, positional, options, input: { kind: "script", path } };
}

async function runCommandString(shell: Shell, text: string, baseLine: number): Promise<number> {
  const parsed = parseScript(text);
  const [only] = parsed.kind === "complete" ? parsed.script.commands : [];
  // A single program takes the shell's place, as real shells let it.
  if (
    parsed.kind === "complete" &&
    parsed.script.commands.length === 1 &&
    only?.command.type === "Command" &&
    !only.background
  ) {
    shell.baseLine = baseLine;
    const status = await runSimple(shell, only.command, parsed.source, false, true);
    shell.state.lastStatus = status;
    return status;
  }
  return shell.runText(text, baseLine);
}

async function runFile(shell: Shell, path: string): Promise<number> {
  const { process } = shell;
  let text: string;
  try {
    text = process.machine.fileSystem.readText(process, path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const own = (process.argv[0] ?? "sh").replace(/^-/, "");
    await process.complain(
      shell.state.dialect === "ash"
        ? `${own}: can't open '${path}': ${error.message}\n`
        : `${own}: 0: cannot open ${path}: ${error.code === "ENOENT" ? "No such file" : error.message}\n`,
    );
    return shell.state.dialect === "bash" ? 127 : 2;
  }
  return shell.life(() => shell.runText(text, 1));
}

/** Reads standard input line by line, running each command when it is complete; the rest is left for the commands. */
async function runLines(shell: Shell): Promise<number> {
  let line = 1;
  for (;;) {
    const read = await readCommand(shell, () => readUninterrupted(shell));
    if (read === undefined) return shell.state.lastStatus;
    shell.state.lastStatus = await shell.runText(read.text, line);
    line += read.lines;
  }
}

async function readUninterrupted(shell: Shell): Promise<string | undefined> {
  for (;;) {
    try {
      return await readLine(shell.process, 0);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      await shell.checkpoint();
    }
  }
}

/** Lines until they make a whole command. */
async function readCommand(
  shell: Shell,
  next: (first: boolean) => Promise<string | undefined>,
): Promise<{ text: string; lines: number } | undefined> {
  let text = "";
  for (let lines = 1; ; lines++) {
    const more = await next(lines === 1);
    if (more === undefined) {
      if (text === "") return undefined;
      // What is incomplete at the end is reported when it is run.
      return { text, lines };
    }
    if (shell.state.options.verbose) await shell.process.complain(more);
    text += more;
    const parsed = parseScript(text);
    if (parsed.kind !== "incomplete") return { text, lines };
  }
}

/** Talks with a person: prompts, edits lines, survives mistakes and Ctrl-C. */
async function converse(shell: Shell): Promise<number> {
  const { process, state } = shell;
  state.options.interactive = true;
  state.options.monitor = true;
  shell.armInteractive();
  const terminal = process.terminal;
  if (terminal) terminal.foreground = process.group;
  const root = process.uid === 0 ? "#" : "$";
  const defaults: Record<Dialect, string> = { ash: `\\w ${root} `, dash: `${root} `, bash: `\\u@\\h:\\w\\$ ` };
  if (!state.variables.has("PS1")) await shell.set("PS1", defaults[state.dialect]);
  // Builds differ: the official images do not greet, nor do we.
  const editor = terminal && state.dialect !== "dash" ? new LineEditor(shell, terminal) : undefined;
  let line = 1;
  for (;;) {
    try {
      const read = await readCommand(shell, async (first) => {
        const prompt = await promptText(shell, first ? "PS1" : "PS2");
        if (editor) return editor.read(prompt);
        await process.complain(prompt);
        return readLine(process, 0);
      });
      if (read === undefined) {
        await process.complain(state.dialect === "bash" ? "exit\n" : editor ? "" : "\n");
        return state.lastStatus;
      }
      line += read.lines;
      state.lastStatus = await shell.runText(read.text, line);
      await reportJobs(shell);
    } catch (error) {
      await recover(shell, error);
    }
  }
}

async function recover(shell: Shell, error: unknown): Promise<void> {
  if (error instanceof Interrupted) {
    shell.forgetInterrupt();
    shell.state.lastStatus = 130;
    await shell.process.complain("\n");
  } else if (error instanceof PromptReturn) shell.state.lastStatus = 130;
  else if (error instanceof ShellError) shell.state.lastStatus = error.status;
  else if (error instanceof FileError && error.code === "EAGAIN") shell.state.lastStatus = await shell.reportNoFork();
  else if (
    error instanceof ProcessExit ||
    !(error instanceof Error) ||
    !["LoopJump", "FunctionReturn"].includes(error.name)
  )
    throw error;
  shell.state.depth = 0;
  shell.state.loopDepth = 0;
}

async function reportJobs(shell: Shell): Promise<void> {
  // Ends are noticed on the next turn of promises.
  await Promise.resolve();
  for (const job of shell.state.jobs) {
    if (job.status === undefined) continue;
    const state = job.status === 0 ? "Done" : `Done(${job.status})`;
    await shell.process.complain(
      shell.state.dialect === "ash"
        ? `[${job.number}]+  ${state.padEnd(26)} ${job.text}\n`
        : `[${job.number}] + ${state.padEnd(26)} ${job.text}\n`,
    );
  }
  shell.state.jobs = shell.state.jobs.filter((job) => job.status === undefined);
}

/** PS1 or PS2 with its escapes and variables replaced. */
async function promptText(shell: Shell, name: "PS1" | "PS2"): Promise<string> {
  const text = shell.get(name) ?? "";
  if (shell.state.dialect === "dash") return expandQuotedText(shell, text);
  const { process } = shell;
  const home = shell.get("HOME");
  const cwd =
    home && home !== "/" && (process.cwd === home || process.cwd.startsWith(`${home}/`))
      ? `~${process.cwd.slice(home.length)}`
      : process.cwd;
  const values: Readonly<Record<string, string>> = {
    w: cwd,
    W: cwd.split("/").pop() || "/",
    u: process.uid === 0 ? "root" : (shell.get("USER") ?? String(process.uid)),
    h: process.machine.hostname.split(".")[0] ?? "",
    H: process.machine.hostname,
    $: process.uid === 0 ? "#" : "$",
    n: "\n",
    r: "\r",
    e: "\x1b",
    s: "sh",
    "[": "",
    "]": "",
    "\\": "\\",
    t: new Date(process.clock.now()).toISOString().slice(11, 19),
  };
  const escaped = text.replace(/\\(033|.)/g, (whole, key: string) => (key === "033" ? "\x1b" : (values[key] ?? whole)));
  return /[$`]/.test(escaped.replace(/\$ $/, "")) ? expandQuotedText(shell, escaped) : escaped;
}
