import { isJsonObject } from "../api/json";
import type { Stored } from "../api/object";
import type { Change, StorageSnapshot } from "../apiserver/storage";
import { objectsOf, SnapshotError } from "./cluster-snapshot";

/**
 * One write as a line of a journal, without its line break: a check sum, then the revision, the collection, the key and
 * the object that stands there from now on, `null` when none does.
 */
export function encodeChange({ revision, collection, key, type, object }: Change): string {
  const body = JSON.stringify([revision, collection, key, type === "DELETED" ? null : object]);
  return `${checkSum(body)} ${body}`;
}

/**
 * A snapshot brought up to date by the lines that were written since; older ones are passed over. A last line that broke
 * off is left out: it was never acknowledged. Throws a `SnapshotError` for damage elsewhere, or when a write is missing.
 */
export function replay(snapshot: StorageSnapshot, lines: Iterable<string>): StorageSnapshot {
  const collections = objectsOf(snapshot);
  let { revision } = snapshot;
  let broken: string | undefined;
  for (const line of lines) {
    if (broken !== undefined) throw new SnapshotError(`the journal is damaged after revision ${revision}`);
    const entry = decode(line);
    if (!entry) {
      broken = line;
      continue;
    }
    if (entry.revision <= revision) continue;
    if (entry.revision !== revision + 1) throw new SnapshotError(`the journal lacks what follows revision ${revision}`);
    revision = entry.revision;
    const objects = collections.get(entry.collection) ?? new Map<string, Stored>();
    collections.set(entry.collection, objects);
    if (entry.object) objects.set(entry.key, entry.object);
    else objects.delete(entry.key);
  }
  return { revision, collections: [...collections].map(([name, objects]) => [name, [...objects]] as const) };
}

interface Entry {
  readonly revision: number;
  readonly collection: string;
  readonly key: string;
  readonly object: Stored | null;
}

function decode(line: string): Entry | undefined {
  const body = line.slice(9);
  if (line[8] !== " " || checkSum(body) !== line.slice(0, 8)) return undefined;
  const value: unknown = JSON.parse(body);
  if (!Array.isArray(value)) return undefined;
  const [revision, collection, key, object] = value as unknown[];
  if (typeof revision !== "number" || typeof collection !== "string" || typeof key !== "string") return undefined;
  // The check sum says that it is what `encodeChange` wrote.
  return { revision, collection, key, object: isJsonObject(object) ? (object as unknown as Stored) : null };
}

/** FNV-1a of 32 bits over UTF-16: against lines that broke off or were mixed up, not against forgery. */
function checkSum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
