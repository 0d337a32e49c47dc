import { compareFields, fieldsOf } from "../api/fields/compare";
import { difference, intersection, isEmptySet, NOTHING, pathsOf, union, type FieldSet } from "../api/fields/field-set";
import { mergeApplied, removeFields } from "../api/fields/merge";
import type { StatusCause } from "../api/generated/kubernetes";
import { cloneJson, isJsonObject } from "../api/json";
import { apiVersionOf, type KubeObject, type Stored } from "../api/object";
import type { ApiRequest } from "../api/request";
import { badRequest, failure, invalid, notFound } from "../api/status";
import { requiredValue } from "../api/field-error";
import { DecodeError } from "../schema/protobuf";
import { modelFor, type KindModel } from "../schema/kind-model";
import { createObject } from "./create";
import { DecodedBody } from "./body";
import { KUBECTL, lastAppliedFields, renewLastApplied } from "./last-applied";
import {
  isSame,
  manager,
  managersAfter,
  ownable,
  readManagers,
  without,
  writeManagers,
  type Manager,
} from "./managed-fields";
import type { ServerContext } from "./server-context";
import { storageKey, type Target } from "./target";
import { checkApplied } from "./typed-patch";
import { writeUpdate } from "./update";

interface Conflict {
  readonly text: string;
  readonly fields: FieldSet;
}

interface Applied {
  readonly object: Stored;
  readonly isNew: boolean;
}

/**
 * Server-side apply: lays a configuration over the live object, takes out what its manager no longer wants, and refuses
 * to change what others hold unless it is forced. https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export function applyObject(server: ServerContext, target: Target, request: ApiRequest): Applied {
  const { info } = target;
  if (!request.options.fieldManager) {
    throw invalid({ group: "meta.k8s.io", kind: "PatchOptions" }, "", [
      requiredValue("fieldManager", "is required for apply patch"),
    ]);
  }
  const model = modelFor(info);
  if (!model) throw badRequest(`no kind "${info.kind}" is registered for version "${info.version}"`);
  const config = parseConfig(request.body, target, model);
  const own = manager(request, target, server.clock);
  const applied = ownable(fieldsOf(config, model.shape), target, request.subresource === "status");
  const old = server.storage.get(target.collection, storageKey(target.namespace, target.name));
  if (!old) {
    if (request.subresource) throw notFound(info, target.name);
    const managedFields = writeManagers([{ ...own, fields: applied }]);
    const draft = decoded({ ...config, metadata: { ...config.metadata, name: target.name } }, model);
    draft.metadata = { ...draft.metadata, managedFields };
    return { object: createObject(server, target, { ...request, body: new DecodedBody(draft) }, false), isNew: true };
  }
  const { draft, managers } = merge(server, target, request, { config, applied, own, model }, old);
  draft.metadata = { ...draft.metadata, managedFields: writeManagers(managers) };
  target.strategy.defaults?.(draft);
  return { object: writeUpdate(server, target, request, draft, old, false), isNew: false };
}

interface Application {
  readonly config: KubeObject;
  readonly applied: FieldSet;
  readonly own: Manager;
  readonly model: KindModel;
}

function merge(
  server: ServerContext,
  target: Target,
  request: ApiRequest,
  { config, applied, own, model }: Application,
  old: Stored,
): { draft: KubeObject; managers: Manager[] } {
  const { shape } = model;
  const managers = managersBefore(server, target, request, old);
  const merged = mergeApplied(old, config, shape);
  const { changed } = compareFields(old, merged, shape);
  const wanted = intersection(ownable(changed, target, own.subresource === "status"), applied);
  const others = managers.filter((each) => !isSame(each, own));
  if (!request.options.force) {
    const conflicts = conflictsOf(others, wanted);
    requireNoConflicts(own.manager === KUBECTL ? withoutClientSide(conflicts, old, target, model) : conflicts);
  }
  const mine = managers.find((each) => isSame(each, own));
  const last = mine?.fields ?? NOTHING;
  const kept = others.map((each) => without(each, wanted));
  const held = kept.reduce<FieldSet>((all, each) => union(all, each.fields), NOTHING);
  const given = prunable(difference(last, applied), union(held, applied));
  const draft = decoded(removeFields(merged, given, shape), model);
  // Whoever changes nothing has no new time, and who is new to it none at all.
  const time = isEmptySet(changed) && isEmptySet(given) ? (mine?.time ?? "") : own.time;
  if (own.manager === KUBECTL) renewLastApplied(draft, config);
  return { draft, managers: [...kept, { ...own, time, fields: applied }] };
}

/** Of an object that nobody was noted for, all there is belongs to whoever came before the first apply. */
function managersBefore(server: ServerContext, target: Target, request: ApiRequest, old: Stored): Manager[] {
  const managers = readManagers(old.metadata.managedFields);
  if (managers.length > 0) return managers;
  const own = manager(request, target, server.clock);
  return managersAfter([], target, old, undefined, { ...own, manager: "before-first-apply", operation: "Update" });
}

function parseConfig(body: unknown, target: Target, model: KindModel): KubeObject {
  if (!isJsonObject(body)) throw badRequest("error decoding YAML: the configuration is not an object");
  const config: KubeObject = cloneJson(body);
  const { info, namespace, name } = target;
  const apiVersion = apiVersionOf(info);
  if (config.apiVersion !== apiVersion || config.kind !== info.kind) {
    const got = `${config.apiVersion ?? ""}, Kind=${config.kind ?? ""}`;
    throw badRequest(`couldn't get version/kind; the configuration is ${got}, not ${apiVersion}, Kind=${info.kind}`);
  }
  if (config.metadata?.managedFields?.length) throw badRequest("metadata.managedFields must be nil");
  const groupVersion = info.group === "" ? `/${info.version}` : `${info.group}/${info.version}`;
  const subject = `${namespace === "" ? "" : namespace}/${name}; ${groupVersion}, Kind=${info.kind}`;
  const faults = checkApplied(body, model.shape);
  if (faults) throw failure(500, "", `failed to create typed patch object (${subject}): ${faults}`);
  return config;
}

function decoded(value: unknown, model: KindModel): KubeObject {
  try {
    const object: KubeObject = model.decode(value, "Ignore").object;
    const { apiVersion, kind }: KubeObject = isJsonObject(value) ? value : {};
    return { ...object, apiVersion, kind };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(error.message);
  }
}

/**
 * What `kubectl apply` set earlier from a file may be taken over by `kubectl apply --server-side`, where it still is what
 * the file said. If that is all there is to argue about, nothing is left.
 */
function withoutClientSide(
  conflicts: readonly Conflict[],
  old: Stored,
  target: Target,
  model: KindModel,
): readonly Conflict[] {
  const allowed = conflicts.length > 0 ? lastAppliedFields(old, target.info, model.shape) : undefined;
  if (!allowed) return conflicts;
  return conflicts
    .map(({ text, fields }) => ({ text, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));
}

/** Of what is given up, only that which nobody else holds, not even in part. */
function prunable(given: FieldSet, held: FieldSet): FieldSet {
  const children = [...given.children].map(
    ([step, child]) => [step, prunable(child, held.children.get(step) ?? NOTHING)] as const,
  );
  const isHeld = !isEmptySet(held);
  return { member: given.member && !isHeld, children: new Map(children.filter(([, child]) => !isEmptySet(child))) };
}

/** Whose fields a change would take, and which. */
function conflictsOf(others: readonly Manager[], wanted: FieldSet): Conflict[] {
  return others
    .map((each) => ({ text: managerText(each), fields: intersection(each.fields, wanted) }))
    .filter(({ fields }) => !isEmptySet(fields))
    .sort((a, b) => (a.text < b.text ? -1 : 1));
}

function requireNoConflicts(found: readonly Conflict[]): void {
  const conflicts = found.map(({ text, fields }) => ({ text, paths: pathsOf(fields) }));
  const causes: StatusCause[] = conflicts.flatMap(({ text, paths }) =>
    paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${text}`, field })),
  );
  const [first] = causes;
  if (!first) return;
  const list = conflicts.map(({ text, paths }) =>
    [`conflicts with ${text}:`, ...paths.map((path) => `- ${path}`)].join("\n"),
  );
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${first.message ?? ""}: ${first.field ?? ""}`
      : `Apply failed with ${causes.length} conflicts: ${list.join("\n")}`;
  throw failure(409, "Conflict", message, { causes });
}

function managerText({ manager: name, subresource, operation, apiVersion }: Manager): string {
  const where = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(name)}${where}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
}
