import { EvaluationError, type Environment } from "@marcbachmann/cel-js";
import { RE2JS } from "re2js";

/**
 * Regular expressions on an engine whose time grows with the text only, and the rest of the string functions.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-regex-library
 */
export function registerStrings(environment: Environment): void {
  environment
    // `matches` of the library runs on the host's engine: source.ts sends it here.
    .registerFunction("string.matchRe(string): bool", (text: string, pattern: string) => regex(pattern).test(text))
    .registerFunction("matchRe(string, string): bool", (text: string, pattern: string) => regex(pattern).test(text))
    .registerFunction(
      "string.find(string): string",
      (text: string, pattern: string) => findAll(text, pattern, 1)[0] ?? "",
    )
    .registerFunction("string.findAll(string): list<string>", (text: string, pattern: string) =>
      findAll(text, pattern, -1),
    )
    .registerFunction("string.findAll(string, int): list<string>", (text: string, pattern: string, most: bigint) =>
      findAll(text, pattern, Number(most)),
    )
    .registerFunction("string.charAt(int): string", charAt)
    .registerFunction("string.replace(string, string): string", (text: string, from: string, to: string) =>
      text.replaceAll(from, () => to),
    )
    .registerFunction("string.replace(string, string, int): string", replaceSome)
    .registerFunction("string.reverse(): string", (text: string) => Array.from(text).reverse().join(""))
    .registerFunction("string.format(list): string", format);
}

function regex(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new EvaluationError(`error parsing regexp: ${error instanceof Error ? error.message : ""}`);
  }
}

function findAll(text: string, pattern: string, most: number): string[] {
  const matcher = regex(pattern).matcher(text);
  const found: string[] = [];
  while (found.length !== most && matcher.find()) found.push(matcher.group() ?? "");
  return found;
}

function charAt(text: string, index: bigint): string {
  const letters = Array.from(text);
  if (index < 0n || index > letters.length) throw new EvaluationError(`index out of range: ${index}`);
  return letters[Number(index)] ?? "";
}

function replaceSome(text: string, from: string, to: string, most: bigint): string {
  if (most < 0n) return text.replaceAll(from, () => to);
  const parts = text.split(from);
  const kept = Math.min(Number(most), parts.length - 1);
  return (
    parts.slice(0, kept + 1).join(to) +
    parts
      .slice(kept + 1)
      .map((part) => from + part)
      .join("")
  );
}

/** `"%s has %d of %.2f".format([…])`. https://pkg.go.dev/github.com/google/cel-go/ext#Strings */
function format(template: string, values: readonly unknown[]): string {
  let next = 0;
  return template.replaceAll(/%(?:\.(\d+))?([a-zA-Z%])/g, (_match, precision: string | undefined, verb: string) => {
    if (verb === "%") return "%";
    if (next >= values.length) throw new EvaluationError(`index ${next} out of range`);
    return formatOne(verb, precision === undefined ? 6 : Number(precision), values[next++]);
  });
}

function formatOne(verb: string, precision: number, value: unknown): string {
  switch (verb) {
    case "s":
      return textOf(value);
    case "d":
      if (typeof value === "bigint") return String(value);
      throw new EvaluationError(`error during formatting: decimal clause can only be used on integers`);
    case "f":
      return Number(value).toFixed(precision);
    case "e":
      return Number(value)
        .toExponential(precision)
        .replace(/e([+-])(\d)$/, "e$10$2");
    case "x":
    case "X":
    case "o":
    case "b": {
      const base = { x: 16, X: 16, o: 8, b: 2 }[verb];
      const digits =
        typeof value === "string"
          ? Array.from(new TextEncoder().encode(value), (byte) => byte.toString(16).padStart(2, "0")).join("")
          : BigInt(Number(value)).toString(base);
      return verb === "X" ? digits.toUpperCase() : digits;
    }
    default:
      throw new EvaluationError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "null";
  if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, each]) => `${key}: ${textOf(each)}`).join(", ")}}`;
  }
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean" ? String(value) : "";
}
