/** Sets of completion indexes as Job statuses write them: `1,3-5,7`. Two neighbours are listed, three are a range. */

/** Reads such a text; indexes at or above `limit` and what cannot be read are left out. */
export function parseIndexes(text: string | undefined, limit: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? "").split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) continue;
    const last = Math.min(Number(match[2] ?? match[1]), limit - 1);
    for (let index = Number(match[1]); index <= last; index++) indexes.add(index);
  }
  return indexes;
}

export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let start = 0; start < sorted.length;) {
    let end = start;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++;
    const [first, last] = [sorted[start], sorted[end]];
    if (end === start) parts.push(String(first));
    else parts.push(end === start + 1 ? `${first},${last}` : `${first}-${last}`);
    start = end + 1;
  }
  return parts.join(",");
}

/** The lowest `count` indexes below `limit` that are not `taken`. */
export function firstFree(count: number, limit: number, taken: ReadonlySet<number>): number[] {
  const free: number[] = [];
  for (let index = 0; index < limit && free.length < count; index++) if (!taken.has(index)) free.push(index);
  return free;
}
