import { toTime } from "../clock";
import { cloneJson } from "../api/json";
import type { Namespace } from "../api/generated/kubernetes";
import type { KubeObject, ObjectList, Stored } from "../api/object";
import type { ApiRequest, RequestOptions } from "../api/request";
import { conflict, notFound, STALE_OBJECT } from "../api/status";
import type { Status } from "../api/generated/kubernetes";
import { admit, admitFinished } from "./admission/chain";
import { listObjects } from "./read";
import { strategyContext, type ServerContext } from "./server-context";
import { storageKey, type Target } from "./target";

/**
 * DELETE. What still has finalizers or a period of grace is only marked; the rest leaves at once.
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export function deleteObject(server: ServerContext, target: Target, request: ApiRequest): Stored | Status {
  const old = server.storage.get(target.collection, storageKey(target.namespace, target.name));
  if (!old) throw notFound(target.info, target.name);
  requirePreconditions(old, target, request.options);
  admit(server, "delete", target, request, undefined, old);
  admitFinished(server, "delete", target, request, undefined, old);
  return removeObject(server, target, request);
}

/** The part of a deletion behind admission. */
export function removeObject(server: ServerContext, target: Target, request: ApiRequest): Stored | Status {
  const old = server.storage.get(target.collection, storageKey(target.namespace, target.name));
  if (!old) throw notFound(target.info, target.name);
  requirePreconditions(old, target, request.options);

  const draft = cloneJson(old);
  const grace = graceOf(target, old, request.options);
  applyPropagation(draft, request.options);
  target.strategy.prepareForDelete?.(draft, strategyContext(server));
  const isMarked = mark(draft, old, grace, server);
  if (isNamespace(target)) (draft as Namespace).status = { ...(draft as Namespace).status, phase: "Terminating" };
  if (request.options.dryRun) return answer(target, old);
  if (mayLeave(draft, target)) return answer(target, finishDeletion(server, target, old, draft));
  if (!isMarked && sameFinalizers(draft, old)) return old;
  const stored = server.storage.update(target.collection, storageKey(target.namespace, target.name), old, draft);
  if (!stored) throw conflict(target.info, target.name, STALE_OBJECT);
  return stored;
}

export function deleteCollection(server: ServerContext, target: Target, request: ApiRequest): ObjectList {
  const list = listObjects(
    server,
    { ...target, name: "" },
    { ...request.options, limit: undefined, continue: undefined },
  );
  for (const { metadata } of list.items) {
    const one = { ...target, name: metadata.name, namespace: metadata.namespace ?? "" };
    if (server.storage.get(one.collection, storageKey(one.namespace, one.name))) deleteObject(server, one, request);
  }
  return list;
}

/** Nothing keeps the object any more: no finalizers, no grace left. */
export function mayLeave(object: KubeObject, target: Target): boolean {
  const { finalizers = [], deletionGracePeriodSeconds = 0 } = object.metadata ?? {};
  if (finalizers.length > 0 || deletionGracePeriodSeconds > 0) return false;
  return !isNamespace(target) || ((object as Namespace).spec?.finalizers ?? []).length === 0;
}

export function finishDeletion(server: ServerContext, target: Target, old: Stored, last: KubeObject): Stored {
  const gone = server.storage.delete(target.collection, storageKey(target.namespace, target.name), old, last);
  if (!gone) throw conflict(target.info, target.name, STALE_OBJECT);
  return gone;
}

function graceOf({ strategy }: Target, old: Stored, options: RequestOptions): number {
  if (!strategy.gracePeriod) return 0;
  const grace = strategy.gracePeriod(old, options.gracePeriodSeconds) ?? 0;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = old.metadata;
  // A deletion under way can be hurried, never slowed down.
  return deletionTimestamp ? Math.min(grace, deletionGracePeriodSeconds) : grace;
}

/** True when this call changed the mark. */
function mark(draft: Stored, old: Stored, grace: number, { clock }: ServerContext): boolean {
  const before = old.metadata.deletionGracePeriodSeconds;
  if (old.metadata.deletionTimestamp && before === grace) return false;
  // A shorter period counts from now as the old one did from when it began.
  draft.metadata.deletionTimestamp = toTime(clock.now() + grace * 1000);
  draft.metadata.deletionGracePeriodSeconds = grace;
  if (!old.metadata.deletionTimestamp && draft.metadata.generation) draft.metadata.generation++;
  return true;
}

function applyPropagation(draft: Stored, { propagationPolicy }: RequestOptions): void {
  if (!propagationPolicy) return;
  const kept = (draft.metadata.finalizers ?? []).filter((each) => each !== "orphan" && each !== "foregroundDeletion");
  if (propagationPolicy === "Orphan") kept.push("orphan");
  if (propagationPolicy === "Foreground") kept.push("foregroundDeletion");
  if (kept.length > 0) draft.metadata.finalizers = kept;
  else delete draft.metadata.finalizers;
}

function sameFinalizers(a: Stored, b: Stored): boolean {
  return (a.metadata.finalizers ?? []).join() === (b.metadata.finalizers ?? []).join();
}

function requirePreconditions(old: Stored, { info, name }: Target, { preconditions }: RequestOptions): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid && uid !== old.metadata.uid) {
    throw conflict(
      info,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
    const why = `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${old.metadata.resourceVersion}`;
    throw conflict(info, name, why);
  }
}

function answer({ info, strategy, name }: Target, gone: Stored): Stored | Status {
  if (strategy.returnsDeletedObject) return gone;
  const details = { name, ...(info.group !== "" && { group: info.group }), kind: info.name, uid: gone.metadata.uid };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}

function isNamespace({ info }: Target): boolean {
  return info.group === "" && info.name === "namespaces";
}
