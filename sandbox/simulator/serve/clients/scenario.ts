/** One command of a scenario and what it must print. */
export interface Step {
  /** Where it stands in its file, from 1. */
  readonly line: number;
  readonly command: string;
  /** Run again until it prints this, within a limit. */
  readonly isRetried: boolean;
  /** Standard output, then standard error; see `parseScenario` for what stands for something else. */
  readonly expected: readonly string[];
  readonly exit: number;
}

type Draft = { -readonly [Key in keyof Step]: Step[Key] };

export interface Case {
  readonly title: string;
  readonly steps: readonly Step[];
}

/**
 * Reads a scenario: `# title` begins a case, `$ command` a step (`~ command` one that is run until it prints what it
 * must), `> more` goes on with the command on a line of its own. The lines that follow are the output. In them `…`
 * stands for anything within a line, a line `⋮` for any lines, none too, and `[exit 1]` at the end for the exit code.
 * Empty lines after a step's output are not part of it.
 */
export function parseScenario(text: string): Case[] {
  const cases: { title: string; steps: Draft[] }[] = [];
  const lines = text.replace(/\n$/, "").split("\n");
  lines.forEach((content, index) => {
    const line = index + 1;
    const steps = cases.at(-1)?.steps;
    if (content.startsWith("# ")) cases.push({ title: content.slice(2), steps: [] });
    else if (!steps) {
      if (content !== "") throw new Error(`line ${line}: nothing may stand before the first "# title"`);
    } else if (/^[$~] /.test(content)) {
      steps.push({ line, command: content.slice(2), isRetried: content.startsWith("~"), expected: [], exit: 0 });
    } else addLine(steps.at(-1), content, line);
  });
  return cases.map(({ title, steps }) => ({ title, steps: steps.map(withoutTrailingEmptyLines) }));
}

function addLine(step: Draft | undefined, content: string, line: number): void {
  if (!step) {
    if (content !== "") throw new Error(`line ${line}: output without a command`);
    return;
  }
  const exit = /^\[exit (\d+)\]$/.exec(content);
  if (exit) step.exit = Number(exit[1]);
  else if (content === ">" || (content.startsWith("> ") && step.expected.length === 0))
    step.command += `\n${content.slice(2)}`;
  else step.expected = [...step.expected, content];
}

function withoutTrailingEmptyLines(step: Step): Step {
  const last = step.expected.findLastIndex((line) => line !== "");
  return { ...step, expected: step.expected.slice(0, last + 1) };
}

/** Why `actual` is not what was expected; `undefined` when it is. */
export function mismatch(expected: readonly string[], actual: string): string | undefined {
  const lines = actual.replace(/\n+$/, "").split("\n");
  const got = lines.length === 1 && lines[0] === "" ? [] : lines;
  if (matchesFrom(expected, got)) return undefined;
  return `expected:\n${expected.join("\n")}\n\ngot:\n${got.join("\n")}`;
}

function matchesFrom(expected: readonly string[], actual: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return actual.length === 0;
  if (first === "⋮")
    return actual.some((_, skipped) => matchesFrom(rest, actual.slice(skipped))) || matchesFrom(rest, []);
  const [line, ...others] = actual;
  return line !== undefined && patternOf(first).test(line) && matchesFrom(rest, others);
}

/** Columns are as wide as what stands in them: several blanks match any number of them. */
function patternOf(line: string): RegExp {
  const parts = line
    .trimEnd()
    .split("…")
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&").replace(/ {2,}/g, " +"));
  return new RegExp(`^${parts.join("[^\n]*")} *$`);
}
