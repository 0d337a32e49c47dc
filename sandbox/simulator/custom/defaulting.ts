import type { JSONSchemaProps } from "../api/generated/kubernetes";
import { cloneJson, isJsonObject } from "../api/json";
import { itemsOf, valuesOf } from "./json-schema";

/**
 * Fills in, in place, what the schema has a default for; a null that may not stand gives way to it.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting
 */
export function fillDefaults(value: unknown, schema: JSONSchemaProps): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items) for (const item of value) fillDefaults(item, items);
    return;
  }
  if (!isJsonObject(value)) return;
  const properties = schema.properties ?? {};
  for (const [key, property] of Object.entries(properties)) {
    const isMissing = value[key] === undefined || (value[key] === null && property.nullable !== true);
    if (isMissing && property.default !== undefined) value[key] = cloneJson(property.default);
    fillDefaults(value[key], property);
  }
  const values = valuesOf(schema);
  if (!values) return;
  for (const [key, each] of Object.entries(value)) if (!(key in properties)) fillDefaults(each, values);
}
