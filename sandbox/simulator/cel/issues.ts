import type { ASTNode, Environment } from "@marcbachmann/cel-js";
import { MATCHES } from "./source";

/** What the library throws and reports, as far as it matters here. */
export interface CelFault {
  readonly code: string;
  readonly summary: string;
  readonly range?: { readonly start: number; readonly end: number };
  readonly node?: unknown;
}

/**
 * A fault of an expression in the words of the server's own language library, with the place it points at.
 * https://github.com/google/cel-go/blob/master/common/error.go
 */
export function describeIssue(source: string, fault: CelFault, environment: Environment): string {
  const { at, text } = wording(source, fault, environment);
  const before = source.slice(0, at);
  const line = before.split("\n").length;
  const start = before.lastIndexOf("\n") + 1;
  const [shown = ""] = source.slice(start).split("\n");
  return `ERROR: <input>:${line}:${at - start + 1}: ${text}\n | ${shown}\n | ${".".repeat(at - start)}^`;
}

function wording(source: string, fault: CelFault, environment: Environment): { at: number; text: string } {
  const { code, range } = fault;
  const summary = fault.summary.replaceAll(MATCHES, "matches");
  const at = Math.min(range?.start ?? 0, source.length);
  switch (code) {
    case "unknown_variable":
      return { at, text: undeclared(source.slice(at, range?.end ?? at)) };
    case "no_such_key":
      return {
        at: Math.max(0, source.lastIndexOf(".", at)),
        text: `undefined field '${source.slice(at, range?.end)}'`,
      };
    case "no_such_overload":
      return overload(source, at, summary, fault.node);
    case "no_matching_overload":
      return call(source, at, summary, fault.node, environment);
    case "heterogeneous_list_element":
    case "heterogeneous_map_value":
    case "heterogeneous_map_key": {
      const [, wanted = "", got = ""] = /expected type '(.*)' but found '(.*)'/.exec(summary) ?? [];
      return { at, text: `expected type '${goType(wanted)}' but found '${goType(got)}'` };
    }
    default:
      return syntax(source, at, summary);
  }
}

function undeclared(name: string): string {
  return `undeclared reference to '${name}' (in container '')`;
}

const OPERATORS: Readonly<Record<string, string>> = { in: "@in", "!_": "!_", "-_": "-_", "[]": "_[_]" };

/** An operator between types that it does not take; the place is the operator's own. */
function overload(source: string, at: number, summary: string, node: unknown): { at: number; text: string } {
  const binary = /^no such overload: (.+?) (\S+) (.+)$/.exec(summary);
  if (binary) {
    const [, left = "", operator = "", right = ""] = binary;
    const name = OPERATORS[operator] ?? `_${operator}_`;
    const end = leftEnd(node) ?? at;
    const place = source.indexOf(operator, end);
    const types = `(${goType(left)}, ${goType(right)})`;
    return { at: place < 0 ? at : place, text: `found no matching overload for '${name}' applied to '${types}'` };
  }
  const unary = /^no such overload: ([!-])(.+)$/.exec(summary);
  if (!unary) return { at, text: "found no matching overload" };
  return { at, text: `found no matching overload for '${unary[1] ?? ""}_' applied to '(${goType(unary[2] ?? "")})'` };
}

function leftEnd(node: unknown): number | undefined {
  if (!isNode(node) || !Array.isArray(node.args)) return undefined;
  const left: unknown = node.args[0];
  return isNode(left) ? left.end : undefined;
}

/** A function that is not there at all, or not for these types; the place is its opening parenthesis. */
function call(
  source: string,
  at: number,
  summary: string,
  node: unknown,
  environment: Environment,
): { at: number; text: string } {
  const [, receiver, name = "", args = ""] = /'(?:(.+)\.)?([A-Za-z_]\w*)\((.*)\)'$/.exec(summary) ?? [];
  const from = isNode(node) && node.op === "rcall" && isNode(node.args[1]) ? node.args[1].end : at;
  const open = source.indexOf("(", from);
  const place = { at: open < 0 ? at : open };
  const known = environment
    .getDefinitions()
    .functions.some((each) => each.name === (name === "matches" ? MATCHES : name));
  if (!known) return { ...place, text: undeclared(name) };
  const types = splitTypes(args).map(goType).join(", ");
  const applied = receiver === undefined ? `(${types})` : `${goType(receiver)}.(${types})`;
  return { ...place, text: `found no matching overload for '${name}' applied to '${applied}'` };
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value && "end" in value;
}

function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let current = "";
  for (const char of text) {
    if (char === "<") depth++;
    if (char === ">") depth--;
    if (char === "," && depth === 0) {
      parts.push(current.trim());
      current = "";
    } else current += char;
  }
  return current.trim() === "" ? parts : [...parts, current.trim()];
}

/** `list<map<string, dyn>>` is `list(map(string, dyn))` over there. */
export function goType(name: string): string {
  const plain = name
    .replaceAll("google.protobuf.Timestamp", "timestamp")
    .replaceAll("google.protobuf.Duration", "duration")
    .replaceAll("<", "(")
    .replaceAll(">", ")");
  if (plain === "list") return "list(dyn)";
  if (plain === "map") return "map(dyn, dyn)";
  return plain;
}

const OPERANDS =
  "'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER";

function syntax(source: string, at: number, summary: string): { at: number; text: string } {
  if (/EOF/.test(summary) && at >= source.trimEnd().length) {
    const expecting = source.trimEnd().endsWith("(") ? OPERANDS.replace("'(',", "'(', ')',") : OPERANDS;
    return { at: source.length, text: `Syntax error: mismatched input '<EOF>' expecting {${expecting}}` };
  }
  const char = source[at] ?? "";
  if (char === "=" && source[at + 1] !== "=") {
    return { at, text: `Syntax error: token recognition error at: '${source.slice(at, at + 2)}'` };
  }
  const word = /^[A-Za-z_]\w*|^\d+/.exec(source.slice(at))?.[0] ?? char;
  if (/^Unexpected character/.test(summary))
    return { at, text: `Syntax error: extraneous input '${word}' expecting <EOF>` };
  if (/^Reserved identifier/.test(summary)) return { at, text: `reserved identifier: ${word}` };
  if (/^(Unexpected token|Expected)/.test(summary)) {
    return { at, text: `Syntax error: mismatched input '${word}' expecting {${OPERANDS}}` };
  }
  return { at, text: summary };
}
