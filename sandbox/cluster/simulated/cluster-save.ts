import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { CLUSTER_SAVE_FORMATS, type ClusterSave } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import type { StorageSnapshot } from "../../simulator/apiserver/storage";
import type { KeyPair } from "../../simulator/serve/certificate-authority";

/** The version of what is inside `data`. */
export const SAVE_FORMAT = CLUSTER_SAVE_FORMATS.simulated;

/**
 * What a save holds: objects by collection and key. In one that is not whole, those that were written since, and the
 * keys of those that are gone.
 */
const saveSchema = z.object({
  revision: z.number().int(),
  /** Only in a whole one: its kubeconfigs go on working. */
  ca: z.object({ cert: z.string(), key: z.string() }).optional(),
  collections: z.array(z.tuple([z.string(), z.array(z.tuple([z.string(), z.record(z.string(), z.unknown())]))])),
  gone: z.array(z.tuple([z.string(), z.array(z.string())])).default([]),
});
type SaveContent = z.infer<typeof saveSchema>;

/** What a cluster is made from instead of being bootstrapped. */
export interface RestoredCluster {
  readonly ca: KeyPair;
  readonly snapshot: StorageSnapshot;
}

/** Takes saves of one cluster: the first whole, then what changed, as long as it is asked for in order. */
export class ClusterSaver {
  readonly #ca: KeyPair;
  #revision: number | undefined;
  /** Of the last save, by collection. */
  #keys = new Map<string, ReadonlySet<string>>();

  constructor(ca: KeyPair) {
    this.#ca = { cert: ca.cert, key: ca.key };
  }

  /** What changed since the revision of the last save; all of it for any other. Undefined when nothing changed. */
  take(snapshot: StorageSnapshot, since: string | undefined): ClusterSave | undefined {
    const goesOn = since !== undefined && since === String(this.#revision);
    if (goesOn && snapshot.revision === this.#revision) return undefined;
    const content = goesOn ? this.#changes(snapshot, Number(since)) : { ...plain(snapshot), ca: this.#ca };
    this.#revision = snapshot.revision;
    this.#keys = new Map(snapshot.collections.map(([name, objects]) => [name, new Set(objects.map(([key]) => key))]));
    return {
      format: SAVE_FORMAT,
      revision: String(snapshot.revision),
      whole: !goesOn,
      data: gzipSync(JSON.stringify(content)),
    };
  }

  #changes(snapshot: StorageSnapshot, since: number): SaveContent {
    const collections: SaveContent["collections"] = [];
    const gone: SaveContent["gone"] = [];
    for (const [name, objects] of snapshot.collections) {
      const written = objects.filter(([, { metadata }]) => Number(metadata.resourceVersion) > since);
      if (written.length > 0) collections.push([name, written.map(([key, object]) => [key, { ...object }])]);
      const present = new Set(objects.map(([key]) => key));
      const missing = [...(this.#keys.get(name) ?? [])].filter((key) => !present.has(key));
      if (missing.length > 0) gone.push([name, missing]);
    }
    return { revision: snapshot.revision, collections, gone };
  }
}

/**
 * A cluster as it was at the last of `saves`, of which the first is whole.
 * @throws SandboxError `restore-failed`
 */
export function restoredFrom(saves: readonly string[]): RestoredCluster {
  const [whole, ...changes] = saves.map(contentOf);
  if (!whole?.ca) throw new SandboxError("restore-failed", "the first save is not whole");
  const collections = new Map(whole.collections.map(([name, objects]) => [name, new Map(objects)]));
  for (const change of changes) {
    for (const [name, keys] of change.gone) for (const key of keys) collections.get(name)?.delete(key);
    for (const [name, objects] of change.collections) {
      const collection = collections.get(name) ?? new Map<string, Record<string, unknown>>();
      collections.set(name, collection);
      for (const [key, object] of objects) collection.set(key, object);
    }
  }
  const snapshot = {
    revision: changes.at(-1)?.revision ?? whole.revision,
    collections: [...collections].map(([name, objects]) => [name, [...objects]]),
  };
  // The simulator wrote these objects; they were not looked into on their way.
  return { ca: whole.ca, snapshot: snapshot as unknown as StorageSnapshot };
}

function plain({ revision, collections }: StorageSnapshot): SaveContent {
  return {
    revision,
    collections: collections.map(([name, objects]) => [name, objects.map(([key, object]) => [key, { ...object }])]),
    gone: [],
  };
}

function contentOf(save: string): SaveContent {
  try {
    return saveSchema.parse(JSON.parse(gunzipSync(Buffer.from(save, "base64")).toString("utf8")));
  } catch (cause) {
    throw new SandboxError("restore-failed", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
