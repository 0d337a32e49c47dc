import type { Stored } from "../api/object";
import type { ApiRequest } from "../api/request";
import { methodNotSupported, unknownResource } from "../api/status";
import type { Strategy } from "../registry/strategy";
import type { ResourceInfo } from "../schema/resources";
import type { ServedResources } from "./served-resources";

/** What a request is about: the collection, its rules, and where its objects are kept. */
export interface Target {
  readonly info: ResourceInfo;
  readonly strategy: Strategy;
  /** Name of the collection in storage, shared by all versions of a resource. */
  readonly collection: string;
  readonly hasStatus: boolean;
  readonly hasGeneration: boolean;
  readonly namespace: string;
  readonly name: string;
  /** Of what others serve: where its objects come from instead of storage. */
  readonly read?: (namespace: string) => readonly Stored[];
}

/** Finds the target or says 404 as the server does for paths it does not know. */
export function targetOf({ resources }: { resources: ServedResources }, request: ApiRequest): Target {
  const found = resources.findStored(request.group, request.version, request.resource);
  if (!found) throw unknownResource();
  const { info } = found;
  const verb = request.verb === "deletecollection" ? "deletecollection" : request.verb;
  if (request.subresource === undefined && !info.verbs.includes(verb)) throw methodNotSupported(info, verb);
  return {
    info,
    strategy: found.strategy,
    collection: collectionOf(info.group, info.name),
    hasStatus: info.subresources.some((each) => each.name === "status"),
    hasGeneration: found.hasGeneration,
    namespace: info.namespaced ? (request.namespace ?? "") : "",
    name: request.name ?? "",
    ...(found.read && { read: found.read }),
  };
}

export function collectionOf(group: string, resource: string): string {
  return `${group}/${resource}`;
}

export function storageKey(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}
