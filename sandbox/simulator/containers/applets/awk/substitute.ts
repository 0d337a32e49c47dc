import type { Matcher } from "../regex";

/** `sub` (once) and `gsub` (all): `&` in the replacement is what matched, `\&` is itself. */
export async function substitute(
  text: string,
  matcher: Matcher,
  replacement: string,
  all: boolean,
  step: () => Promise<void>,
): Promise<{ text: string; count: number }> {
  let result = "";
  let count = 0;
  let at = 0;
  while (at <= text.length) {
    const match = matcher.find(text, at);
    if (!match) break;
    if (count % MATCHES_PER_STEP === 0) await step();
    result += text.slice(at, match.start) + filled(replacement, text.slice(match.start, match.end));
    count++;
    at = match.end;
    if (match.end === match.start) {
      result += text[at] ?? "";
      at++;
    }
    if (!all) break;
  }
  return { text: result + text.slice(at), count };
}

const MATCHES_PER_STEP = 100;

function filled(replacement: string, matched: string): string {
  return replacement.replace(/\\([\\&])|&/g, (whole, escaped?: string) =>
    escaped === undefined ? matched : escaped === "&" ? "&" : whole === "\\\\" ? "\\" : whole,
  );
}
