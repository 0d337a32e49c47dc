import type { Process } from "../processes/process";
import { matchEnds, type PatternItem } from "./pattern";

/** `${name#pattern}` and its like: the value without what matches at its start or end. */
export async function removeMatch(
  process: Process,
  value: string,
  operator: "#" | "##" | "%" | "%%",
  pattern: PatternItem[],
): Promise<string> {
  const chars = Array.from(value);
  const atStart = operator.startsWith("#");
  const end = await lastOrFirst(
    process,
    matchEnds(pattern, chars, atStart ? 0 : chars.length, !atStart),
    operator.length > 1,
  );
  if (end === undefined) return value;
  return (atStart ? chars.slice(end) : chars.slice(0, end)).join("");
}

/** `${name/pattern/replacement}` and its like. */
export async function replaceMatch(
  process: Process,
  value: string,
  operator: "/" | "//" | "/#" | "/%",
  pattern: PatternItem[],
  replacement: string,
): Promise<string> {
  const chars = Array.from(value);
  if (operator === "/%") {
    const from = await lastOrFirst(process, matchEnds(pattern, chars, chars.length, true), true);
    return from === undefined || from === chars.length ? value : chars.slice(0, from).join("") + replacement;
  }
  let result = "";
  for (let at = 0; at < chars.length;) {
    const end =
      operator !== "/#" || at === 0 ? await lastOrFirst(process, matchEnds(pattern, chars, at), true) : undefined;
    if (end === undefined || end === at) result += chars[at++] ?? "";
    else {
      result += replacement;
      at = end;
      if (operator !== "//") return result + chars.slice(at).join("");
    }
  }
  return result;
}

async function lastOrFirst(process: Process, ends: Iterable<number>, last: boolean): Promise<number | undefined> {
  let found: number | undefined;
  let seen = 0;
  for (const end of ends) {
    found = end;
    if (!last) break;
    if (++seen % ENDS_PER_STEP === 0) await process.step();
  }
  await process.step();
  return found;
}

const ENDS_PER_STEP = 1000;
