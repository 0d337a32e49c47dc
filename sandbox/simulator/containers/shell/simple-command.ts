import type { Assignment, Command, Redirection, Word } from "unbash";
import { FileError } from "../filesystem/file-error";
import { findInPath, loadExecutable } from "../processes/executable";
import { Interrupted, ProcessExit } from "../processes/program";
import { specialBuiltins } from "./builtins/special";
import { builtins } from "./builtins/table";
import { FunctionReturn, ShellError } from "./control";
import { tryRedirections, withRedirections } from "./evaluate";
import { expandQuotedText, expandString, expandWords } from "./expand";
import { releaseChanges } from "./redirect";
import type { Shell } from "./shell";
import { shellProgram } from "./shell-program";
import type { Variable } from "./state";

/** Runs assignments, redirections and a command. `takeOver`: a program may have this very process. */
export async function runSimple(
  shell: Shell,
  node: Command,
  source: string,
  tested: boolean,
  takeOver = false,
): Promise<number> {
  shell.at(source, node.pos);
  const alias = aliased(shell, node, source);
  if (alias !== undefined) return shell.runText(alias, shell.line);
  shell.substitutionStatus = undefined;
  const words = [
    ...(node.name ? [node.name] : []),
    ...node.suffix
      .filter((part): part is Word | Assignment => part.type === "Word" || part.type === "Assignment")
      .map(asWord),
  ];
  const fields = await expandWords(shell, words, source);
  const assignments = node.prefix.filter((part): part is Assignment => part.type === "Assignment");
  const [name] = fields;
  if (name === undefined) {
    await trace(shell, await assign(shell, assignments, source), []);
    return withRedirections(shell, node.redirects, source, () => Promise.resolve(shell.substitutionStatus ?? 0));
  }
  const special = specialBuiltins.has(name);
  const fn = special ? undefined : shell.state.functions.get(name);
  if (special && assignments.length > 0) await assign(shell, assignments, source);
  const extra = special ? new Map<string, string>() : await valuesOf(shell, assignments, source);
  await trace(shell, extra, fields);
  if (name === "exec") return runExec(shell, fields.slice(1), node.redirects, source);
  if (fn)
    return withRedirections(shell, node.redirects, source, () =>
      withVariables(shell, extra, () => callFunction(shell, name, fields.slice(1), tested)),
    );
  const builtin = builtins.get(name);
  if (builtin) {
    return withRedirections(shell, node.redirects, source, () =>
      withVariables(shell, extra, async () => {
        try {
          return await builtin(shell, fields.slice(1), name);
        } catch (error) {
          // What a special builtin cannot do ends the shell; others only fail.
          if (error instanceof ShellError && !special) return error.status;
          if (error instanceof FileError && error.code === "ENOSPC") return reportFullDisk(shell, name, error);
          throw error;
        }
      }),
    );
  }
  return runProgram(shell, fields, extra, node.redirects, source, takeOver);
}

/** A builtin could not write what it had to say. */
async function reportFullDisk(shell: Shell, name: string, error: FileError): Promise<number> {
  if (shell.state.dialect === "dash") await shell.complain(`${name}: I/O error`, name);
  else await shell.process.complain(`${shell.state.messageName}: write error: ${error.message}\n`);
  return 1;
}

export async function callFunction(
  shell: Shell,
  name: string,
  args: readonly string[],
  tested: boolean,
): Promise<number> {
  const fn = shell.state.functions.get(name);
  if (!fn) return 127;
  if (shell.state.depth >= MAX_DEPTH)
    return shell.fail(`${name}: maximum function nesting level exceeded (${MAX_DEPTH})`);
  const { positional, loopDepth } = shell.state;
  shell.state.positional = args;
  shell.state.depth++;
  shell.state.loopDepth = 0;
  const frame = new Map<string, Variable | undefined>();
  shell.frames.push(frame);
  try {
    return await shell.execute(fn.body, fn.source, tested);
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status;
    throw error;
  } finally {
    shell.frames.pop();
    restore(shell, frame);
    shell.state.positional = positional;
    shell.state.depth--;
    shell.state.loopDepth = loopDepth;
  }
}

/** Starts a program and waits for it. */
async function runProgram(
  shell: Shell,
  argv: readonly string[],
  extra: ReadonlyMap<string, string>,
  redirects: readonly Redirection[],
  source: string,
  takeOver: boolean,
): Promise<number> {
  const changes = await tryRedirections(shell, redirects, source);
  if (!changes) return shell.state.dialect === "dash" ? 2 : 1;
  try {
    const found = locate(shell, argv, extra.get("PATH"));
    if (!found.ok) {
      // The message goes where the command's own errors would.
      const descriptors = shell.process.descriptors;
      const error = changes.has(2) ? changes.get(2) : descriptors.get(2);
      if (error) await withDescriptor(shell, error, () => shell.complain(found.text));
      return found.status;
    }
    const env = shell.environment(extra);
    if (takeOver) {
      for (const [number, file] of changes) shell.process.setDescriptor(number, file);
      changes.clear();
      return await become(shell, found.argv, env, found.program);
    }
    const child = shell.process.spawn({
      program: found.program,
      argv: found.argv,
      env,
      descriptors: shell.descriptorsWith(changes),
      ownGroup: shell.state.options.monitor,
    });
    return await shell.waitForeground([child]);
  } catch (error) {
    if (!(error instanceof FileError) || error.code !== "EAGAIN") throw error;
    return await shell.reportNoFork();
  } finally {
    releaseChanges(changes);
  }
}

async function withDescriptor(
  shell: Shell,
  file: NonNullable<ReturnType<Shell["process"]["descriptor"]>>,
  work: () => Promise<void>,
): Promise<void> {
  const old = shell.process.descriptors.get(2);
  shell.process.descriptors.set(2, file);
  try {
    await work();
  } finally {
    if (old) shell.process.descriptors.set(2, old);
    else shell.process.descriptors.delete(2);
  }
}

type Located =
  | ({ ok: true } & Pick<ReturnType<typeof loadExecutable>, "program" | "argv">)
  | { ok: false; status: number; text: string };

function locate(shell: Shell, argv: readonly string[], path: string | undefined): Located {
  const name = argv[0] ?? "";
  const missing =
    shell.state.dialect === "bash"
      ? name.includes("/")
        ? `${name}: No such file or directory`
        : `${name}: command not found`
      : `${name}: not found`;
  const found =
    name === ""
      ? undefined
      : findInPath(shell.process.machine.fileSystem, shell.process, name, path ?? shell.get("PATH"));
  if (found === undefined) return { ok: false, status: 127, text: missing };
  try {
    const executable = loadExecutable(shell.process.machine, shell.process, found, argv);
    return { ok: true, program: executable.program, argv: executable.argv };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    // A file that is neither a program nor names its interpreter is taken for a script of ours.
    if (error.code === "ENOEXEC")
      return {
        ok: true,
        program: shellProgram(shell.state.dialect),
        argv: [shell.state.messageName, found, ...argv.slice(1)],
      };
    return error.code === "ENOENT" || error.code === "ENOTDIR"
      ? { ok: false, status: 127, text: missing }
      : { ok: false, status: 126, text: `${name}: Permission denied` };
  }
}

/** `exec`: redirections stay; a program takes this process over. */
async function runExec(
  shell: Shell,
  argv: readonly string[],
  redirects: readonly Redirection[],
  source: string,
): Promise<number> {
  const changes = await tryRedirections(shell, redirects, source);
  if (!changes) throw new ShellError(shell.state.dialect === "dash" ? 2 : 1);
  for (const [number, file] of changes) shell.process.setDescriptor(number, file);
  const words = argv[0] === "--" ? argv.slice(1) : argv;
  if (words.length === 0) return 0;
  const found = locate(shell, words, undefined);
  if (!found.ok) {
    await shell.complain(found.text, "exec");
    if (shell.state.options.interactive) return found.status;
    throw new ProcessExit(found.status);
  }
  throw new ProcessExit(await become(shell, found.argv, shell.environment(), found.program));
}

async function become(
  shell: Shell,
  argv: readonly string[],
  env: ReadonlyMap<string, string>,
  program: (process: Shell["process"]) => Promise<number>,
): Promise<number> {
  const { process } = shell;
  process.argv = argv;
  process.env.clear();
  for (const [name, value] of env) process.env.set(name, value);
  for (const [signal, action] of shell.state.traps)
    if (signal !== "EXIT") process.handle(signal, action === "" ? "ignore" : undefined);
  for (const signal of ["INT", "TERM", "QUIT"] as const)
    if (shell.state.options.interactive) process.handle(signal, undefined);
  shell.state.traps.clear();
  try {
    return await program(process);
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    if (error instanceof FileError) {
      await process.complain(`${process.name}: ${error.path ? `${error.path}: ` : ""}${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

/** Runs `work` with variables that are gone afterwards. */
async function withVariables(
  shell: Shell,
  extra: ReadonlyMap<string, string>,
  work: () => Promise<number>,
): Promise<number> {
  if (extra.size === 0) return work();
  const saved = new Map<string, Variable | undefined>();
  for (const [name, value] of extra) {
    saved.set(name, shell.state.variables.get(name));
    await shell.set(name, value, true);
  }
  try {
    return await work();
  } finally {
    restore(shell, saved);
  }
}

function restore(shell: Shell, saved: ReadonlyMap<string, Variable | undefined>): void {
  for (const [name, variable] of saved) {
    if (variable) shell.state.variables.set(name, variable);
    else shell.state.variables.delete(name);
  }
}

async function assign(shell: Shell, assignments: readonly Assignment[], source: string): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const assignment of assignments) {
    const value = await valueOf(shell, assignment, source);
    await shell.set(assignment.name, value);
    values.set(assignment.name, value);
  }
  return values;
}

async function valuesOf(
  shell: Shell,
  assignments: readonly Assignment[],
  source: string,
): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const assignment of assignments) {
    if (shell.state.variables.get(assignment.name)?.readOnly) await shell.fail(`${assignment.name}: is read only`);
    values.set(assignment.name, await valueOf(shell, assignment, source));
  }
  return values;
}

async function valueOf(shell: Shell, assignment: Assignment, source: string): Promise<string> {
  if (assignment.index || assignment.value.type !== "Word") return shell.fail(`syntax error: unexpected "("`);
  const value = await expandString(shell, assignment.value, source, true);
  return assignment.append ? (shell.get(assignment.name) ?? "") + value : value;
}

/** `export A=b` reaches us as an assignment among the words. */
function asWord(part: Word | Assignment): Word {
  if (part.type === "Word") return part;
  if (part.value.type !== "Word")
    return { type: "Word", text: part.text, value: part.text, pos: part.pos, end: part.end };
  const prefix = part.text.slice(0, part.value.pos - part.pos);
  const { value } = part;
  const head = { type: "Literal", pos: part.pos, end: value.pos, value: prefix, text: prefix } as const;
  const tail = value.parts ?? [
    { type: "Literal", pos: value.pos, end: value.end, value: value.value, text: value.text } as const,
  ];
  return {
    type: "Word",
    text: part.text,
    value: prefix + value.value,
    pos: part.pos,
    end: part.end,
    parts: value.text === "" ? [head] : [head, ...tail],
  };
}

/** The command's source with its first word replaced, when that is an alias. */
function aliased(shell: Shell, node: Command, source: string): string | undefined {
  const { name } = node;
  if (!name || name.parts || shell.state.aliases.size === 0) return undefined;
  const value = shell.state.aliases.get(name.text);
  if (value === undefined || value.split(/\s/, 1)[0] === name.text) {
    if (value === undefined) return undefined;
    // `alias ls='ls -l'`: the word it expands to is not expanded again.
    return `${source.slice(node.pos, name.pos)}\\${value}${source.slice(name.end, node.end)}`;
  }
  return `${source.slice(node.pos, name.pos)}${value}${source.slice(name.end, node.end)}`;
}

async function trace(shell: Shell, assignments: ReadonlyMap<string, string>, fields: readonly string[]): Promise<void> {
  if (!shell.state.options.xtrace) return;
  const quote = shell.state.dialect === "dash" ? (text: string) => text : quoteForTrace;
  const words = [...[...assignments].map(([name, value]) => `${name}=${quote(value)}`), ...fields.map(quote)];
  await shell.process.complain(`${await expandQuotedText(shell, shell.get("PS4") ?? "+ ")}${words.join(" ")}\n`);
}

function quoteForTrace(text: string): string {
  return /^[\w%+,./:@^=-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
}

const MAX_DEPTH = 200;
