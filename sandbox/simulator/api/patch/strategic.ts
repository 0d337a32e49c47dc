import { equalJson, isJsonObject, type JsonObject } from "../json";
import { invalidPatch } from "../status";
import { typeOf, type Field, type SchemaType } from "../../schema/types";

const DIRECTIVE = "$patch";
const RETAIN_KEYS = "$retainKeys";
const DELETE_FROM_LIST = "$deleteFromPrimitiveList/";
const ELEMENT_ORDER = "$setElementOrder/";

/**
 * Strategic merge patch: like a merge patch, but lists with a merge key are merged item by item.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 * Edits neither argument; the result shares parts with them.
 */
export function applyStrategicPatch(target: unknown, patch: unknown, type: SchemaType | undefined): unknown {
  if (!isJsonObject(patch)) return patch;
  return mergeObject(isJsonObject(target) ? target : {}, patch, type);
}

function mergeObject(target: JsonObject, patch: JsonObject, type: SchemaType | undefined): JsonObject {
  switch (patch[DIRECTIVE]) {
    case undefined:
    case "merge":
      break;
    case "replace": {
      const { [DIRECTIVE]: _directive, ...rest } = patch;
      return withoutNulls(rest);
    }
    case "delete":
      return {};
    default:
      throw invalidPatch(`Unknown patch type found: ${String(patch[DIRECTIVE])}`);
  }
  const result: JsonObject = { ...target };
  const retained = patch[RETAIN_KEYS];
  if (Array.isArray(retained))
    for (const key of Object.keys(result)) if (!retained.includes(key)) Reflect.deleteProperty(result, key);

  for (const [key, value] of Object.entries(patch)) {
    if (key === DIRECTIVE || key === RETAIN_KEYS || key.startsWith(ELEMENT_ORDER)) continue;
    if (key.startsWith(DELETE_FROM_LIST)) {
      const name = key.slice(DELETE_FROM_LIST.length);
      result[name] = without(result[name], value);
      continue;
    }
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = mergeField(result[key], value, type?.fields.get(key));
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(ELEMENT_ORDER) || !Array.isArray(order)) continue;
    const name = key.slice(ELEMENT_ORDER.length);
    const list = result[name];
    if (Array.isArray(list)) result[name] = reorder(list, order, target[name], type?.fields.get(name)?.patchMergeKey);
  }
  return result;
}

function mergeField(current: unknown, value: unknown, field: Field | undefined): unknown {
  const inner = field ? typeOf(field.type) : undefined;
  if (isJsonObject(value)) {
    if (field?.shape === "map") {
      // The values of a map are merged as whole fields: strings and quantities, or objects of the map's type.
      return mergeMap(isJsonObject(current) ? current : {}, value, inner);
    }
    if (field?.patchStrategy?.includes("replace")) return withoutNulls(value);
    return mergeObject(isJsonObject(current) ? current : {}, value, inner);
  }
  if (!Array.isArray(value)) return value;
  if (!field?.patchStrategy?.includes("merge")) return value.map(withoutNullsIn);
  const list = Array.isArray(current) ? current : [];
  if (!field.patchMergeKey) return mergePrimitives(list, value);
  return mergeList(list, value, field.patchMergeKey, inner);
}

function mergeMap(target: JsonObject, patch: JsonObject, inner: SchemaType | undefined): JsonObject {
  if (patch[DIRECTIVE] === "replace") {
    const { [DIRECTIVE]: _directive, ...rest } = patch;
    return withoutNulls(rest);
  }
  const result: JsonObject = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else if (isJsonObject(value)) result[key] = mergeObject(isJsonObject(result[key]) ? result[key] : {}, value, inner);
    else result[key] = value;
  }
  return result;
}

function mergeList(
  list: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
  inner: SchemaType | undefined,
): unknown[] {
  if (patch.some((item) => isJsonObject(item) && item[DIRECTIVE] === "replace")) {
    return patch
      .filter((item) => !(isJsonObject(item) && item[DIRECTIVE] === "replace" && Object.keys(item).length === 1))
      .map((item) => (isJsonObject(item) ? withoutDirective(item) : item));
  }
  const result: unknown[] = [...list];
  for (const item of patch) {
    if (!isJsonObject(item)) throw invalidPatch(`expected an object in a list merged by ${mergeKey}`);
    const id = item[mergeKey];
    if (id === undefined) {
      throw invalidPatch(`map: ${goMap(item)} does not contain declared merge key: ${mergeKey}`);
    }
    const at = result.findIndex((each) => isJsonObject(each) && each[mergeKey] === id);
    if (item[DIRECTIVE] === "delete") {
      if (at >= 0) result.splice(at, 1);
      continue;
    }
    const current = at >= 0 ? result[at] : undefined;
    const merged = mergeObject(isJsonObject(current) ? current : {}, item, inner);
    if (at >= 0) result[at] = merged;
    else result.push(merged);
  }
  return reorder(result, patch, list, mergeKey);
}

function mergePrimitives(list: readonly unknown[], patch: readonly unknown[]): unknown[] {
  const added = patch.filter((item, index) => !list.includes(item) && patch.indexOf(item) === index);
  return reorder([...list, ...added], patch, list, undefined);
}

function without(list: unknown, values: unknown): unknown {
  if (!Array.isArray(list) || !Array.isArray(values)) return list;
  return list.filter((item) => !values.includes(item));
}

/**
 * The order the client wants, with what only the server has kept where the server had it: the two sequences are merged,
 * the client's first wherever the server's old order does not say otherwise.
 */
function reorder(
  list: readonly unknown[],
  order: readonly unknown[],
  before: unknown,
  mergeKey: string | undefined,
): unknown[] {
  const identity = (item: unknown): unknown => (mergeKey && isJsonObject(item) ? item[mergeKey] : item);
  const wanted = order.map(identity);
  const rank = (item: unknown): number => wanted.findIndex((each) => equalJson(each, identity(item)));
  const clients = list.filter((item) => rank(item) >= 0).sort((a, b) => rank(a) - rank(b));
  const servers = list.filter((item) => rank(item) < 0);
  const previous = Array.isArray(before) ? before.map(identity) : [];
  const place = (item: unknown): number => previous.findIndex((each) => equalJson(each, identity(item)));

  const result: unknown[] = [];
  for (const item of servers) {
    for (let next = clients[0]; next !== undefined; next = clients[0]) {
      if (place(next) >= 0 && place(item) >= 0 && place(item) < place(next)) break;
      result.push(next);
      clients.shift();
    }
    result.push(item);
  }
  return [...result, ...clients];
}

function withoutNulls(object: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(object)) if (value !== null) result[key] = withoutNullsIn(value);
  return result;
}

function withoutNullsIn(value: unknown): unknown {
  return isJsonObject(value) ? withoutNulls(value) : value;
}

function withoutDirective(item: JsonObject): JsonObject {
  const { [DIRECTIVE]: _directive, ...rest } = item;
  return rest;
}

/** A map as Go prints it: `map[a:1 b:map[c:2]]`, keys in order. */
export function goMap(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goMap).join(" ")}]`;
  if (!isJsonObject(value)) return typeof value === "string" ? value : JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, each]) => `${key}:${goMap(each)}`).join(" ")}]`;
}
