import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { CLUSTER_SAVE_FORMATS, type ClusterSave } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import type { KeyPair } from "../../simulator/serve/certificate-authority";
import { digestsOf, type Digests, type ObjectsByKey } from "./cluster-objects";
import type { PlainObject } from "./plain-object";

/** The version of what is inside `data`. */
export const SAVE_FORMAT = Math.max(CLUSTER_SAVE_FORMATS.existing, CLUSTER_SAVE_FORMATS.kind);

const objectSchema = z.looseObject({ metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }) });
const saveSchema = z.object({
  /** So that a save of the simulator, which holds all there is, is not taken for one of these. */
  of: z.literal("objects"),
  /** Only in a whole one: its kubeconfigs go on working, in the namespace that was theirs. */
  ca: z.object({ cert: z.string(), key: z.string() }).optional(),
  namespace: z.string().optional(),
  objects: z.array(z.tuple([z.string(), objectSchema])),
  gone: z.array(z.string()),
});
type SaveContent = z.infer<typeof saveSchema>;

export interface SavedObjects {
  readonly ca: KeyPair;
  readonly namespace: string | undefined;
  readonly objects: ObjectsByKey;
  /** What a new cluster has and this one had no longer. */
  readonly gone: readonly string[];
}

/** Takes saves of one real cluster: what differs from how it was born, then what differs from the save before. */
export class ObjectSaver {
  readonly #born: Digests;
  readonly #ca: KeyPair;
  readonly #namespace: string | undefined;
  #last: { revision: string; digests: Digests } | undefined;

  constructor(born: Digests, ca: KeyPair, namespace: string | undefined) {
    this.#born = born;
    this.#ca = { cert: ca.cert, key: ca.key };
    this.#namespace = namespace;
  }

  /** What changed since the revision of the last save; all of it for any other. Undefined when nothing changed. */
  take(objects: ObjectsByKey, since: string | undefined): ClusterSave | undefined {
    const digests = digestsOf(objects);
    const revision = createHash("sha256")
      .update(JSON.stringify([...digests]))
      .digest("base64url");
    const last = since !== undefined && since === this.#last?.revision ? this.#last : undefined;
    if (last?.revision === revision) return undefined;
    const before = last?.digests ?? this.#born;
    const content: SaveContent = {
      of: "objects",
      ...(!last && { ca: this.#ca, namespace: this.#namespace }),
      objects: [...objects].filter(([key]) => digests.get(key) !== before.get(key)),
      gone: [...before.keys()].filter((key) => !digests.has(key)),
    };
    this.#last = { revision, digests };
    const data = gzipSync(JSON.stringify(content));
    return { format: SAVE_FORMAT, revision, whole: !last, data };
  }
}

/** @throws SandboxError `restore-failed` */
export function savedObjects(saves: readonly string[]): SavedObjects {
  const [whole, ...changes] = saves.map(contentOf);
  if (!whole?.ca) throw new SandboxError("restore-failed", "the first save is not whole");
  const objects = new Map<string, PlainObject>(whole.objects);
  const gone = new Set(whole.gone);
  for (const change of changes) {
    for (const key of change.gone) {
      objects.delete(key);
      gone.add(key);
    }
    for (const [key, object] of change.objects) {
      objects.set(key, object);
      gone.delete(key);
    }
  }
  return { ca: whole.ca, namespace: whole.namespace, objects, gone: [...gone] };
}

/** The same in another namespace. */
export function movedTo(namespace: string | undefined, saved: SavedObjects): SavedObjects {
  const from = saved.namespace;
  if (from === undefined || namespace === undefined || from === namespace) return saved;
  const moveKey = (key: string): string => {
    const parts = key.split("/");
    return parts.map((part, index) => (index === 3 && part === from ? namespace : part)).join("/");
  };
  const move = (object: PlainObject): PlainObject =>
    object.metadata.namespace === from ? { ...object, metadata: { ...object.metadata, namespace } } : object;
  return {
    ca: saved.ca,
    namespace,
    objects: new Map([...saved.objects].map(([key, object]) => [moveKey(key), move(object)])),
    gone: saved.gone.map(moveKey),
  };
}

function contentOf(save: string): SaveContent {
  try {
    return saveSchema.parse(JSON.parse(gunzipSync(Buffer.from(save, "base64")).toString("utf8")));
  } catch (cause) {
    throw new SandboxError("restore-failed", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
