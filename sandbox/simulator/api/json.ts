/**
 * JSON values: cloning, comparing and freezing what the API stores. Faster than the general tools, and exact. Objects are
 * walked by `for … in`, which makes no lists on the way; JSON has no inherited keys.
 */

export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A deep copy that may be edited. Leaves out properties that are `undefined`, as JSON does. */
export function cloneJson<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const source = value as JsonObject;
  const result: JsonObject = {};
  for (const key in source) {
    const each = source[key];
    if (each === undefined) continue;
    // A key named __proto__ must stay data.
    if (key === "__proto__")
      Object.defineProperty(result, key, { value: copy(each), enumerable: true, writable: true, configurable: true });
    else result[key] = copy(each);
  }
  return result;
}

/** Deep equality; a property that is `undefined` equals one that is not there. The order of keys does not matter. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((each, index) => equalJson(each, b[index]));
  }
  const left = a as JsonObject;
  const right = b as JsonObject;
  for (const key in left) if (!equalJson(left[key], right[key])) return false;
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false;
  return true;
}

/** Freezes all the way down; stops at what is frozen already (objects share frozen parts). */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  if (Array.isArray(value)) for (const each of value) deepFreeze(each);
  else for (const key in value) deepFreeze(value[key]);
  return value;
}

/** About how many bytes a value has as JSON: letters are counted, not their UTF-8. Never less than memory is worth. */
export function jsonSize(value: unknown): number {
  switch (typeof value) {
    case "string":
      return value.length + 2;
    case "object": {
      if (value === null) return 4;
      let size = 2;
      if (Array.isArray(value)) for (const each of value) size += jsonSize(each) + 1;
      else for (const key in value) size += key.length + 4 + jsonSize((value as JsonObject)[key]);
      return size;
    }
    default:
      return 8;
  }
}
