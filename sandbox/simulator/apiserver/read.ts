import type { Lease } from "../api/generated/kubernetes";
import { apiVersionOf, type KubeObject, type ObjectList, type Stored } from "../api/object";
import { matchesFields, parseFieldSelector, type FieldSelector } from "../api/field-selectors";
import { matchesLabels, parseSelector, type Selector } from "../api/labels";
import type { RequestOptions } from "../api/request";
import { badRequest, failure, invalidPatch, notFound } from "../api/status";
import { modelFor } from "../schema/kind-model";
import { decodeToken, encodeToken } from "./continue-token";
import type { ServerContext } from "./server-context";
import { storageKey, type Target } from "./target";

export function getObject(server: ServerContext, target: Target): Stored {
  const { storage } = server;
  const found = target.read
    ? target.read(target.namespace).find(({ metadata }) => metadata.name === target.name)
    : storage.get(target.collection, storageKey(target.namespace, target.name));
  if (!found) throw notFound(target.info, target.name);
  return isLease(target) ? renewed(server, found) : found;
}

function isLease({ info }: Target): boolean {
  return info.kind === "Lease" && info.group === "coordination.k8s.io";
}

// A collection holds only what was decoded as its kind.
function renewed(server: ServerContext, lease: Stored<Lease>): Stored {
  return server.renewed?.(lease) ?? lease;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks */
export function listObjects(server: ServerContext, target: Target, options: RequestOptions): ObjectList {
  const matches = matcherOf(target, options);
  if (target.read) return wholeList(target, target.read(target.namespace).filter(matches));
  const token = options.continue ? decodeToken(options.continue) : undefined;
  const asked = askedRevision(options, token !== undefined);
  const revision = token?.revision ?? (options.resourceVersionMatch === "Exact" ? asked : undefined);
  const page =
    revision === undefined
      ? server.storage.list(target.collection, target.namespace)
      : server.storage.listAt(target.collection, target.namespace, revision);
  if (asked !== undefined) requireReached(asked, server.storage.revision);

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
  const shown = isLease(target) ? items.map((each) => renewed(server, each)) : items;
  return { kind: `${target.info.kind}List`, apiVersion: apiVersionOf(target.info), metadata, items: shown };
}

function askedRevision(options: RequestOptions, isContinued: boolean): number | undefined {
  const { resourceVersion = "" } = options;
  if (resourceVersion === "" || (isContinued && resourceVersion === "0")) return undefined;
  if (isContinued) throw badRequest("specifying resource version is not allowed when using continue");
  if (!/^\d+$/.test(resourceVersion)) throw badRequest(`invalid resource version: ${notANumber(resourceVersion)}`);
  return Number(resourceVersion);
}

/** What others serve comes whole and has no versions. */
function wholeList({ info }: Target, items: readonly Stored[]): ObjectList {
  return {
    kind: `${info.kind}List`,
    apiVersion: apiVersionOf(info),
    metadata: { resourceVersion: "" },
    items: [...items],
  };
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

/** Kinds with fields of their own know `metadata.namespace` only where they have one; the others do in any case. */
function requireKnownFields({ strategy, info }: Target, fields: FieldSelector): void {
  if (fields.length === 0) return;
  const own = strategy.fields ? Object.keys(strategy.fields(emptyObject(info))) : info.model ? [] : undefined;
  for (const { field } of fields) {
    if (field === "metadata.name") continue;
    if (field === "metadata.namespace" && (!own || info.namespaced)) continue;
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
  if (!/^\d+$/.test(resourceVersion)) throw invalidPatch(notANumber(resourceVersion));
  return Number(resourceVersion);
}

function notANumber(text: string): string {
  const quoted = JSON.stringify(text);
  return `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`;
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
