import { cloneJson, deepFreeze, equalJson, isJsonObject } from "../api/json";
import type { KubeObject, Stored } from "../api/object";
import type { ApiRequest } from "../api/request";
import { badRequest, conflict, invalid, notFound, STALE_OBJECT } from "../api/status";
import { validateMetadataUpdate } from "../registry/metadata";
import { admit, admitFinished } from "./admission/chain";
import { DecodedBody, draftOf } from "./body";
import { finishDeletion, mayLeave } from "./delete";
import { recordUpdate } from "./managed-fields";
import { strategyContext, type ServerContext } from "./server-context";
import { storageKey, type Target } from "./target";

/** PUT: the whole object, or with subresource `status` its status. */
export function updateObject(server: ServerContext, target: Target, request: ApiRequest): Stored {
  const isStatus = request.subresource === "status" && !(request.body instanceof DecodedBody) && !target.info.model;
  const draft = draftOf(isStatus ? statusOf(request.body) : request.body, target.info);
  requireSameName(draft, target);
  const old = server.storage.get(target.collection, storageKey(target.namespace, target.name));
  if (!old) throw notFound(target.info, target.name);
  if (isStatus) target.strategy.defaultStatus?.(draft);
  else target.strategy.defaults?.(draft);
  return writeUpdate(server, target, request, draft, old);
}

/** What counts of an object that is sent as a status: reading the rest would be for nothing. */
function statusOf(body: unknown): unknown {
  if (!isJsonObject(body)) return body;
  const { apiVersion, kind, metadata, status } = body;
  const open = isJsonObject(metadata) ? { ...metadata, managedFields: undefined } : metadata;
  return { apiVersion, kind, metadata: open, status };
}

/**
 * What PUT and PATCH have in common once the wanted object is known: `draft` (defaulted, unfrozen) replaces `old`.
 * Writing what stands there already changes nothing and tells nobody.
 */
export function writeUpdate(
  server: ServerContext,
  target: Target,
  request: ApiRequest,
  draft: KubeObject,
  old: Stored,
  record = true,
): Stored {
  const { info, strategy } = target;
  const isStatus = request.subresource === "status";
  const isApproval = request.subresource === "approval";
  const context = strategyContext(server, request.options.dryRun);
  const metadata = (draft.metadata ??= {});
  const wantedVersion = metadata.resourceVersion;
  if (wantedVersion && wantedVersion !== old.metadata.resourceVersion) throw conflict(info, target.name, STALE_OBJECT);
  if (metadata.uid && metadata.uid !== old.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid}`;
    throw conflict(info, target.name, why);
  }
  keepSystemMetadata(draft, old);
  if (isStatus) takeStatusOnly(draft, old);
  else if (isApproval) takeConditionsOnly(draft, old);
  else if (target.hasStatus) keepStatus(draft, old);
  if (record) recordUpdate(server.clock, target, draft, old, request);
  admit(server, "update", target, request, draft, old);
  if (isStatus) strategy.prepareForStatusUpdate?.(draft, old, context);
  else if (!isApproval) {
    strategy.prepareForUpdate?.(draft, old, context);
    if (target.hasGeneration) draft.metadata.generation = nextGeneration(target, draft, old);
  }
  const errors = validateMetadataUpdate(draft, old);
  if (isStatus) errors.push(...(strategy.validateStatusUpdate?.(draft, old) ?? []));
  else if (isApproval) errors.push(...(strategy.validateApproval?.(draft, old) ?? []));
  else
    errors.push(
      // What only a subresource may change (ephemeral containers, resources) is no matter for the rules of the whole.
      ...(strategy.validateUpdate && request.subresource === undefined
        ? strategy.validateUpdate(draft, old, context)
        : (strategy.validate?.(draft, context) ?? [])),
    );
  if (errors.length > 0) throw invalid(info, target.name, errors);
  const commit = admitFinished(server, "update", target, request, draft, old);

  if (isUnchanged(draft, old)) return old;
  if (request.options.dryRun) return deepFreeze(draft) as Stored;
  const key = storageKey(target.namespace, target.name);
  if (old.metadata.deletionTimestamp && mayLeave(draft, target)) return finishDeletion(server, target, old, draft);
  const stored = server.storage.update(target.collection, key, old, draft);
  if (!stored) throw conflict(info, target.name, STALE_OBJECT);
  commit();
  return stored;
}

function requireSameName(draft: KubeObject, target: Target): void {
  const metadata = (draft.metadata ??= {});
  metadata.name ||= target.name;
  if (metadata.name !== target.name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`);
  }
  if (!target.info.namespaced) return;
  metadata.namespace ||= target.namespace;
  if (metadata.namespace !== target.namespace) {
    throw badRequest(
      `the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${target.namespace})`,
    );
  }
}

/** What the server alone decides. A client that sends something else is ignored, as the real one ignores it. */
function keepSystemMetadata(draft: KubeObject, old: Stored): void {
  const { uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds, resourceVersion } =
    old.metadata;
  draft.apiVersion = old.apiVersion;
  draft.kind = old.kind;
  draft.metadata = {
    ...draft.metadata,
    uid,
    creationTimestamp,
    resourceVersion,
    ...(draft.metadata?.generateName === undefined &&
      old.metadata.generateName !== undefined && { generateName: old.metadata.generateName }),
  };
  delete draft.metadata.selfLink;
  assign(draft.metadata, { generation, deletionTimestamp, deletionGracePeriodSeconds });
}

/** Sets what has a value and takes away what has none. */
function assign(target: object, values: object): void {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) Reflect.deleteProperty(target, key);
    else Reflect.set(target, key, value);
  }
}

function keepStatus(draft: KubeObject & { status?: unknown }, old: Stored & { status?: unknown }): void {
  if (old.status === undefined) delete draft.status;
  else draft.status = cloneJson(old.status);
}

/** Everything but status and the open parts of metadata comes from the old object. */
function takeStatusOnly(draft: KubeObject & { status?: unknown }, old: Stored): void {
  const { status } = draft;
  const { labels, annotations, finalizers, managedFields } = draft.metadata ?? {};
  for (const key of Object.keys(draft)) Reflect.deleteProperty(draft, key);
  // The rest is not for editing, so it stays frozen and shared, and comparing it costs nothing.
  const before = { ...old, metadata: { ...old.metadata } };
  Object.assign(draft, before);
  assign(before.metadata, { labels, annotations, finalizers, managedFields });
  if (status === undefined) delete draft.status;
  else draft.status = status;
}

/** An approval writes the conditions of the status and nothing else but metadata. */
function takeConditionsOnly(draft: KubeObject & { status?: unknown }, old: Stored & { status?: unknown }): void {
  const conditions = isJsonObject(draft.status) ? draft.status.conditions : undefined;
  takeStatusOnly(draft, old);
  const before = isJsonObject(old.status) ? cloneJson(old.status) : {};
  draft.status = { ...before, ...(conditions !== undefined && { conditions }) };
}

function nextGeneration({ strategy }: Target, draft: KubeObject, old: Stored): number {
  const observed = (object: KubeObject): unknown => (strategy.generationOf ?? specOf)(object);
  const generation = old.metadata.generation ?? 1;
  return equalJson(observed(draft), observed(old)) ? generation : generation + 1;
}

/** Kinds without a spec count changes of everything but metadata. */
function specOf(object: KubeObject): unknown {
  if ("spec" in object) return object.spec;
  const { metadata: _metadata, ...rest } = object;
  return { ...rest, status: undefined };
}

/** When a manager last changed something is no change by itself. */
function isUnchanged(draft: KubeObject, old: Stored): boolean {
  return equalJson(withoutTimes(draft), withoutTimes(old));
}

function withoutTimes({ metadata, ...rest }: KubeObject): object {
  const managedFields = metadata?.managedFields?.map((entry) => ({ ...entry, time: undefined }));
  return { ...rest, metadata: { ...metadata, managedFields } };
}
