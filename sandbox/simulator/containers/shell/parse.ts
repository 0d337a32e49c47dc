import { parse, forEachChild, type Script, type SyntaxNode } from "unbash";
import { RecentResults } from "../recent-results";

export type ParseResult =
  | { kind: "complete"; script: Script; source: string }
  /** More lines are needed; at the end of the input it is the error `reason`. */
  | { kind: "incomplete"; reason: SyntaxProblem }
  | { kind: "error"; reason: SyntaxProblem };

export type SyntaxProblem =
  | { kind: "unexpected"; token: string; expecting?: string; line: number }
  | { kind: "unterminated quote" | "unterminated backquote"; line: number };

/** Parses shell text and says whether it could go on. */
export function parseScript(source: string): ParseResult {
  return parsed.of(source, () => parseAnew(source));
}

// The same scripts start every container of an image; what a text means is the same for all of them.
const parsed = new RecentResults<ParseResult>();

function parseAnew(source: string): ParseResult {
  const script = parse(source);
  const errors = script.errors ?? [];
  const swallowed = swallowedKeyword(source, errors[0]?.message);
  if (swallowed) return { kind: "error", reason: swallowed };
  const end = source.trimEnd().length;
  const lines = source.split("\n").length;
  const first = errors.find(({ message, pos }) => !isOpen(message, pos, end) && !/^expected command in/.test(message));
  if (first) {
    return {
      kind: "error",
      reason: {
        kind: "unexpected",
        token: tokenAt(source, first.pos),
        line: lineOf(source, first.pos),
        ...expectedInstead(first.message, errors.at(-1)?.message),
      },
    };
  }
  const open = errors.find(({ message, pos }) => isOpen(message, pos, end));
  if (open)
    return {
      kind: "incomplete",
      reason: openReason(
        open.message,
        errors.map(({ message }) => message),
        lines,
      ),
    };
  if (errors[0])
    return {
      kind: "error",
      reason: { kind: "unexpected", token: tokenAt(source, errors[0].pos + 1), line: lineOf(source, errors[0].pos) },
    };
  if (endsInBackslash(source) || hasOpenHereDocument(script, source))
    return { kind: "incomplete", reason: { kind: "unexpected", token: "end of file", line: lines } };
  return { kind: "complete", script, source };
}

/** `while true do …; done`: without a break before it `do` is one more argument, and the end comes too early. */
function swallowedKeyword(source: string, message: string | undefined): SyntaxProblem | undefined {
  const expecting = /^expected '(do|then)'$/.exec(message ?? "")?.[1];
  const last = /(?:^|[\s;])(done|fi)\s*$/.exec(source);
  if (expecting === undefined || !last) return undefined;
  return { kind: "unexpected", token: last[1] ?? "", expecting, line: lineOf(source, last.index + 1) };
}

/** A closing word that closes something else. */
function expectedInstead(message: string, last: string | undefined): { expecting?: string } {
  const expecting = /^expected '(\w+)' to close/.exec(last ?? "")?.[1];
  if (!/^unexpected token '(done|fi|esac)'/.test(message) || expecting === undefined) return {};
  return { expecting: expecting === "esac" ? ";;" : expecting };
}

/** 1 for the first line. */
export function lineOf(source: string, position: number): number {
  let line = 1;
  for (let at = source.indexOf("\n"); at >= 0 && at < position; at = source.indexOf("\n", at + 1)) line++;
  return line;
}

function isOpen(message: string, position: number, end: number): boolean {
  return message.startsWith("unterminated") || (message.startsWith("expected") && position >= end);
}

function openReason(message: string, all: readonly string[], lines: number): SyntaxProblem {
  if (/backtick/.test(message)) return { kind: "unterminated backquote", line: lines };
  if (/quote/.test(message)) return { kind: "unterminated quote", line: lines };
  const expecting = all
    .map((each) => (/to close/.test(each) ? /'([^']+)'/.exec(each)?.[1] : undefined))
    .find((each) => each !== undefined);
  const wanted =
    expecting ?? /^expected '([^']+)'/.exec(message)?.[1] ?? (/substitution|expansion/.test(message) ? "}" : undefined);
  return {
    kind: "unexpected",
    token: "end of file",
    line: lines,
    ...(wanted && { expecting: /parameter/.test(message) ? "}" : /substitution/.test(message) ? ")" : wanted }),
  };
}

function tokenAt(source: string, position: number): string {
  const rest = source.slice(position).replace(/^[ \t]+/, "");
  if (rest === "") return "end of file";
  if (rest.startsWith("\n")) return "newline";
  return /^(?:&&|\|\||;;|<<|>>|[;&|()<>]|[^\s;&|()<>]+)/.exec(rest)?.[0] ?? rest[0] ?? "";
}

function endsInBackslash(source: string): boolean {
  const backslashes = /(\\+)\n?$/.exec(source)?.[1] ?? "";
  return backslashes.length % 2 === 1 && source.endsWith("\\\n");
}

function hasOpenHereDocument(script: Script, source: string): boolean {
  if (!source.includes("<<")) return false;
  let open = false;
  const visit = (node: SyntaxNode): void => {
    if (node.type === "HereDoc" && !node.closing) open = true;
    else if (!open) forEachChild(node, visit);
  };
  // Word parts parse lazily; only scripts that mention a here-document are walked.
  if (script.commands.length > 0) for (const command of script.commands) visit(command);
  return open;
}
