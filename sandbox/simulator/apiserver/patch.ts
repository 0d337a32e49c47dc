import { applyJsonPatch } from "../api/patch/json";
import { applyMergePatch } from "../api/patch/merge";
import { applyStrategicPatch, goMap } from "../api/patch/strategic";
import { invalidValue } from "../api/field-error";
import { isJsonObject, type JsonObject } from "../api/json";
import type { KubeObject, Stored } from "../api/object";
import type { ApiRequest } from "../api/request";
import { badRequest, invalid, notFound, unsupportedMediaType, type StatusError } from "../api/status";
import { DecodeError } from "../schema/protobuf";
import { modelFor, type KindModel, type KindReference } from "../schema/kind-model";
import type { ServerContext } from "./server-context";
import { storageKey, type Target } from "./target";
import { writeUpdate } from "./update";

interface Patched {
  readonly object: Stored;
  readonly warnings: readonly string[];
}

/** PATCH with a JSON, merge or strategic patch. (Apply has its own way.) */
export function patchObject(server: ServerContext, target: Target, request: ApiRequest): Patched {
  const old = server.storage.get(target.collection, storageKey(target.namespace, target.name));
  if (!old) throw notFound(target.info, target.name);
  const { draft, warnings } = applyPatchTo(old, request, target.info);
  if (draft.metadata?.name !== target.name) {
    throw badRequest(
      `the name of the object (${draft.metadata?.name ?? ""}) does not match the name on the URL (${target.name})`,
    );
  }
  target.strategy.defaults?.(draft);
  return { object: writeUpdate(server, target, request, draft, old), warnings };
}

/** The patched object, decoded again as its kind: patches can write anything. */
export function applyPatchTo(
  old: KubeObject,
  request: ApiRequest,
  expected: KindReference,
): { draft: KubeObject; warnings: readonly string[] } {
  const model = modelFor(expected);
  if (!model) throw badRequest(`no kind "${expected.kind}" is registered for version "${expected.version}"`);
  const { patchType, body, options } = request;
  const result = patched();
  try {
    const texts = patchType === "strategic" ? "converter" : "json";
    const { object, messages } = model.decode(result, options.fieldValidation ?? "Ignore", texts);
    const { apiVersion, kind } = old;
    return { draft: { ...object, apiVersion, kind }, warnings: messages };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (error.message.startsWith("strict decoding error")) throw badRequest(error.message);
    const shown = patchType === "strategic" ? goMap(body) : JSON.stringify(asPatched(old, request, model));
    throw invalid(NO_KIND, "", [invalidValue("patch", shown, error.message)]);
  }

  function patched(): unknown {
    switch (patchType) {
      case "json":
        return applyJsonPatch(old, body);
      case "merge":
        if (!isJsonObject(body)) throw badRequest("error decoding patch: the patch is not an object");
        return applyMergePatch(old, body);
      case "strategic":
        if (!model?.type) throw unsupportedPatch(CUSTOM_PATCHES);
        if (!isJsonObject(body)) throw badRequest("error decoding patch: the patch is not an object");
        return applyStrategicPatch(old, body, model.type);
      default:
        throw unsupportedMediaType("the body of the request was in an unknown format");
    }
  }
}

/** The patched document as the error shows it: in Go's order, but sorted where the patch went through. */
function asPatched(old: KubeObject, { patchType, body }: ApiRequest, model: KindModel): unknown {
  const { apiVersion, kind } = old;
  const ordered = { kind, apiVersion, ...model.decode(old, "Ignore").object };
  if (patchType === "merge") return sortedAlong(applyMergePatch(ordered, body), body);
  const paths = Array.isArray(body)
    ? body.filter(isJsonObject).map(({ path }) => String(path).split("/").slice(1))
    : [];
  return paths.reduce<unknown>((document, path) => sortedAt(document, path), applyJsonPatch(ordered, body));
}

function sortedAt(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return value;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === Number(step) ? sortedAt(item, rest) : item));
  if (!isJsonObject(value)) return value;
  const sorted = sortKeys(value);
  return step in sorted ? { ...sorted, [step]: sortedAt(sorted[step], rest) } : sorted;
}

function sortedAlong(value: unknown, patch: unknown): unknown {
  if (!isJsonObject(value) || !isJsonObject(patch)) return value;
  const sorted = sortKeys(value);
  for (const key of Object.keys(patch)) if (key in sorted) sorted[key] = sortedAlong(sorted[key], patch[key]);
  return sorted;
}

function sortKeys(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What custom resources can be patched with. */
const CUSTOM_PATCHES = ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"];

function unsupportedPatch(accepted: readonly string[]): StatusError {
  return unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );
}

const NO_KIND = { group: "", kind: "" };
