import type { Builtin } from "./builtin";
import { changeDirectory, workingDirectory } from "./directories";
import { colon, evaluate, exit, jump, returnFrom, source } from "./flow";
import { getopts } from "./getopts";
import { history } from "./history";
import { foreground, jobs, wait } from "./jobs";
import { times, ulimit, umask } from "./limits";
import { alias, command, help, type, unalias } from "./names";
import { echo, printf, test } from "./output";
import { readBuiltin } from "./read";
import { set } from "./set";
import { kill, trap } from "./signals";
import { local, mark, shift, unset } from "./variables";

/** Every builtin by the names it has. */
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
  ["type", type((name) => builtins.has(name))],
  ["command", command((name) => builtins.get(name))],
  ["alias", alias],
  ["unalias", unalias],
  ["local", local],
  ["read", readBuiltin],
  ["umask", umask],
  ["ulimit", ulimit],
  ["times", times],
  ["getopts", getopts],
  ["hash", colon],
  ["help", help(() => [...builtins.keys()])],
  ["history", history],
]);
