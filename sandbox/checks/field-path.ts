import { isRecord, read } from "./read";

const STEP = /([A-Za-z_][\w-]*)|\[(\d+)\]|\[([A-Za-z]\w*)=([^\]]+)\]|\["([^"\]]+)"\]/g;

/** The value at a path of `fieldPathSchema`; `undefined` when any step leads nowhere. */
export function readFieldPath(object: unknown, path: string): unknown {
  let current = object;
  for (const [, name, index, key, wanted, quoted] of path.matchAll(STEP)) {
    if (index !== undefined) current = read(current, Number(index));
    else if (key !== undefined) current = itemWith(current, key, wanted);
    else current = read(current, name ?? quoted ?? "");
  }
  return current;
}

function itemWith(list: unknown, key: string, wanted: string | undefined): unknown {
  return Array.isArray(list) ? list.find((item) => isRecord(item) && String(item[key]) === wanted) : undefined;
}
