import { isJsonObject, type JsonObject } from "../api/json";
import type { Stored } from "../api/object";
import type { StorageSnapshot } from "../apiserver/storage";
import { subtle } from "../subtle";

/** The form below. Whoever changes it counts on and keeps reading what was written before. */
const VERSION = 1;
const FORMAT = "slipway-cluster";

/** A snapshot, or a journal, that cannot be used; `message` says why. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
}

/**
 * Everything in a cluster's store as text: a line that says what it is, with a hash of the rest, then the store as JSON.
 * The key that tokens are signed with is in the store too; keep the text as secret as a kubeconfig.
 */
export async function encodeSnapshot(snapshot: StorageSnapshot): Promise<string> {
  const body = JSON.stringify(snapshot);
  return `${JSON.stringify({ format: FORMAT, version: VERSION, sha256: await hashOf(body) })}\n${body}\n`;
}

/** Rejects with a `SnapshotError` for what is damaged, or of a version that is not known. */
export async function decodeSnapshot(text: string): Promise<StorageSnapshot> {
  const end = text.indexOf("\n");
  const head = parse(text.slice(0, Math.max(0, end)));
  if (head?.["format"] !== FORMAT) throw new SnapshotError("this is no snapshot of a cluster");
  if (head["version"] !== VERSION) {
    throw new SnapshotError(`the snapshot has version ${String(head["version"])}; known is ${VERSION}`);
  }
  const body = text.slice(end + 1, -1);
  if ((await hashOf(body)) !== head["sha256"]) throw new SnapshotError("the snapshot is damaged: its hash is another");
  const value = parse(body);
  if (!isSnapshot(value)) throw new SnapshotError("the snapshot lacks what every one has");
  return value;
}

// The hash says that it is what `encodeSnapshot` wrote; this, that it is whole.
function isSnapshot(value: unknown): value is StorageSnapshot {
  return isJsonObject(value) && typeof value["revision"] === "number" && Array.isArray(value["collections"]);
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Said by whoever asked.
    return undefined;
  }
}

async function hashOf(text: string): Promise<string> {
  const bytes = await subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The objects of a snapshot, to be changed by key. */
export function objectsOf({ collections }: StorageSnapshot): Map<string, Map<string, Stored>> {
  return new Map(collections.map(([name, objects]) => [name, new Map(objects)]));
}
