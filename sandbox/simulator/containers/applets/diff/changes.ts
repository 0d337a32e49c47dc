import type { CommonLines } from "./common-lines";

/** Lines `from` up to `to` (from 0, `to` not among them) of either text, which stand for one another. */
export interface Change {
  readonly left: { readonly from: number; readonly to: number };
  readonly right: { readonly from: number; readonly to: number };
}

/** One side of a comparison: its lines without breaks, and whether the last had one. */
export interface Side {
  readonly name: string;
  readonly lines: readonly string[];
  readonly endsInBreak: boolean;
}

const NO_BREAK = "\n\\ No newline at end of file";

export function changesBetween(common: CommonLines, leftCount: number, rightCount: number): Change[] {
  const changes: Change[] = [];
  let [left, right] = [0, 0];
  for (const [nextLeft, nextRight] of [...common, [leftCount, rightCount] as const]) {
    if (nextLeft > left || nextRight > right)
      changes.push({ left: { from: left, to: nextLeft }, right: { from: right, to: nextRight } });
    left = nextLeft + 1;
    right = nextRight + 1;
  }
  return changes;
}

/** `@@ -1,3 +1,4 @@` and so on, with up to `context` equal lines around. */
export function unified(left: Side, right: Side, changes: readonly Change[], context: number): string {
  const groups: Change[][] = [];
  for (const change of changes) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last && change.left.from - last.left.to <= 2 * context) group.push(change);
    else groups.push([change]);
  }
  return groups.map((group) => unifiedGroup(left, right, group, context)).join("");
}

function unifiedGroup(left: Side, right: Side, group: readonly Change[], context: number): string {
  const [first, last] = [group[0], group.at(-1)];
  if (!first || !last) return "";
  const before = Math.min(context, first.left.from);
  const after = Math.min(context, left.lines.length - last.left.to);
  const lines: string[] = [];
  let at = first.left.from - before;
  const equal = (end: number): void => {
    for (; at < end; at++) lines.push(` ${lineOf(left, at)}`);
  };
  for (const change of group) {
    equal(change.left.from);
    for (; at < change.left.to; at++) lines.push(`-${lineOf(left, at)}`);
    for (let added = change.right.from; added < change.right.to; added++) lines.push(`+${lineOf(right, added)}`);
  }
  equal(last.left.to + after);
  const leftRange = range(first.left.from - before, last.left.to + after, ",", true);
  const rightRange = range(first.right.from - before, last.right.to + after, ",", true);
  return `@@ -${leftRange} +${rightRange} @@\n${lines.map((line) => `${line}\n`).join("")}`;
}

/** `2,3c2` and so on, with `<` and `>` before the lines. */
export function normal(left: Side, right: Side, changes: readonly Change[]): string {
  return changes
    .map((change) => {
      const { left: gone, right: come } = change;
      const letter = gone.from === gone.to ? "a" : come.from === come.to ? "d" : "c";
      const old = left.lines.slice(gone.from, gone.to).map((_, at) => `< ${lineOf(left, gone.from + at)}\n`);
      const fresh = right.lines.slice(come.from, come.to).map((_, at) => `> ${lineOf(right, come.from + at)}\n`);
      return `${range(gone.from, gone.to, ",", false)}${letter}${range(come.from, come.to, ",", false)}\n${old.join("")}${letter === "c" ? "---\n" : ""}${fresh.join("")}`;
    })
    .join("");
}

function lineOf(side: Side, at: number): string {
  const line = side.lines[at] ?? "";
  return at === side.lines.length - 1 && !side.endsInBreak ? line + NO_BREAK : line;
}

/** Line numbers from 1. No lines at all stand behind the line before them. */
function range(from: number, to: number, comma: string, counted: boolean): string {
  const count = to - from;
  if (counted) return count === 1 ? String(to) : `${count === 0 ? from : from + 1}${comma}${count}`;
  return count <= 1 ? String(count === 0 ? from : to) : `${from + 1}${comma}${to}`;
}
