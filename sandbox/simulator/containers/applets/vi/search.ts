import { asByteText } from "../applet";
import { compileRegex, type Matcher, RegexError } from "../regex";
import type { Place } from "./text-buffer";

export interface Found {
  readonly place?: Place;
  /** It went around the end of the text. */
  readonly wrapped?: boolean;
  readonly error?: string;
}

/** A basic regular expression over text as it is, not bytes. */
export function matcherOf(pattern: string, ignoreCase: boolean): Matcher | { readonly error: string } {
  try {
    return compileRegex(pattern, { extended: false, ignoreCase });
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    return { error: `bad search pattern '${asByteText(pattern)}': ${error.message}` };
  }
}

/** The next place where `pattern` begins after the cursor, or before it. */
export function findPattern(
  lines: readonly string[],
  cursor: Place,
  pattern: string,
  backward: boolean,
  ignoreCase: boolean,
): Found {
  const matcher = matcherOf(pattern, ignoreCase);
  if ("error" in matcher) return matcher;
  for (let passed = 0; passed <= lines.length; passed++) {
    const offset = backward ? lines.length - passed : passed;
    const row = (cursor.row + offset) % lines.length;
    const starts = startsIn(matcher, lines[row] ?? "");
    const isOwn = passed === 0;
    const column = backward
      ? starts.filter((start) => !isOwn || start < cursor.column).at(-1)
      : starts.find((start) => !isOwn || start > cursor.column);
    if (column !== undefined) {
      const wrapped = backward ? row > cursor.row : row < cursor.row || (passed > 0 && row === cursor.row);
      return { place: { row, column }, wrapped };
    }
  }
  return {};
}

function startsIn(matcher: Matcher, line: string): number[] {
  const starts: number[] = [];
  for (let at = 0; at <= line.length && starts.length < MOST_STARTS;) {
    const match = matcher.find(line, at);
    if (!match) break;
    starts.push(match.start);
    at = Math.max(match.end, match.start + 1);
  }
  return starts;
}

const MOST_STARTS = 1000;
