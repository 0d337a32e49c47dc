import { isJsonObject, type JsonObject } from "../json";

/** JSON merge patch. https://www.rfc-editor.org/rfc/rfc7386 Edits neither argument; the result shares parts with them. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result: JsonObject = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = applyMergePatch(result[key], value);
  }
  return result;
}
