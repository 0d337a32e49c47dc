import type { CustomResourceDefinition } from "../../api/generated/kubernetes";
import type { Resource } from "../../api/object";
import { isEstablished } from "../../custom/custom-resource";

/** The collection that a definition makes, in its first served version; none until it is served. */
export function collectionOf(definition: CustomResourceDefinition): Resource | undefined {
  const { spec } = definition;
  const version = spec.versions.find(({ served }) => served);
  if (!version || !isEstablished(definition)) return undefined;
  const { plural: name, kind } = spec.names;
  return { group: spec.group, version: version.name, name, kind, namespaced: spec.scope === "Namespaced" };
}

export function collectionsOf(definitions: readonly CustomResourceDefinition[]): Resource[] {
  return definitions.map(collectionOf).filter((resource) => resource !== undefined);
}
