import { isJsonObject, type JsonObject } from "../json";
import { partsOf, type Part } from "./compare";
import { isEmptySet, NOTHING, type FieldSet } from "./field-set";
import { shapeOfField, type Shape } from "./shape";

/** The live value with an applied configuration laid over it: items of keyed lists and sets are kept and added to. */
export function mergeApplied(live: unknown, config: unknown, shape: Shape): unknown {
  if (config === undefined) return live;
  if (live === undefined || live === null || config === null) return config;
  switch (shape.kind) {
    case "atom":
      return config;
    case "struct":
    case "open":
    case "map": {
      if (!isJsonObject(live) || !isJsonObject(config)) return config;
      const result: JsonObject = { ...live };
      for (const [key, value] of Object.entries(config))
        result[key] = mergeApplied(live[key], value, shapeAt(shape, key));
      return result;
    }
    case "set": {
      if (!Array.isArray(live) || !Array.isArray(config)) return config;
      const items: readonly unknown[] = live;
      const wanted: readonly unknown[] = config;
      return [...items, ...wanted.filter((item) => !items.includes(item))];
    }
    case "keyed":
      return Array.isArray(live) && Array.isArray(config) ? mergeKeyed(live, config, shape) : config;
  }
}

function mergeKeyed(
  live: readonly unknown[],
  config: readonly unknown[],
  shape: Extract<Shape, { kind: "keyed" }>,
): unknown[] {
  const theirs = partsOf(config, shape) ?? NO_PARTS;
  const ours = partsOf(live, shape) ?? NO_PARTS;
  const merged = [...ours].map(([step, part]) => mergeApplied(part.value, theirs.get(step)?.value, shape.item));
  const added = [...theirs].filter(([step]) => !ours.has(step)).map(([, part]) => part.value);
  return [...merged, ...added];
}

const NO_PARTS: ReadonlyMap<string, Part> = new Map();

/** Takes out what is in `fields`; a container goes with its last part only when it is named itself. */
export function removeFields(value: unknown, fields: FieldSet, shape: Shape): unknown {
  if (isEmptySet(fields)) return value;
  switch (shape.kind) {
    case "atom":
      return value;
    case "struct":
    case "open":
    case "map": {
      if (!isJsonObject(value)) return value;
      const result: JsonObject = {};
      for (const [key, each] of Object.entries(value)) {
        const inner = fields.children.get(`f:${key}`) ?? NOTHING;
        const rest = removePart(each, inner, shapeAt(shape, key));
        if (rest !== undefined) result[key] = rest;
      }
      return result;
    }
    case "set":
    case "keyed": {
      if (!Array.isArray(value)) return value;
      const kept: unknown[] = [];
      for (const [step, part] of partsOf(value, shape) ?? NO_PARTS) {
        const rest = removePart(part.value, fields.children.get(step) ?? NOTHING, part.shape);
        if (rest !== undefined) kept.push(rest);
      }
      return kept;
    }
  }
}

function removePart(value: unknown, fields: FieldSet, shape: Shape): unknown {
  if (isEmptySet(fields)) return value;
  if (fields.member) return undefined;
  const rest = removeFields(value, fields, shape);
  const isEmptied = typeof rest === "object" && rest !== null && Object.keys(rest).length === 0;
  return isEmptied ? undefined : rest;
}

function shapeAt(shape: Extract<Shape, { kind: "struct" | "open" | "map" }>, key: string): Shape {
  if (shape.kind === "map") return shape.value;
  if (shape.kind === "open") return shape.fields.get(key) ?? shape.other ?? { kind: "atom" };
  const field = shape.type.fields.get(key);
  return field ? shapeOfField(field) : { kind: "atom" };
}
