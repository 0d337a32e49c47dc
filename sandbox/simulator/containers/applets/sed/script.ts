import { compileRegex, type Matcher } from "../regex";

/** The script is wrong; `message` is busybox' reason. */
export class SedError extends Error {
  override readonly name = "SedError";
}

export type Address =
  | { kind: "line"; line: number }
  | { kind: "last" }
  | { kind: "match"; matcher: Matcher }
  | { kind: "step"; first: number; step: number }
  | { kind: "plus"; count: number };

export interface SedCommand {
  readonly from?: Address;
  readonly to?: Address;
  readonly negated: boolean;
  readonly action: SedAction;
  /** Whether its range has begun, and on which line. */
  open: boolean;
  openedAt: number;
}

export interface Substitution {
  readonly kind: "substitute";
  readonly matcher: Matcher;
  readonly replacement: string;
  readonly global: boolean;
  readonly print: boolean;
  readonly nth: number;
  /** A file that gets each line that was changed. */
  readonly file?: string;
}

export type SedAction =
  | Substitution
  | { readonly kind: "text"; readonly letter: "a" | "i" | "c"; readonly text: string }
  | { readonly kind: "translate"; readonly map: ReadonlyMap<string, string> }
  /** Those that are not selected go on at `end`. */
  | { readonly kind: "block"; end: number }
  /** `b`, `t` and `T`: to a label, or the end of the script. */
  | { readonly kind: "branch"; readonly letter: "b" | "t" | "T"; readonly label: string; target: number }
  | { readonly kind: "file"; readonly letter: "r" | "w"; readonly path: string }
  | { readonly kind: "quit"; readonly prints: boolean; readonly code: number }
  | { readonly kind: "plain"; readonly letter: string };

const PLAIN = "dDgGhHlnNpPxz=";

/** Reads a script into commands in one row: blocks and branches are jumps. Throws `SedError` or `RegexError`. */
export function parseSed(script: string, extended: boolean): SedCommand[] {
  let at = 0;
  let previous: Matcher | undefined;
  const skip = (pattern: RegExp): void => {
    while (pattern.test(script[at] ?? "")) at++;
  };
  const delimited = (delimiter: string, regex: boolean): string => {
    let text = "";
    let inSet = false;
    for (; at < script.length; at++) {
      const char = script[at] ?? "";
      if (char === "\\" && script[at + 1] !== undefined) {
        const escaped = script[++at] ?? "";
        // The delimiter, quoted, is itself; a line break in the pattern is one.
        text +=
          escaped === delimiter && !inSet
            ? delimiter === "&" || (regex && /[.*[\]^$+?(){}|]/.test(delimiter))
              ? `\\${delimiter}`
              : delimiter
            : `\\${escaped}`;
        continue;
      }
      if (regex && char === "[" && !inSet) inSet = true;
      else if (char === "]" && inSet && script[at - 1] !== "[" && !(script[at - 1] === "^" && script[at - 2] === "["))
        inSet = false;
      if (char === delimiter && !inSet) {
        at++;
        return text;
      }
      text += char;
    }
    throw new SedError(regex ? "unterminated address regex" : "unterminated `s' command");
  };
  const matcherOf = (pattern: string, ignoreCase: boolean): Matcher => {
    if (pattern === "" && previous) return previous;
    previous = compileRegex(pattern, { extended, ignoreCase });
    return previous;
  };
  const address = (): Address | undefined => {
    const char = script[at] ?? "";
    if (/\d/.test(char)) {
      const [whole = "", first = "0", step] = /^(\d+)(?:~(\d+))?/.exec(script.slice(at)) ?? [];
      at += whole.length;
      return step === undefined
        ? { kind: "line", line: Number(first) }
        : { kind: "step", first: Number(first), step: Number(step) };
    }
    if (char === "$") {
      at++;
      return { kind: "last" };
    }
    if (char === "+") {
      const [whole = "", count = "0"] = /^\+(\d+)/.exec(script.slice(at)) ?? [];
      at += whole.length;
      return { kind: "plus", count: Number(count) };
    }
    if (char === "/" || char === "\\") {
      const delimiter = char === "/" ? "/" : (script[++at] ?? "/");
      at++;
      const pattern = delimited(delimiter, true);
      const ignoreCase = script[at] === "I";
      if (ignoreCase) at++;
      return { kind: "match", matcher: matcherOf(pattern, ignoreCase) };
    }
    return undefined;
  };
  const commands: SedCommand[] = [];
  const labels = new Map<string, number>();
  const blocks: { end: number }[] = [];
  const word = (): string => {
    const [whole = "", text = ""] = /^[ \t]*([^;\n}]*)/.exec(script.slice(at)) ?? [];
    at += whole.length;
    return text.trim();
  };
  const restOfLine = (): string => {
    const [whole = "", text = ""] = /^[ \t]*([^\n]*)/.exec(script.slice(at)) ?? [];
    at += whole.length;
    return text;
  };
  for (;;) {
    skip(/[\s;]/);
    const char = script[at];
    if (char === undefined) break;
    if (char === "#") {
      while (at < script.length && script[at] !== "\n") at++;
      continue;
    }
    if (char === "}") {
      const block = blocks.pop();
      if (!block) throw new SedError("unexpected `}'");
      block.end = commands.length;
      at++;
      continue;
    }
    if (char === ":") {
      at++;
      labels.set(word(), commands.length);
      continue;
    }
    const from = address();
    skip(/[ \t]/);
    let to: Address | undefined;
    if (from && script[at] === ",") {
      at++;
      skip(/[ \t]/);
      to = address();
      if (!to) throw new SedError("unexpected `,'");
    }
    skip(/[ \t]/);
    const negated = script[at] === "!";
    if (negated) at++;
    skip(/[ \t!]/);
    const made = action();
    commands.push({ ...(from && { from }), ...(to && { to }), negated, action: made, open: false, openedAt: 0 });
    if (made.kind === "block") blocks.push(made);
  }
  if (blocks.length > 0) throw new SedError("unmatched `{'");
  for (const { action: each } of commands) {
    if (each.kind !== "branch") continue;
    const target = each.label === "" ? commands.length : labels.get(each.label);
    if (target === undefined) throw new SedError(`can't find label for jump to '${each.label}'`);
    each.target = target;
  }
  return commands;

  function action(): SedAction {
    const letter = script[at++];
    switch (letter) {
      case "{":
        return { kind: "block", end: 0 };
      case "s": {
        const delimiter = script[at++] ?? "/";
        const pattern = delimited(delimiter, true);
        const replacement = delimited(delimiter, false);
        const [flags = ""] = /^[gpiI0-9]*/.exec(script.slice(at)) ?? [];
        at += flags.length;
        let file: string | undefined;
        if (script[at] === "w") {
          at++;
          file = restOfLine();
        }
        if (/^[^\s;}#]/.test(script.slice(at))) throw new SedError("unknown option to `s'");
        return {
          kind: "substitute",
          matcher: matcherOf(pattern, /i/i.test(flags)),
          replacement,
          global: flags.includes("g"),
          print: flags.includes("p"),
          nth: Number(/\d+/.exec(flags)?.[0] ?? 1),
          ...(file !== undefined && { file }),
        };
      }
      case "y": {
        const delimiter = script[at++] ?? "/";
        const [from, to] = [delimited(delimiter, false), delimited(delimiter, false)].map((text) =>
          Array.from(text.replace(/\\n/g, "\n").replace(/\\\\/g, "\\")),
        );
        if (from?.length !== to?.length) throw new SedError("strings for `y' command are different lengths");
        return { kind: "translate", map: new Map(from?.map((char, index) => [char, to?.[index] ?? char])) };
      }
      case "a":
      case "i":
      case "c": {
        const [whole = "", text = ""] = /^[ \t]*(?:\\\n)?[ \t]*((?:\\\n|[^\n])*)/.exec(script.slice(at)) ?? [];
        at += whole.length;
        return { kind: "text", letter, text: text.replace(/\\\n/g, "\n").replace(/^\\/, "") };
      }
      case "b":
      case "t":
      case "T":
        return { kind: "branch", letter, label: word(), target: 0 };
      case "r":
      case "w":
        return { kind: "file", letter, path: restOfLine() };
      case "q":
      case "Q": {
        const [whole = "", code = "0"] = /^[ \t]*(\d*)/.exec(script.slice(at)) ?? [];
        at += whole.length;
        return { kind: "quit", prints: letter === "q", code: Number(code) };
      }
      case undefined:
        throw new SedError("missing command");
      default:
        if (PLAIN.includes(letter)) return { kind: "plain", letter };
        throw new SedError(`unsupported command ${letter}`);
    }
  }
}
