import { parse, type Word, type WordPart } from "unbash";
import { ArithmeticError, evaluateArithmetic } from "./arithmetic";
import { expandPathname } from "./pathname";
import type { Expander } from "./expander";
import { addLiteral } from "./literal";
import { removeMatch, replaceMatch } from "./match-value";
import { compilePattern, type PatternItem } from "./pattern";
import { plain, splitFields, textOf, type Piece } from "./pieces";
import { FileError } from "../filesystem/file-error";
import type { ShellState } from "./state";

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
        text: await removeMatch(shell.process, value ?? "", operation.operator, pattern),
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
        text: await replaceMatch(shell.process, value ?? "", operation.operator, pattern, replacement),
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

function joinPieces(shell: Expander, pieces: readonly Piece[]): string {
  const separator = (shell.get("IFS") ?? " ").slice(0, 1) || " ";
  return pieces.map((piece) => (piece.kind === "text" ? piece.text : separator)).join("");
}
