import { compareFields, fieldsOf } from "../api/fields/compare";
import { difference, intersection, isEmptySet, NOTHING, pathsOf, union, type FieldSet } from "../api/fields/field-set";
import { mergeApplied, removeFields } from "../api/fields/merge";
import type { StatusCause } from "../api/generated/kubernetes";
import { cloneJson, isJsonObject } from "../api/json";
import { apiVersionOf, type KubeObject, type Stored } from "../api/object";
import type { ApiRequest } from "../api/request";
import { badRequest, failure, invalid } from "../api/status";
import { requiredValue } from "../api/field-error";
import { DecodeError } from "../schema/protobuf";
import { modelFor, type KindModel } from "../schema/kind-model";
import { createObject } from "./create";
import { DecodedBody } from "./body";
import { isSame, manager, ownable, readManagers, writeManagers, type Manager } from "./managed-fields";
import type { ServerContext } from "./server-context";
import { storageKey, type Target } from "./target";
import { checkApplied } from "./typed-patch";
import { writeUpdate } from "./update";

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
  const isStatus = request.subresource === "status";
  const applied = ownable(fieldsOf(config, model.shape), target, isStatus);
  const old = server.storage.get(target.collection, storageKey(target.namespace, target.name));
  if (!old) {
    const managedFields = writeManagers([{ ...own, fields: applied }]);
    const draft = decoded({ ...config, metadata: { ...config.metadata, name: target.name } }, model);
    draft.metadata = { ...draft.metadata, managedFields };
    return { object: createObject(server, target, { ...request, body: new DecodedBody(draft) }, false), isNew: true };
  }

  const managers = readManagers(old.metadata.managedFields);
  const { shape } = model;
  const merged = mergeApplied(old, config, shape);
  const { changed } = compareFields(old, merged, shape);
  const wanted = intersection(ownable(changed, target, isStatus), applied);
  const others = managers.filter((each) => !isSame(each, own));
  if (!request.options.force) requireNoConflicts(others, wanted);

  const last = managers.find((each) => isSame(each, own))?.fields ?? NOTHING;
  const held = others.reduce<FieldSet>((all, each) => union(all, difference(each.fields, wanted)), NOTHING);
  const given = prunable(difference(last, applied), union(held, applied));
  const draft = decoded(removeFields(merged, given, shape), model);
  draft.metadata = {
    ...draft.metadata,
    managedFields: writeManagers([
      ...others.map((each) => ({ ...each, fields: difference(each.fields, wanted) })),
      { ...own, fields: applied },
    ]),
  };
  target.strategy.defaults?.(draft);
  return { object: writeUpdate(server, target, request, draft, old, false), isNew: false };
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
  const fault = checkApplied(body, model.shape);
  if (fault) throw failure(500, "", `failed to create typed patch object (${subject}): ${fault}`);
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

/** Of what is given up, only that which nobody else holds, not even in part. */
function prunable(given: FieldSet, held: FieldSet): FieldSet {
  const children = [...given.children].map(
    ([step, child]) => [step, prunable(child, held.children.get(step) ?? NOTHING)] as const,
  );
  const isHeld = !isEmptySet(held);
  return { member: given.member && !isHeld, children: new Map(children.filter(([, child]) => !isEmptySet(child))) };
}

function requireNoConflicts(others: readonly Manager[], wanted: FieldSet): void {
  const conflicts = others
    .map((each) => ({ text: managerText(each), paths: pathsOf(intersection(each.fields, wanted)) }))
    .filter(({ paths }) => paths.length > 0)
    .sort((a, b) => (a.text < b.text ? -1 : 1));
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
