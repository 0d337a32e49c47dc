import { isJsonObject } from "../api/json";
import { apiVersionOf, type KubeObject } from "../api/object";
import { badRequest } from "../api/status";
import type { ResourceInfo } from "../schema/resources";

/** The object in a request's body: it must be of the kind that the collection holds. Never edited: clone it. */
export function objectBody(body: unknown, info: Pick<ResourceInfo, "group" | "version" | "kind">): KubeObject {
  if (!isJsonObject(body)) throw badRequest("the object provided is unrecognized (must be of type " + info.kind + ")");
  const { apiVersion = apiVersionOf(info), kind = info.kind } = body;
  if (apiVersion !== apiVersionOf(info) || kind !== info.kind) {
    const got = `${String(apiVersion)}, Kind=${String(kind)}`;
    throw badRequest(
      `${info.kind} in version "${info.version}" cannot be handled as a ${String(kind)}: no kind match (got ${got})`,
    );
  }
  return { ...body, apiVersion, kind };
}
