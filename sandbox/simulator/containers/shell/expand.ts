import { parse, type Script, type Word, type WordPart } from "unbash";
import { ArithmeticError, evaluateArithmetic } from "./arithmetic";
import { expandPathname } from "./pathname";
import { compilePattern, matchEnds, type PatternItem, type PatternText } from "./pattern";
import { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";
import type { ShellState } from "./state";

/** What expansion needs from the shell that asks for it. */
export interface Expander {
  readonly state: ShellState;
  readonly process: Process;
  get(name: string): string | undefined;
  set(name: string, value: string): Promise<void>;
  /** The output of a command substitution, without its last line breaks. */
  substitute(script: Script, source: string): Promise<string>;
  /** Reports and ends what is being run. */
  fail(text: string): Promise<never>;
}

/** A stretch of expanded text. `split` marks what fields are made of; `break` separates the words of "$@". */
type Piece = { kind: "text"; text: string; quoted: boolean; split: boolean } | { kind: "break" };

/** Words into fields: all expansions, field splitting, pathname expansion, quote removal. */
export async function expandWords(shell: Expander, words: readonly Word[], source: string): Promise<string[]> {
  const fields: string[] = [];
  for (const word of words) {
    for (const field of splitFields(await expandPieces(shell, word, source), shell.get("IFS") ?? " \t\n")) {
      fields.push(...(shell.state.options.noglob ? [textOf(field)] : expandPathname(shell.process, field)));
    }
  }
  return fields;
}

/** One string: no splitting, no pathnames. For assignments, redirections, `case`. */
export async function expandString(shell: Expander, word: Word, source: string, assignment = false): Promise<string> {
  const pieces = await expandPieces(shell, word, source, assignment);
  return joinPieces(shell, pieces);
}

/** A pattern, in which quoted text has no magic. */
export async function expandPattern(shell: Expander, word: Word, source: string): Promise<PatternItem[]> {
  const pieces = await expandPieces(shell, word, source);
  return compilePattern(
    pieces.map((piece) =>
      piece.kind === "text" ? { text: piece.text, quoted: piece.quoted } : { text: " ", quoted: true },
    ),
  );
}

/** The body of a here-document: parameters, commands and arithmetic only. */
export async function expandHereDocument(shell: Expander, parts: readonly WordPart[], source: string): Promise<string> {
  const pieces: Piece[] = [];
  for (const part of parts) await addPart(shell, part, source, true, pieces);
  return joinPieces(shell, pieces);
}

/** Text treated as if it stood between double quotes: PS1, arithmetic. */
export async function expandQuotedText(shell: Expander, text: string): Promise<string> {
  if (!/[$`\\]/.test(text)) return text;
  const source = `: "${text.replace(/"/g, '\\"')}"`;
  const command = parse(source).commands[0]?.command;
  const word = command?.type === "Command" ? command.suffix[0] : undefined;
  return word?.type === "Word" ? expandString(shell, word, source) : text;
}

async function expandPieces(shell: Expander, word: Word, source: string, assignment = false): Promise<Piece[]> {
  const pieces: Piece[] = [];
  const parts = word.parts;
  if (!parts) addLiteral(shell, word.text, pieces, true, assignment);
  else
    for (const [index, part] of parts.entries())
      await addPart(shell, part, source, false, pieces, index === 0, assignment);
  checkRoom(pieces);
  return pieces;
}

/** Throws `FileError` ENOMEM when a word grows longer than what a shell may hold. */
function checkRoom(pieces: readonly Piece[]): void {
  let size = 0;
  for (const piece of pieces) size += PIECE_SIZE + (piece.kind === "text" ? piece.text.length : 0);
  if (size > MAX_WORD) throw new FileError("ENOMEM");
}

const PIECE_SIZE = 32;
const MAX_WORD = 8 * 1024 * 1024;

async function addPart(
  shell: Expander,
  part: WordPart,
  source: string,
  quoted: boolean,
  pieces: Piece[],
  first = false,
  assignment = false,
): Promise<void> {
  switch (part.type) {
    case "Literal":
      if (quoted) pieces.push({ kind: "text", text: part.value, quoted: true, split: false });
      else addLiteral(shell, part.text, pieces, first, assignment);
      return;
    case "Glob":
      // A bracket's inside may hold quotes and expansions.
      if (part.kind === "bracket" && part.parts.some((inner) => inner.type !== "Literal")) {
        pieces.push(plain("["));
        for (const inner of part.parts) await addPart(shell, inner, source, quoted, pieces);
        pieces.push(plain("]"));
      } else pieces.push(plain(part.text));
      return;
    case "BraceExpansion":
    case "ExtendedGlob":
    case "ProcessSubstitution":
      pieces.push(plain(part.text));
      return;
    case "SingleQuoted":
    case "AnsiCQuoted":
      pieces.push({ kind: "text", text: part.value, quoted: true, split: false });
      return;
    case "DoubleQuoted":
    case "LocaleString": {
      const before = pieces.length;
      for (const inner of part.parts) await addPart(shell, inner, source, true, pieces);
      // "" is a field; "$@" without arguments is none.
      if (pieces.length === before && !part.parts.some((inner) => /^\$\{?@/.test(inner.text)))
        pieces.push({ kind: "text", text: "", quoted: true, split: false });
      return;
    }
    case "SimpleExpansion":
      await addParameter(shell, part.text.slice(1), quoted, pieces);
      return;
    case "ParameterExpansion":
      await addExpansion(shell, part, source, quoted, pieces);
      return;
    case "CommandExpansion": {
      const text = part.script ? await shell.substitute(part.script, part.script.source ?? source) : "";
      pieces.push({ kind: "text", text, quoted, split: !quoted });
      return;
    }
    case "ArithmeticExpansion": {
      const inner = part.text.startsWith("$((") ? part.text.slice(3, -2) : part.text.slice(2, -1);
      pieces.push({ kind: "text", text: String(await arithmetic(shell, inner)), quoted, split: !quoted });
      return;
    }
  }
}

/** The value of an arithmetic expression as it stands in the source. */
export async function arithmetic(shell: Expander, text: string): Promise<bigint> {
  const expression = await expandQuotedText(shell, text);
  const changes = new Map<string, string>();
  const scope = {
    get: (name: string) => changes.get(name) ?? shell.get(name) ?? "",
    set: (name: string, value: string) => void changes.set(name, value),
  };
  let value: bigint;
  try {
    value = evaluateArithmetic(expression, scope);
  } catch (error) {
    if (!(error instanceof ArithmeticError)) throw error;
    return shell.fail(arithmeticMessage(shell.state.dialect, error.reason, expression));
  }
  for (const [name, changed] of changes) await shell.set(name, changed);
  return value;
}

function arithmeticMessage(
  dialect: ShellState["dialect"],
  reason: ArithmeticError["reason"],
  expression: string,
): string {
  if (dialect === "ash") return reason === "syntax" ? "arithmetic syntax error" : "divide by zero";
  if (dialect === "bash")
    return reason === "syntax" ? `${expression}: syntax error: operand expected` : `${expression}: division by 0`;
  return `arithmetic expression: ${reason === "syntax" ? "expecting primary" : "division by zero"}: "${expression}"`;
}

/** Unquoted source text: backslashes quote, a leading tilde is a home. */
function addLiteral(shell: Expander, text: string, pieces: Piece[], first: boolean, assignment: boolean): void {
  let rest = text;
  const tilde = first || assignment ? /^~([A-Za-z_][\w.-]*)?(?=\/|$|:)/.exec(rest) : undefined;
  if (tilde && (first || pieces.length === 0)) {
    const home = homeOf(shell, tilde[1]);
    if (home !== undefined) {
      pieces.push({ kind: "text", text: home, quoted: true, split: false });
      rest = rest.slice(tilde[0].length);
    }
  }
  let plainText = "";
  for (let at = 0; at < rest.length; at++) {
    const char = rest[at] ?? "";
    if (char === "\\" && at + 1 < rest.length) {
      if (plainText) pieces.push(plain(plainText));
      plainText = "";
      const next = rest[++at] ?? "";
      if (next !== "\n") pieces.push({ kind: "text", text: next, quoted: true, split: false });
    } else if (assignment && char === ":" && rest[at + 1] === "~") {
      pieces.push(plain(`${plainText}:`));
      addLiteral(shell, rest.slice(at + 1), pieces, true, true);
      return;
    } else plainText += char;
  }
  if (plainText) pieces.push(plain(plainText));
}

function homeOf(shell: Expander, user: string | undefined): string | undefined {
  if (user === undefined) return shell.get("HOME");
  try {
    const lines = shell.process.machine.fileSystem.readText(shell.process, "/etc/passwd").split("\n");
    return lines.find((line) => line.startsWith(`${user}:`))?.split(":")[5];
  } catch {
    // No /etc/passwd: the tilde stays.
    return undefined;
  }
}

function plain(text: string): Piece {
  return { kind: "text", text, quoted: false, split: false };
}

async function addParameter(shell: Expander, name: string, quoted: boolean, pieces: Piece[]): Promise<void> {
  if (name === "@" || name === "*") {
    addPositional(shell, name, quoted, pieces);
    return;
  }
  const value = shell.get(name);
  if (value === undefined && shell.state.options.nounset)
    await shell.fail(shell.state.dialect === "bash" ? `${name}: unbound variable` : `${name}: parameter not set`);
  pieces.push({ kind: "text", text: value ?? "", quoted, split: !quoted });
}

function addPositional(shell: Expander, name: string, quoted: boolean, pieces: Piece[]): void {
  const values = shell.state.positional;
  if (name === "*" && quoted) {
    pieces.push({ kind: "text", text: values.join((shell.get("IFS") ?? " ").slice(0, 1)), quoted: true, split: false });
    return;
  }
  for (const [index, value] of values.entries()) {
    if (index > 0) pieces.push({ kind: "break" });
    pieces.push({ kind: "text", text: value, quoted, split: !quoted });
  }
}

type Expansion = Extract<WordPart, { type: "ParameterExpansion" }>;

async function addExpansion(
  shell: Expander,
  part: Expansion,
  source: string,
  quoted: boolean,
  pieces: Piece[],
): Promise<void> {
  const { parameter: name, operation } = part;
  if (part.index || part.prefix === "!") await shell.fail(badSubstitution(shell, part.text));
  if (part.prefix === "#") {
    const length =
      name === "@" || name === "*" ? shell.state.positional.length : Array.from(shell.get(name) ?? "").length;
    pieces.push({ kind: "text", text: String(length), quoted, split: !quoted });
    return;
  }
  if (!operation) return addParameter(shell, name, quoted, pieces);
  const value = name === "@" || name === "*" ? positionalText(shell) : shell.get(name);
  switch (operation.type) {
    case "Default": {
      const missing = value === undefined || (operation.operator.startsWith(":") && value === "");
      const kind = operation.operator.slice(-1);
      if (kind === "+" ? missing : !missing) {
        if (kind !== "+") await addParameter(shell, name, quoted, pieces);
        return;
      }
      if (kind === "?") {
        const message = await expandString(shell, operation.operand, source);
        await shell.fail(
          `${name}: ${message || (operation.operator === "?" ? "parameter not set" : "parameter not set or null")}`,
        );
      }
      if (kind === "=") {
        const assigned = await expandString(shell, operation.operand, source);
        await shell.set(name, assigned);
        pieces.push({ kind: "text", text: assigned, quoted, split: !quoted });
        return;
      }
      if (quoted)
        pieces.push({
          kind: "text",
          text: await expandString(shell, operation.operand, source),
          quoted: true,
          split: false,
        });
      else
        for (const piece of await expandPieces(shell, operation.operand, source))
          pieces.push(piece.kind === "text" && !piece.quoted ? { ...piece, split: true } : piece);
      return;
    }
    case "Remove": {
      const pattern = await expandPattern(shell, operation.operand, source);
      pieces.push({
        kind: "text",
        text: await remove(shell, value ?? "", operation.operator, pattern),
        quoted,
        split: !quoted,
      });
      return;
    }
    case "Slice": {
      if (shell.state.dialect === "dash") return shell.fail(badSubstitution(shell, part.text));
      const chars = Array.from(value ?? "");
      const offset = Number(await arithmetic(shell, await expandString(shell, operation.offset, source)));
      const start = offset < 0 ? Math.max(0, chars.length + offset) : offset;
      const length = operation.length
        ? Number(await arithmetic(shell, await expandString(shell, operation.length, source)))
        : chars.length;
      pieces.push({
        kind: "text",
        text: chars.slice(start, length < 0 ? length : start + length).join(""),
        quoted,
        split: !quoted,
      });
      return;
    }
    case "Replace": {
      if (shell.state.dialect === "dash") return shell.fail(badSubstitution(shell, part.text));
      const pattern = await expandPattern(shell, operation.pattern, source);
      const replacement = await expandString(shell, operation.replacement, source);
      pieces.push({
        kind: "text",
        text: await replace(shell, value ?? "", operation.operator, pattern, replacement),
        quoted,
        split: !quoted,
      });
      return;
    }
    default:
      return shell.fail(badSubstitution(shell, part.text));
  }
}

function badSubstitution(shell: Expander, text: string): string {
  return shell.state.dialect === "dash"
    ? "Bad substitution"
    : shell.state.dialect === "bash"
      ? `${text}: bad substitution`
      : "syntax error: bad substitution";
}

function positionalText(shell: Expander): string | undefined {
  return shell.state.positional.length > 0 ? shell.state.positional.join(" ") : undefined;
}

async function remove(
  shell: Expander,
  value: string,
  operator: "#" | "##" | "%" | "%%",
  pattern: PatternItem[],
): Promise<string> {
  const chars = Array.from(value);
  const atStart = operator.startsWith("#");
  const end = await lastOrFirst(
    shell,
    matchEnds(pattern, chars, atStart ? 0 : chars.length, !atStart),
    operator.length > 1,
  );
  if (end === undefined) return value;
  return (atStart ? chars.slice(end) : chars.slice(0, end)).join("");
}

async function replace(
  shell: Expander,
  value: string,
  operator: "/" | "//" | "/#" | "/%",
  pattern: PatternItem[],
  replacement: string,
): Promise<string> {
  const chars = Array.from(value);
  if (operator === "/%") {
    const from = await lastOrFirst(shell, matchEnds(pattern, chars, chars.length, true), true);
    return from === undefined || from === chars.length ? value : chars.slice(0, from).join("") + replacement;
  }
  let result = "";
  for (let at = 0; at < chars.length;) {
    const end =
      operator !== "/#" || at === 0 ? await lastOrFirst(shell, matchEnds(pattern, chars, at), true) : undefined;
    if (end === undefined || end === at) result += chars[at++] ?? "";
    else {
      result += replacement;
      at = end;
      if (operator !== "//") return result + chars.slice(at).join("");
    }
  }
  return result;
}

async function lastOrFirst(shell: Expander, ends: Iterable<number>, last: boolean): Promise<number | undefined> {
  let found: number | undefined;
  let seen = 0;
  for (const end of ends) {
    found = end;
    if (!last) break;
    if (++seen % ENDS_PER_STEP === 0) await shell.process.step();
  }
  await shell.process.step();
  return found;
}

const ENDS_PER_STEP = 1000;

/** Splits at IFS where `split` allows it. Each field keeps which of its text was quoted. */
function splitFields(pieces: readonly Piece[], ifs: string): PatternText[][] {
  const fields: PatternText[][] = [];
  let field: PatternText[] | undefined;
  const close = (): void => {
    if (field) fields.push(field);
    field = undefined;
  };
  for (const piece of pieces) {
    if (piece.kind === "break") close();
    else if (!piece.split) (field ??= []).push({ text: piece.text, quoted: piece.quoted });
    else {
      let current = "";
      for (let at = 0; at < piece.text.length; at++) {
        const char = piece.text[at] ?? "";
        if (!ifs.includes(char)) {
          current += char;
          continue;
        }
        if (current) (field ??= []).push({ text: current, quoted: false });
        current = "";
        if (/\s/.test(char)) close();
        else {
          // A separator that is not blank ends a field even when that is empty.
          field ??= [];
          close();
        }
        // Blanks around it belong to it.
        if (/\s/.test(char)) {
          let next = at;
          while (
            next + 1 < piece.text.length &&
            ifs.includes(piece.text[next + 1] ?? "") &&
            /\s/.test(piece.text[next + 1] ?? "")
          )
            next++;
          const follower = piece.text[next + 1] ?? "";
          if (follower && ifs.includes(follower) && !/\s/.test(follower) && fields.length > 0) next++;
          at = next;
        }
        while (
          at + 1 < piece.text.length &&
          ifs.includes(piece.text[at + 1] ?? "") &&
          /\s/.test(piece.text[at + 1] ?? "")
        )
          at++;
      }
      if (current) (field ??= []).push({ text: current, quoted: false });
    }
  }
  close();
  return fields;
}

function textOf(field: readonly PatternText[]): string {
  return field.map(({ text }) => text).join("");
}

function joinPieces(shell: Expander, pieces: readonly Piece[]): string {
  const separator = (shell.get("IFS") ?? " ").slice(0, 1) || " ";
  return pieces.map((piece) => (piece.kind === "text" ? piece.text : separator)).join("");
}
