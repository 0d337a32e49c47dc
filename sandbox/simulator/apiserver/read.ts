import { apiVersionOf, type KubeObject, type ObjectList, type Stored } from "../api/object";
import { matchesFields, parseFieldSelector, type FieldSelector } from "../api/field-selectors";
import { matchesLabels, parseSelector, type Selector } from "../api/labels";
import type { RequestOptions } from "../api/request";
import { badRequest, failure, invalidPatch, notFound } from "../api/status";
import { modelFor } from "../schema/kind-model";
import type { ServerContext } from "./server-context";
import { storageKey, type Target } from "./target";

export function getObject({ storage }: ServerContext, target: Target): Stored {
  const found = storage.get(target.collection, storageKey(target.namespace, target.name));
  if (!found) throw notFound(target.info, target.name);
  return found;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks */
export function listObjects({ storage }: ServerContext, target: Target, options: RequestOptions): ObjectList {
  const matches = matcherOf(target, options);
  const token = options.continue ? decodeToken(options.continue) : undefined;
  const revision = token?.revision ?? (options.resourceVersionMatch === "Exact" ? revisionOf(options) : undefined);
  const page =
    revision === undefined
      ? storage.list(target.collection, target.namespace)
      : storage.listAt(target.collection, target.namespace, revision);
  if (!token && options.resourceVersion) requireReached(revisionOf(options), page.revision);

  const after = token?.after ?? "";
  const limit = options.limit ?? 0;
  const items: Stored[] = [];
  let remaining = 0;
  for (const object of page.items) {
    if (after !== "" && keyOfStored(object) <= after) continue;
    if (!matches(object)) continue;
    if (limit > 0 && items.length === limit) remaining++;
    else items.push(object);
  }
  const last = items.at(-1);
  const metadata: ObjectList["metadata"] = { resourceVersion: String(page.revision) };
  if (remaining > 0 && last) {
    metadata.continue = encodeToken({ revision: page.revision, after: keyOfStored(last) });
    if (!options.labelSelector && !options.fieldSelector) metadata.remainingItemCount = remaining;
  }
  return { kind: `${target.info.kind}List`, apiVersion: apiVersionOf(target.info), metadata, items };
}

/** Whether an object is in the part of a collection that the selectors ask for. Throws a 400 for bad selectors. */
export function matcherOf(target: Target, options: RequestOptions): (object: Stored) => boolean {
  const labels: Selector = options.labelSelector ? parseSelector(options.labelSelector) : [];
  const fields: FieldSelector = options.fieldSelector ? parseFieldSelector(options.fieldSelector) : [];
  requireKnownFields(target, fields);
  const isNamed = target.name !== "";
  if (labels.length === 0 && fields.length === 0 && !isNamed) return () => true;
  return (object) =>
    (!isNamed || object.metadata.name === target.name) &&
    matchesLabels(labels, object.metadata.labels) &&
    (fields.length === 0 || matchesFields(fields, fieldsOf(target, object)));
}

function fieldsOf({ strategy }: Target, object: Stored): Record<string, string> {
  const { name, namespace = "" } = object.metadata;
  return { ...strategy.fields?.(object), "metadata.name": name, "metadata.namespace": namespace };
}

function requireKnownFields({ strategy, info }: Target, fields: FieldSelector): void {
  const own = strategy.fields ? Object.keys(strategy.fields(emptyObject(info))) : undefined;
  for (const { field } of fields) {
    if (field === "metadata.name" || field === "metadata.namespace") continue;
    if (!own) {
      throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
    }
    if (!own.includes(field)) throw badRequest(`field label not supported: ${field}`);
  }
}

/** An object of the kind with nothing set: what is left are the names of its fields. */
function emptyObject(info: Target["info"]): KubeObject {
  return modelFor(info)?.decode({}, "Ignore").object ?? {};
}

export function revisionOf({ resourceVersion = "" }: RequestOptions): number {
  if (!/^\d+$/.test(resourceVersion)) {
    const message = `resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}: strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`;
    throw invalidPatch(message);
  }
  return Number(resourceVersion);
}

/** A version from the future: another cluster's, or one that was lost. */
export function requireReached(wanted: number, current: number): void {
  if (wanted <= current) return;
  throw failure(504, "Timeout", `Too large resource version: ${wanted}, current: ${current}`, {
    retryAfterSeconds: 1,
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
  });
}

function keyOfStored({ metadata }: Stored): string {
  return storageKey(metadata.namespace ?? "", metadata.name);
}

interface ContinueToken {
  readonly revision: number;
  readonly after: string;
}

function encodeToken({ revision, after }: ContinueToken): string {
  return btoa(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: after }));
}

function decodeToken(text: string): ContinueToken {
  try {
    const value: unknown = JSON.parse(atob(text));
    if (typeof value === "object" && value !== null && "rv" in value && "start" in value) {
      if (typeof value.rv === "number" && typeof value.start === "string")
        return { revision: value.rv, after: value.start };
    }
  } catch {
    // Not ours: refused below like any other bad token.
  }
  throw badRequest("continue key is not valid: continue key is not valid");
}
