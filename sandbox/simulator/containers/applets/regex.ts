import { RE2JS } from "re2js";
import { RecentResults } from "../recent-results";
import { FileError } from "../filesystem/file-error";

/** A POSIX expression on an engine whose time grows with the text only. Text is bytes, one character each. */
export interface Matcher {
  /**
   * The first match at or after `start`, with its groups; unmatched groups are `undefined`. Throws `FileError` ENOMEM
   * when expression and text are both so long that working out the groups would keep everyone else waiting.
   */
  find(text: string, start?: number): Match | undefined;
  /** Whether there is one: cheaper than `find`. */
  test(text: string): boolean;
}

export interface Match {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

/** The pattern is not a regular expression; `message` is glibc's reason. */
export class RegexError extends Error {
  override readonly name = "RegexError";
}

export function compileRegex(
  pattern: string,
  options: { extended: boolean; fixed?: boolean; ignoreCase?: boolean; word?: boolean; line?: boolean },
): Matcher {
  let translated = options.fixed ? RE2JS.quote(pattern) : translate(pattern, options.extended);
  if (options.word) translated = `(?:\\b(?:${translated})\\b)`;
  if (options.line) translated = `^(?:${translated})$`;
  const flags = (options.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | RE2JS.DOTALL;
  let compiled: RE2JS;
  try {
    compiled = programs.of(`${flags} ${translated}`, () => RE2JS.compile(translated, flags));
  } catch {
    // The engine's own words would not be what a learner knows.
    throw new RegexError(reasonFor(pattern));
  }
  const size = compiled.programSize();
  if (size > MAX_PROGRAM) throw new RegexError("Regular expression too big");
  const test = (text: string): boolean => {
    if (size * text.length > MAX_TEST_WORK) throw new FileError("ENOMEM");
    return compiled.test(text);
  };
  return {
    test,
    find(text, start = 0) {
      if (size * text.length > MAX_GROUP_WORK) {
        if (!test(text)) return undefined;
        throw new FileError("ENOMEM");
      }
      const matcher = compiled.matcher(text);
      if (start > text.length || !matcher.find(start)) return undefined;
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined);
      return { start: matcher.start(), end: matcher.end(), groups };
    },
  };
}

// Starting containers and loops ask for the same expressions again and again.
const programs = new RecentResults<RE2JS>({ count: 50, letters: 200 });
/** Instructions of a compiled expression. */
const MAX_PROGRAM = 2000;
/** Instructions times characters: some 10 ms each at worst. */
const MAX_GROUP_WORK = 400_000;
const MAX_TEST_WORK = 8_000_000;

function reasonFor(pattern: string): string {
  if (/\[[^\]]*$/.test(pattern)) return "Unmatched [, [^, [:, [., or [=";
  if (/\\?\($|\\?\([^)]*$/.test(pattern)) return "Unmatched ( or \\(";
  if (/\)/.test(pattern)) return "Unmatched ) or \\)";
  return "Invalid regular expression";
}

/** Basic or extended POSIX syntax (with GNU's additions) into RE2's. */
function translate(pattern: string, extended: boolean): string {
  let result = "";
  let atStart = true;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? "";
    const next = pattern[at + 1];
    const before = atStart;
    atStart = false;
    if (char === "[") {
      const set = readSet(pattern, at);
      result += set.text;
      at = set.end;
    } else if (char === "\\" && next !== undefined) {
      at++;
      if (!extended && "(){}|+?".includes(next)) {
        result += next;
        atStart = next === "(" || next === "|";
      } else if ("<>".includes(next)) result += "\\b";
      else if ("wWsSbB".includes(next)) result += `\\${next}`;
      else if (next === "n") result += "\\n";
      else if (next === "t") result += "\\t";
      else if (/[1-9]/.test(next)) throw new RegexError("Invalid back reference");
      else result += /[\w]/.test(next) ? next : `\\${next}`;
    } else if (!extended && "(){}|+?".includes(char)) result += `\\${char}`;
    else if (!extended && char === "*" && before) result += "\\*";
    else if (!extended && char === "^" && !before) result += "\\^";
    else if (
      !extended &&
      char === "$" &&
      next !== undefined &&
      !(next === "\\" && (pattern[at + 2] === ")" || pattern[at + 2] === "|"))
    )
      result += "\\$";
    else if (extended && char === "{" && !/^\{\d*,?\d*\}/.test(pattern.slice(at))) result += "\\{";
    else {
      result += char;
      atStart = char === "^" || (extended && (char === "(" || char === "|"));
    }
  }
  return result;
}

function readSet(pattern: string, start: number): { text: string; end: number } {
  let at = start + 1;
  let text = "[";
  if (pattern[at] === "^") {
    text += "^";
    at++;
  }
  for (let first = true; ; first = false) {
    const char = pattern[at];
    if (char === undefined) throw new RegexError("Unmatched [, [^, [:, [., or [=");
    if (char === "]" && !first) return { text: `${text}]`, end: at };
    const named = /^\[:(\w+):\]/.exec(pattern.slice(at));
    if (named) {
      text += named[0];
      at += named[0].length;
      continue;
    }
    text += char === "-" ? "-" : /[\\[\]^&~]/.test(char) ? `\\${char}` : char;
    at++;
  }
}
