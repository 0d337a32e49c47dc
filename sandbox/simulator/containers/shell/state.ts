import type { SyntaxNode } from "unbash";
import type { Process } from "../processes/process";
import type { Signal } from "../processes/signals";

/** Whose manners a shell has: busybox ash, Debian's dash, or bash. */
export type Dialect = "ash" | "dash" | "bash";

export interface Variable {
  readonly value: string | undefined;
  readonly exported: boolean;
  readonly readOnly: boolean;
}

export interface ShellFunction {
  readonly body: Extract<SyntaxNode, { type: "Function" }>["body"];
  readonly source: string;
}

export interface Job {
  readonly number: number;
  readonly processes: readonly Process[];
  readonly text: string;
  status: number | undefined;
}

export interface ShellOptions {
  errexit: boolean;
  nounset: boolean;
  xtrace: boolean;
  noglob: boolean;
  noexec: boolean;
  verbose: boolean;
  noclobber: boolean;
  allexport: boolean;
  pipefail: boolean;
  interactive: boolean;
  monitor: boolean;
}

export const OPTION_LETTERS: Readonly<Record<string, keyof ShellOptions>> = {
  e: "errexit",
  u: "nounset",
  x: "xtrace",
  f: "noglob",
  n: "noexec",
  v: "verbose",
  C: "noclobber",
  a: "allexport",
  i: "interactive",
  m: "monitor",
};

export type TrapName = Signal | "EXIT";

/** Everything a subshell inherits by copy. */
export interface ShellState {
  readonly dialect: Dialect;
  /** `$0` */
  name: string;
  /** What the shell calls itself in messages. */
  readonly messageName: string;
  positional: readonly string[];
  readonly variables: Map<string, Variable>;
  readonly functions: Map<string, ShellFunction>;
  readonly aliases: Map<string, string>;
  readonly options: ShellOptions;
  readonly traps: Map<TrapName, string>;
  lastStatus: number;
  lastBackground: number | undefined;
  jobs: Job[];
  /** What was typed at the terminal, oldest first. */
  readonly history: string[];
  /** `$$`: a subshell keeps its parent's. */
  readonly shellPid: number;
  /** Calls of functions, and files being sourced, deep. */
  depth: number;
  loopDepth: number;
}

export function newState(start: {
  dialect: Dialect;
  name: string;
  messageName: string;
  positional: readonly string[];
  process: Process;
}): ShellState {
  const variables = new Map<string, Variable>();
  for (const [name, value] of start.process.env)
    if (isName(name)) variables.set(name, { value, exported: true, readOnly: false });
  const plain = (name: string, value: string): void => {
    if (!variables.has(name)) variables.set(name, { value, exported: false, readOnly: false });
  };
  variables.set("IFS", { value: " \t\n", exported: false, readOnly: false });
  plain("OPTIND", "1");
  plain("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  plain("PS2", "> ");
  plain("PS4", "+ ");
  plain("PPID", String(start.process.ppid));
  variables.set("PWD", {
    value: start.process.cwd,
    exported: variables.get("PWD")?.exported ?? start.dialect === "ash",
    readOnly: false,
  });
  return {
    dialect: start.dialect,
    name: start.name,
    messageName: start.messageName,
    positional: start.positional,
    variables,
    functions: new Map(),
    aliases: new Map(),
    options: {
      errexit: false,
      nounset: false,
      xtrace: false,
      noglob: false,
      noexec: false,
      verbose: false,
      noclobber: false,
      allexport: false,
      pipefail: false,
      interactive: false,
      monitor: false,
    },
    traps: new Map(),
    lastStatus: 0,
    lastBackground: undefined,
    jobs: [],
    history: [],
    shellPid: start.process.pid,
    depth: 0,
    loopDepth: 0,
  };
}

/** The state of a subshell: its own copy, without jobs, traps of signals and interactivity. */
export function forkState(state: ShellState): ShellState {
  return {
    ...state,
    variables: new Map(state.variables),
    functions: new Map(state.functions),
    aliases: new Map(state.aliases),
    options: { ...state.options, interactive: false, monitor: false },
    traps: new Map([...state.traps].filter(([, action]) => action === "")),
    jobs: [],
  };
}

export function isName(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text);
}
