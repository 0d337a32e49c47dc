import { applyJsonPatch } from "../api/patch/json";
import { applyMergePatch } from "../api/patch/merge";
import { applyStrategicPatch } from "../api/patch/strategic";
import { cloneJson, isJsonObject } from "../api/json";
import type { KubeObject, Stored } from "../api/object";
import type { ApiRequest } from "../api/request";
import { badRequest, notFound, unsupportedMediaType } from "../api/status";
import { schemaFor } from "../schema/resources";
import { objectBody } from "./body";
import type { ServerContext } from "./server-context";
import { storageKey, type Target } from "./target";
import { writeUpdate } from "./update";

/** PATCH with a JSON, merge or strategic patch. (Apply has its own way.) */
export function patchObject(server: ServerContext, target: Target, request: ApiRequest): Stored {
  const old = server.storage.get(target.collection, storageKey(target.namespace, target.name));
  if (!old) throw notFound(target.info, target.name);
  const draft = objectBody(applyPatchTo(old, request, target), target.info);
  if (draft.metadata?.name !== target.name) {
    throw badRequest(
      `the name of the object (${draft.metadata?.name ?? ""}) does not match the name on the URL (${target.name})`,
    );
  }
  target.strategy.defaults?.(draft);
  return writeUpdate(server, target, request, draft, old);
}

export function applyPatchTo(old: KubeObject, request: ApiRequest, { info }: Pick<Target, "info">): KubeObject {
  const result = patched(old, request, info);
  if (!isJsonObject(result)) throw badRequest("the patched object is not an object");
  return cloneJson(result);
}

function patched(old: KubeObject, { patchType, body }: ApiRequest, info: Target["info"]): unknown {
  switch (patchType) {
    case "json":
      return applyJsonPatch(old, body);
    case "merge":
      return applyMergePatch(old, body);
    case "strategic":
      return applyStrategicPatch(old, body, schemaFor(info.group, info.version, info.kind));
    default:
      throw unsupportedMediaType("the body of the request was in an unknown format");
  }
}
