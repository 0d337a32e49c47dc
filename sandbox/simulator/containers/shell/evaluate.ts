import type {
  AndOr,
  Case,
  CompoundList,
  For,
  If,
  Pipeline,
  Redirected,
  Redirection,
  Statement,
  SyntaxNode,
  TestExpression,
  While,
} from "unbash";
import type { OpenFile } from "../filesystem/open-file";
import type { Process } from "../processes/process";
import { ProcessExit } from "../processes/program";
import { evaluateTest } from "../applets/test-expression";
import { LoopJump } from "./control";
import { arithmetic, expandPattern, expandString, expandWords } from "./expand";
import { matches } from "./pattern";
import { type DescriptorChanges, openRedirections, RedirectError, releaseChanges } from "./redirect";
import type { Shell } from "./shell";
import { runSimple } from "./simple-command";

/** Runs statements one after the other. `tested`: somebody looks at the status, so `set -e` does not apply. */
export async function runStatements(
  shell: Shell,
  statements: readonly Statement[],
  source: string,
  tested: boolean,
): Promise<number> {
  let status = 0;
  for (const statement of statements) {
    await shell.checkpoint();
    if (shell.state.options.noexec) continue;
    status = statement.background
      ? await runBackground(shell, statement, source)
      : await execute(shell, statement.command, source, tested);
    shell.state.lastStatus = status;
  }
  await shell.checkpoint();
  return status;
}

export async function execute(shell: Shell, node: SyntaxNode, source: string, tested: boolean): Promise<number> {
  switch (node.type) {
    case "Command":
      return settle(shell, await runSimple(shell, node, source, tested), tested);
    case "Pipeline":
      return runPipeline(shell, node, source, tested);
    case "AndOr":
      return runAndOr(shell, node, source, tested);
    case "Subshell": {
      const child = shell.fork((inner) => inner.runStatements(node.body.commands, source, tested), {
        ownGroup: shell.state.options.monitor,
      });
      return settle(shell, await shell.waitForeground([child]), tested);
    }
    case "BraceGroup":
      return runList(shell, node.body, source, tested);
    case "CompoundList":
      return runList(shell, node, source, tested);
    case "If":
      return runIf(shell, node, source, tested);
    case "For":
      return runFor(shell, node, source, tested);
    case "While":
      return runWhile(shell, node, source, tested);
    case "Case":
      return runCase(shell, node, source, tested);
    case "Redirected":
      return runRedirected(shell, node, source, tested);
    case "Function": {
      shell.state.functions.set(node.name.text, { body: node.body, source });
      return 0;
    }
    case "TestCommand":
      return settle(shell, (await testExpression(shell, node.expression, source)) ? 0 : 1, tested);
    case "ArithmeticCommand":
      return settle(shell, (await arithmetic(shell, node.body)) === 0n ? 1 : 0, tested);
    default:
      shell.at(source, node.pos);
      return shell.fail(`syntax error: unexpected "${source.slice(node.pos, node.end).split(/\s/, 1)[0] ?? ""}"`);
  }
}

/** `set -e`: a failure nobody looks at ends the shell. */
export function settle(shell: Shell, status: number, tested: boolean): number {
  shell.state.lastStatus = status;
  if (status !== 0 && !tested && shell.state.options.errexit) throw new ProcessExit(status);
  return status;
}

function runList(shell: Shell, list: CompoundList, source: string, tested: boolean): Promise<number> {
  return runStatements(shell, list.commands, source, tested);
}

async function runAndOr(shell: Shell, node: AndOr, source: string, tested: boolean): Promise<number> {
  let status = 0;
  for (const [index, command] of node.commands.entries()) {
    const operator = node.operators[index - 1];
    if (operator && (operator === "&&") !== (status === 0)) continue;
    status = await execute(shell, command, source, tested || index < node.commands.length - 1);
    shell.state.lastStatus = status;
  }
  return status;
}

async function runPipeline(shell: Shell, node: Pipeline, source: string, tested: boolean): Promise<number> {
  const negated = node.prefixes.filter((prefix) => prefix.type === "Negation").length % 2 === 1;
  const [only] = node.commands;
  let status: number;
  if (!only) status = 0;
  else if (node.commands.length === 1) status = await execute(shell, only, source, tested || negated);
  else status = await shell.waitForeground(startPipeline(shell, node, source, shell.state.options.monitor));
  if (negated) status = status === 0 ? 1 : 0;
  return negated || node.commands.length === 1 ? status : settle(shell, status, tested);
}

/** Starts every command of a pipeline as a process of its own, in one group when `ownGroup`. */
function startPipeline(shell: Shell, node: Pipeline, source: string, ownGroup: boolean): Process[] {
  const processes: Process[] = [];
  let upstream: OpenFile | undefined;
  for (const [index, command] of node.commands.entries()) {
    const changes: DescriptorChanges = new Map();
    if (upstream) changes.set(0, upstream);
    const pipe = index < node.commands.length - 1 ? shell.process.pipe() : undefined;
    if (pipe) {
      changes.set(1, pipe.output);
      if (node.operators[index] === "|&") changes.set(2, pipe.output);
    }
    const child = shell.fork((inner) => runChild(inner, command, source), { changes, ownGroup });
    const leader = processes[0];
    if (ownGroup && leader) child.group = leader.group;
    processes.push(child);
    upstream?.release();
    pipe?.output.release();
    upstream = pipe?.input;
  }
  return processes;
}

/** The one command of a subshell: a program takes the subshell's process over. */
async function runChild(shell: Shell, node: SyntaxNode, source: string): Promise<number> {
  if (node.type === "Command") return runSimple(shell, node, source, false, true);
  return execute(shell, node, source, false);
}

async function runBackground(shell: Shell, statement: Statement, source: string): Promise<number> {
  const { command } = statement;
  const { monitor, interactive } = shell.state.options;
  let processes: Process[];
  if (command.type === "Pipeline" && command.commands.length > 1)
    processes = startPipeline(shell, command, source, monitor);
  else processes = [shell.fork((inner) => runChild(inner, command, source), { ownGroup: monitor })];
  const job = shell.addJob(processes, source.slice(command.pos, command.end));
  if (interactive)
    await shell.process.complain(
      shell.state.dialect === "bash" ? `[${job.number}] ${shell.state.lastBackground}\n` : "",
    );
  return 0;
}

async function runIf(shell: Shell, node: If, source: string, tested: boolean): Promise<number> {
  for (const branch of [{ clause: node.clause, then: node.then }, ...node.elif]) {
    if ((await runList(shell, branch.clause, source, true)) === 0) return runList(shell, branch.then, source, tested);
  }
  return node.else ? runList(shell, node.else, source, tested) : 0;
}

async function runFor(shell: Shell, node: For, source: string, tested: boolean): Promise<number> {
  const values = node.wordlist ? await expandWords(shell, node.wordlist, source) : [...shell.state.positional];
  let status = 0;
  for (const value of values) {
    await shell.set(node.name.text, value);
    const round = await runRound(shell, () => runList(shell, node.body, source, tested));
    status = round.status;
    if (round.over) break;
  }
  return status;
}

async function runWhile(shell: Shell, node: While, source: string, tested: boolean): Promise<number> {
  let status = 0;
  for (;;) {
    const loop = { going: true };
    const round = await runRound(shell, async () => {
      loop.going = ((await runList(shell, node.clause, source, true)) === 0) === (node.kind === "while");
      return loop.going ? runList(shell, node.body, source, tested) : status;
    });
    status = round.status;
    if (!loop.going || round.over) return status;
  }
}

/** One turn of a loop, where `break` and `continue` end up. */
async function runRound(shell: Shell, work: () => Promise<number>): Promise<{ status: number; over: boolean }> {
  shell.state.loopDepth++;
  try {
    return { status: await work(), over: false };
  } catch (error) {
    if (!(error instanceof LoopJump)) throw error;
    if (error.levels > 1 && shell.state.loopDepth > 1) throw new LoopJump(error.kind, error.levels - 1);
    return { status: 0, over: error.kind === "break" };
  } finally {
    shell.state.loopDepth--;
  }
}

async function runCase(shell: Shell, node: Case, source: string, tested: boolean): Promise<number> {
  const text = await expandString(shell, node.word, source);
  let falling = false;
  let status = 0;
  for (const item of node.items) {
    let chosen = falling;
    for (const pattern of item.pattern) chosen ||= matches(await expandPattern(shell, pattern, source), text);
    if (!chosen) continue;
    status = await runList(shell, item.body, source, tested);
    if (item.terminator === ";&") falling = true;
    else if (item.terminator === ";;&") falling = false;
    else return status;
  }
  return status;
}

async function runRedirected(shell: Shell, node: Redirected, source: string, tested: boolean): Promise<number> {
  shell.at(source, node.pos);
  return withRedirections(shell, node.redirects, source, () => execute(shell, node.command, source, tested));
}

/** Runs `work` in this shell with other descriptors, and puts them back. */
export async function withRedirections(
  shell: Shell,
  redirections: readonly Redirection[],
  source: string,
  work: () => Promise<number>,
): Promise<number> {
  if (redirections.length === 0) return work();
  const changes = await tryRedirections(shell, redirections, source);
  if (!changes) return shell.state.dialect === "dash" ? 2 : 1;
  const { process } = shell;
  const saved: DescriptorChanges = new Map();
  for (const [number, file] of changes) {
    saved.set(number, process.descriptors.get(number));
    if (file) process.descriptors.set(number, file);
    else process.descriptors.delete(number);
  }
  try {
    return await work();
  } finally {
    if (process.running) {
      for (const [number, file] of saved) {
        process.descriptors.get(number)?.release();
        if (file) process.descriptors.set(number, file);
        else process.descriptors.delete(number);
      }
      // Its end has closed what was open; what was set aside is ours to close.
    } else releaseChanges(saved);
  }
}

/** Opens redirections; says what failed and gives `undefined`. */
export async function tryRedirections(
  shell: Shell,
  redirections: readonly Redirection[],
  source: string,
): Promise<DescriptorChanges | undefined> {
  try {
    return await openRedirections(shell, redirections, source);
  } catch (error) {
    if (!(error instanceof RedirectError)) throw error;
    await shell.complain(error.message);
    return undefined;
  }
}

/** `[[ … ]]` */
async function testExpression(shell: Shell, node: TestExpression, source: string): Promise<boolean> {
  switch (node.type) {
    case "TestNot":
      return (await testExpression(shell, node.operand, source)) === (node.negations.length % 2 === 0);
    case "TestGroup":
      return testExpression(shell, node.expression, source);
    case "TestLogical": {
      for (const operand of node.operands)
        if ((await testExpression(shell, operand, source)) !== (node.operator === "&&")) return node.operator === "||";
      return node.operator === "&&";
    }
    case "TestUnary":
      return evaluateTest(shell.process, [node.operator, await expandString(shell, node.operand, source)]).status === 0;
    case "TestBinary": {
      const left = await expandString(shell, node.left, source);
      if (node.operator === "==" || node.operator === "=" || node.operator === "!=") {
        return matches(await expandPattern(shell, node.right, source), left) === (node.operator !== "!=");
      }
      return (
        evaluateTest(shell.process, [left, node.operator, await expandString(shell, node.right, source)]).status === 0
      );
    }
  }
}
