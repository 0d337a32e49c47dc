/** A shell pattern, piece by piece; quoted text has no magic. */
export type PatternItem =
  | { kind: "char"; char: string }
  | { kind: "any" }
  | { kind: "star" }
  | { kind: "set"; negated: boolean; has: (char: string) => boolean };

export interface PatternText {
  readonly text: string;
  readonly quoted: boolean;
}

/** Whether unquoted text holds anything that matches more than itself. */
export function hasMagic(parts: readonly PatternText[]): boolean {
  return parts.some(({ text, quoted }) => !quoted && /[*?[]/.test(text));
}

/** Compiles text in which a backslash quotes the next character. */
export function compileGlob(text: string): PatternItem[] {
  const parts: PatternText[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "\\" && at + 1 < text.length) parts.push({ text: text[++at] ?? "", quoted: true });
    else parts.push({ text: char, quoted: false });
  }
  return compilePattern(parts);
}

export function compilePattern(parts: readonly PatternText[]): PatternItem[] {
  const chars: { char: string; quoted: boolean }[] = [];
  for (const { text, quoted } of parts) for (const char of text) chars.push({ char, quoted });
  const items: PatternItem[] = [];
  for (let at = 0; at < chars.length; at++) {
    const current = chars[at];
    if (!current) break;
    if (current.quoted) items.push({ kind: "char", char: current.char });
    else if (current.char === "*") {
      if (items.at(-1)?.kind !== "star") items.push({ kind: "star" });
    } else if (current.char === "?") items.push({ kind: "any" });
    else if (current.char === "[") {
      const set = readSet(chars, at);
      if (set) {
        items.push(set.item);
        at = set.end;
      } else items.push({ kind: "char", char: "[" });
    } else items.push({ kind: "char", char: current.char });
  }
  return items;
}

/** Matches the whole text. Time is at worst the product of the two lengths. */
export function matches(items: readonly PatternItem[], text: string): boolean {
  const chars = Array.from(text);
  let item = 0;
  let at = 0;
  let star = -1;
  let mark = 0;
  while (at < chars.length) {
    const current = items[item];
    if (current && current.kind !== "star" && matchesOne(current, chars[at] ?? "")) {
      item++;
      at++;
    } else if (current?.kind === "star") {
      star = item++;
      mark = at;
    } else if (star >= 0) {
      item = star + 1;
      at = ++mark;
    } else return false;
  }
  while (items[item]?.kind === "star") item++;
  return item === items.length;
}

/**
 * Where matches that begin at `start` may end, in order. All ways through the pattern go along side by side, so it takes
 * the product of the two lengths at most. A pattern that is `reversed` reads the text backwards from `start`.
 */
export function* matchEnds(
  items: readonly PatternItem[],
  chars: readonly string[],
  start: number,
  reversed = false,
): Generator<number> {
  const pattern = reversed ? [...items].reverse() : items;
  const by = reversed ? -1 : 1;
  let states = new Set<number>();
  const enter = (to: Set<number>, item: number): void => {
    to.add(item);
    if (pattern[item]?.kind === "star") enter(to, item + 1);
  };
  enter(states, 0);
  for (let at = start; states.size > 0; at += by) {
    if (states.has(pattern.length)) yield at;
    const char = chars[reversed ? at - 1 : at];
    if (char === undefined) return;
    const next = new Set<number>();
    for (const state of states) {
      const item = pattern[state];
      if (item?.kind === "star") enter(next, state);
      else if (item && matchesOne(item, char)) enter(next, state + 1);
    }
    states = next;
  }
}

function matchesOne(item: Exclude<PatternItem, { kind: "star" }>, char: string): boolean {
  switch (item.kind) {
    case "any":
      return true;
    case "char":
      return item.char === char;
    case "set":
      return item.has(char) !== item.negated;
  }
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[a-zA-Z0-9]/,
  alpha: /[a-zA-Z]/,
  blank: /[ \t]/,
  cntrl: /[\0-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /\s/,
  upper: /[A-Z]/,
  xdigit: /[0-9a-fA-F]/,
};

function readSet(
  chars: readonly { char: string; quoted: boolean }[],
  start: number,
): { item: PatternItem; end: number } | undefined {
  let at = start + 1;
  const negated = chars[at] !== undefined && !chars[at]?.quoted && (chars[at]?.char === "!" || chars[at]?.char === "^");
  if (negated) at++;
  const tests: ((char: string) => boolean)[] = [];
  for (let first = true; ; first = false) {
    const current = chars[at];
    if (!current) return undefined;
    if (current.char === "]" && !current.quoted && !first) break;
    if (current.char === "[" && !current.quoted && chars[at + 1]?.char === ":") {
      const close = chars.findIndex(
        (each, index) => index > at + 1 && each.char === ":" && chars[index + 1]?.char === "]",
      );
      const name =
        close < 0
          ? ""
          : chars
              .slice(at + 2, close)
              .map((each) => each.char)
              .join("");
      const known = CLASSES[name];
      if (known) {
        tests.push((char) => known.test(char));
        at = close + 2;
        continue;
      }
    }
    const last = chars[at + 2];
    if (chars[at + 1]?.char === "-" && !chars[at + 1]?.quoted && last && (last.char !== "]" || last.quoted)) {
      tests.push((char) => char >= current.char && char <= last.char);
      at += 3;
    } else {
      tests.push((char) => char === current.char);
      at++;
    }
  }
  return { item: { kind: "set", negated, has: (char) => tests.some((test) => test(char)) }, end: at };
}
