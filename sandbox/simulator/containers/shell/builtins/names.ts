import { findInPath } from "../../processes/executable";
import type { Shell } from "../shell";
import { specialBuiltins } from "./special";
import { quote, type Builtin } from "./builtin";

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

/** Tells whether a name is a builtin; the table of builtins hands it in, since it is in there itself. */
type IsBuiltin = (name: string) => boolean;

export const type =
  (isBuiltin: IsBuiltin): Builtin =>
  async (shell, args) => {
    let status = 0;
    for (const word of args) {
      const kind = describe(shell, word, isBuiltin);
      await (kind === undefined
        ? shell.process.print(`${word}: not found\n`)
        : shell.process.print(`${word} is ${kind.text}\n`));
      if (kind === undefined) status = shell.state.dialect === "bash" ? 1 : 127;
    }
    return status;
  };

export const command =
  (find: (name: string) => Builtin | undefined): Builtin =>
  async (shell, args) => {
    const words = args.filter((word, index) => !(index === 0 && (word === "-p" || word === "--")));
    if (words[0] === "-v" || words[0] === "-V") {
      const [, word = ""] = words;
      const kind = describe(shell, word, (name) => find(name) !== undefined);
      if (!kind) {
        if (words[0] === "-V") await shell.process.print(`${word}: not found\n`);
        return 127;
      }
      await shell.process.print(words[0] === "-V" ? `${word} is ${kind.text}\n` : `${kind.short}\n`);
      return 0;
    }
    if (words.length === 0) return 0;
    const builtin = find(words[0] ?? "");
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

function describe(shell: Shell, word: string, isBuiltin: IsBuiltin): { text: string; short: string } | undefined {
  const alias = shell.state.aliases.get(word);
  if (alias !== undefined) return { text: `an alias for ${alias}`, short: `alias ${word}=${quote(alias)}` };
  if (KEYWORDS.has(word)) return { text: "a shell keyword", short: word };
  if (specialBuiltins.has(word)) return { text: "a special shell builtin", short: word };
  if (shell.state.functions.has(word))
    return { text: shell.state.dialect === "ash" ? "a function" : "a shell function", short: word };
  if (isBuiltin(word)) return { text: "a shell builtin", short: word };
  const path = findInPath(shell.process.machine.fileSystem, shell.process, word, shell.get("PATH"));
  if (path === undefined || shell.process.machine.fileSystem.find(shell.process, path)?.kind !== "file")
    return undefined;
  return { text: path, short: path };
}

export const help =
  (names: () => readonly string[]): Builtin =>
  async (shell) => {
    await shell.process.print(
      `Built-in commands:\n------------------\n\t${[...names()]
        .sort()
        .join(" ")
        .replace(/(.{60,70}) /g, "$1\n\t")}\n`,
    );
    return 0;
  };

export const alias: Builtin = async (shell, args) => {
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

export const unalias: Builtin = (shell, args) => {
  if (args[0] === "-a") shell.state.aliases.clear();
  const missing = args.filter((word) => word !== "-a" && !shell.state.aliases.delete(word));
  return Promise.resolve(missing.length > 0 ? 1 : 0);
};
