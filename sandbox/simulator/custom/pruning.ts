import type { JSONSchemaProps } from "../api/generated/kubernetes";
import { isJsonObject, type JsonObject } from "../api/json";
import { itemsOf, joinPath, preservesUnknown, valuesOf } from "./json-schema";

/**
 * A copy with only the fields that the schema knows, keys in order; `dropped` hears the path of each of the others.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
 */
export function prune(
  value: unknown,
  schema: JSONSchemaProps,
  dropped: (path: string) => void,
  path = "",
  isObject = path === "",
): unknown {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (!items) return preservesUnknown(schema) ? value : [];
    return value.map((item: unknown, index) => prune(item, items, dropped, `${path}[${index}]`, isEmbedded(items)));
  }
  if (!isJsonObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value).sort()) {
    const each = value[key];
    const at = joinPath(path, key);
    const known = schema.properties?.[key] ?? valuesOf(schema);
    // The head of an object is no matter of its schema.
    if (isObject && HEAD.has(key)) result[key] = each;
    else if (known) result[key] = prune(each, known, dropped, at, isEmbedded(known));
    else if (preservesUnknown(schema)) result[key] = each;
    else dropped(at);
  }
  return result;
}

const HEAD = new Set(["apiVersion", "kind", "metadata"]);

function isEmbedded(schema: JSONSchemaProps): boolean {
  return schema["x-kubernetes-embedded-resource"] === true;
}
