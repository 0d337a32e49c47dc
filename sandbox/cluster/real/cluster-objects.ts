import type { ObjectKey, Resource } from "../../simulator/api/object";
import { StatusError } from "../../simulator/api/status";
import type { Client } from "../../simulator/client/client";
import { servedResources } from "./discovery";
import { digestOf, isKept, orderOf, wanted, type PlainObject } from "./plain-object";
import type { Upstream } from "./upstream";

/** Objects by `group/version/resource/namespace/name`. */
export type ObjectsByKey = Map<string, PlainObject>;
/** Key → digest. */
export type Digests = ReadonlyMap<string, string>;

const LISTS_AT_ONCE = 8;
const RETRY_EVERY_MS = 250;
const RETRIES = 60;

/** What somebody wants of the cluster, or of one namespace in it: everything that does not follow from something else. */
export async function wantedObjects(upstream: Upstream, namespace: string | undefined): Promise<ObjectsByKey> {
  const served = await servedResources(upstream);
  const kept = served.filter(
    (resource) =>
      isKept(resource) &&
      (namespace === undefined || resource.namespaced) &&
      ["list", "create", "delete"].every((verb) => resource.verbs.has(verb)),
  );
  const client = upstream.client();
  const objects: ObjectsByKey = new Map();
  const waiting = [...kept];
  const work = async (): Promise<void> => {
    for (let resource = waiting.shift(); resource; resource = waiting.shift()) {
      for (const object of await listed(client, resource, namespace)) {
        const plain = wanted(object);
        if (plain) objects.set(keyOf(resource, plain), plain);
      }
    }
  };
  await Promise.all(Array.from({ length: LISTS_AT_ONCE }, work));
  return new Map([...objects].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function digestsOf(objects: ObjectsByKey): Digests {
  return new Map([...objects].map(([key, object]) => [key, digestOf(object)]));
}

/**
 * Gives a cluster these objects, those that others need first; what is there already is made equal. Tells of each that
 * the cluster refuses, and goes on.
 */
export async function replay(
  upstream: Upstream,
  { objects, gone }: { objects: ObjectsByKey; gone: readonly string[] },
  onRefusal: (error: unknown) => void,
): Promise<void> {
  const client = upstream.client();
  const ordered = [...objects].sort(([, a], [, b]) => orderOf(String(a["kind"])) - orderOf(String(b["kind"])));
  for (const [key, object] of ordered) {
    await put(client, resourceOf(key, String(object["kind"])), object).catch(onRefusal);
  }
  for (const key of gone) {
    const resource = resourceOf(key, "");
    await client.delete(resource, objectKeyOf(key), { propagationPolicy: "Background" }).catch((error: unknown) => {
      if (!(error instanceof StatusError) || error.code !== 404) onRefusal(error);
    });
  }
}

/** Namespaces come with a ServiceAccount, definitions with a path, a moment later: what needs them is tried again. */
async function put(client: Client, resource: Resource, object: PlainObject): Promise<void> {
  for (let left = RETRIES; ; left--) {
    try {
      await client.create(resource, object);
      return;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (error.code === 409 && error.reason === "AlreadyExists") return overwrite(client, resource, object);
      const early = error.code === 404 || (error.code === 403 && error.message.includes("serviceaccount"));
      if (!early || left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_EVERY_MS));
    }
  }
}

async function overwrite(client: Client, resource: Resource, object: PlainObject): Promise<void> {
  const { name, namespace = "" } = object.metadata;
  const { metadata } = await client.get(resource, { namespace, name });
  await client.update(resource, {
    ...object,
    metadata: { ...object.metadata, resourceVersion: metadata.resourceVersion },
  });
}

async function listed(client: Client, resource: Resource, namespace = ""): Promise<PlainObject[]> {
  try {
    const { items } = await client.list(resource, namespace);
    // Of kinds that no table of ours describes; nothing but names is relied upon.
    return items.map((item) => ({ ...item, metadata: { ...item.metadata } }));
  } catch (error) {
    // What one may not see, or what has gone since it was announced, is nothing that one has made.
    if (error instanceof StatusError && [403, 404, 405, 503].includes(error.code)) return [];
    throw error;
  }
}

function keyOf({ group, version, name }: Resource, { metadata }: PlainObject): string {
  return [group, version, name, metadata.namespace ?? "", metadata.name].join("/");
}

function resourceOf(key: string, kind: string): Resource {
  const [group = "", version = "", name = "", namespace = ""] = key.split("/");
  return { group, version, name, kind, namespaced: namespace !== "" };
}

function objectKeyOf(key: string): ObjectKey {
  const [, , , namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}
