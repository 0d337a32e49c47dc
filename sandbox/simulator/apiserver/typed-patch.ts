import { isJsonObject } from "../api/json";
import { shapeOfField, type Shape } from "../api/fields/shape";
import type { Field } from "../schema/types";

/**
 * Whether a configuration fits its schema, in the words of server-side apply; `undefined` when it does. Only the first
 * fault counts for clients, so only that is looked for.
 */
export function checkApplied(value: unknown, shape: Shape): string | undefined {
  return check(value, shape, undefined, "");
}

function check(value: unknown, shape: Shape, field: Field | undefined, path: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (shape.kind) {
    case "atom":
      return field ? checkScalar(value, field, path) : undefined;
    case "struct":
      if (!isJsonObject(value)) return `${path}: expected map, got ${goValue(value)}`;
      for (const [key, each] of Object.entries(value)) {
        if (path === "" && (key === "apiVersion" || key === "kind")) continue;
        const known = shape.type.fields.get(key);
        if (!known) return `${path}.${key}: field not declared in schema`;
        const fault = check(each, shapeOfField(known), known, `${path}.${key}`);
        if (fault) return fault;
      }
      return undefined;
    case "open":
      if (!isJsonObject(value)) return `${path}: expected map, got ${goValue(value)}`;
      for (const [key, each] of Object.entries(value)) {
        const known = shape.fields.get(key) ?? shape.other;
        if (!known) return `${path}.${key}: field not declared in schema`;
        const fault =
          isJsonObject(each) || known.kind !== "open" ? check(each, known, undefined, `${path}.${key}`) : undefined;
        if (fault) return fault;
      }
      return undefined;
    case "map":
      if (!isJsonObject(value)) return `${path}: expected map, got ${goValue(value)}`;
      for (const [key, each] of Object.entries(value)) {
        const fault = check(each, shape.value, field, `${path}.${key}`);
        if (fault) return fault;
      }
      return undefined;
    case "set":
      return Array.isArray(value) ? undefined : `${path}: expected list, got ${goValue(value)}`;
    case "keyed":
      if (!Array.isArray(value)) return `${path}: expected list, got ${goValue(value)}`;
      for (const [index, item] of value.entries()) {
        const fault = check(item, shape.item, undefined, `${path}${itemPath(item, shape.keys, index)}`);
        if (fault) return fault;
      }
      return undefined;
  }
}

const STRINGS = ["string", "bytes", "meta.v1.Time", "meta.v1.MicroTime"];
const NUMBERS = ["int32", "int64", "double"];

function checkScalar(value: unknown, { type, shape }: Field, path: string): string | undefined {
  // Atomic lists and maps are checked when they are decoded.
  if (shape === "list" || (shape === "map" && isJsonObject(value))) return undefined;
  if (STRINGS.includes(type) && typeof value !== "string") return `${path}: expected string, got ${goValue(value)}`;
  if (NUMBERS.includes(type) && typeof value !== "number")
    return `${path}: expected numeric (int or float), got ${goValue(value)}`;
  if (type === "bool" && typeof value !== "boolean") return `${path}: expected boolean, got ${goValue(value)}`;
  return undefined;
}

function itemPath(item: unknown, keys: readonly string[], index: number): string {
  if (!isJsonObject(item)) return `[${index}]`;
  const parts = keys.filter((key) => item[key] !== undefined).map((key) => `${key}=${JSON.stringify(item[key])}`);
  return parts.length > 0 ? `[${parts.join(",")}]` : `[${index}]`;
}

function goValue(value: unknown): string {
  return `&value.valueUnstructured{Value:${JSON.stringify(value)}}`;
}
