import type { JSONSchemaProps } from "../api/generated/kubernetes";
import { isJsonObject } from "../api/json";

/** The schema of a list's items. The old form with one schema an item is refused with the definition. */
export function itemsOf({ items }: JSONSchemaProps): JSONSchemaProps | undefined {
  return isJsonObject(items) ? items : undefined;
}

/** The schema of a map's values. */
export function valuesOf({ additionalProperties }: JSONSchemaProps): JSONSchemaProps | undefined {
  if (additionalProperties === true) return ANYTHING;
  return isJsonObject(additionalProperties) ? additionalProperties : undefined;
}

export function preservesUnknown(schema: JSONSchemaProps): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true;
}

export const ANYTHING: JSONSchemaProps = { "x-kubernetes-preserve-unknown-fields": true };

/** `spec.ports`, `[0]` behind it without a dot. */
export function joinPath(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
