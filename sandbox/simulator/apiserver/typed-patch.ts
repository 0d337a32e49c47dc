import { isJsonObject, type JsonObject } from "../api/json";
import { defaultsOf } from "../api/fields/compare";
import { pathsOf, LEAF, node } from "../api/fields/field-set";
import { keyStep, shapeOfField, type Shape } from "../api/fields/shape";
import type { Field } from "../schema/types";

/** What does not fit the schema of a configuration, in the words of server-side apply; `undefined` when all does. */
export function checkApplied(value: unknown, shape: Shape): string | undefined {
  const faults = check(value, shape, undefined, "");
  if (faults.length > 1) return ["errors:", ...faults.map((fault) => `  ${fault}`)].join("\n");
  return faults[0];
}

function check(value: unknown, shape: Shape, field: Field | undefined, path: string): string[] {
  if (value === null || value === undefined) return [];
  switch (shape.kind) {
    case "atom":
      return field ? checkScalar(value, field, path) : [];
    case "struct": {
      const { fields } = shape.type;
      return checkMap(value, path, (key) => {
        if (path === "" && (key === "apiVersion" || key === "kind")) return ANYTHING;
        const known = fields.get(key);
        return known && [shapeOfField(known), known];
      });
    }
    case "open":
      return checkMap(value, path, (key) => {
        const known = shape.fields.get(key) ?? shape.other;
        return known && [known, undefined];
      });
    case "map":
      return checkMap(value, path, () => [shape.value, field]);
    case "set":
      return checkList(value, path, (item) => {
        if (item === null) return fault("associative list without keys has an element that's an explicit null");
        return { step: `v:${JSON.stringify(item)}`, shape: ANYTHING[0] };
      });
    case "keyed":
      return checkList(value, path, (item) => keyedItem(item, shape));
  }
}

type Part = readonly [shape: Shape, field: Field | undefined];

const ANYTHING: Part = [{ kind: "atom" }, undefined];

function checkMap(value: unknown, path: string, partOf: (key: string) => Part | undefined): string[] {
  if (!isJsonObject(value)) return [`${path}: expected map, got ${plainGo(value)}`];
  const faults: string[] = [];
  for (const [key, each] of Object.entries(value)) {
    const part = partOf(key);
    // The first unknown field ends it for this map.
    if (!part) return [...faults, `${path}.${key}: field not declared in schema`];
    faults.push(...check(each, ...part, `${path}.${key}`));
  }
  return faults;
}

type Item = { readonly step: string; readonly shape: Shape } | { readonly fault: string };

function checkList(value: unknown, path: string, itemOf: (item: unknown) => Item): string[] {
  if (!Array.isArray(value)) return [`${path}: expected list, got ${plainGo(value)}`];
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const [index, each] of value.entries()) {
    const item = itemOf(each);
    if ("fault" in item) return [...faults, `${path}: element ${index}: ${item.fault}`];
    const name = pathsOf(node(false, [[item.step, LEAF]]))[0] ?? "";
    if (seen.has(item.step)) faults.push(`${path}: duplicate entries for key ${name}`);
    seen.add(item.step);
    faults.push(...check(each, item.shape, undefined, `${path}${name}`));
  }
  return faults;
}

function keyedItem(item: unknown, { keys, item: shape }: Extract<Shape, { kind: "keyed" }>): Item {
  if (item === null) return fault("associative list with keys may not have a null element");
  if (!isJsonObject(item)) return fault("associative list with keys may not have non-map elements");
  const step = keyStep(item, keys, defaultsOf(shape));
  if (step !== "k:{}") return { step, shape };
  const names = `[${keys.map((key) => JSON.stringify(key)).join(" ")}]`;
  return fault(
    `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
  );
}

function fault(text: string): Item {
  return { fault: text };
}

const STRINGS = ["string", "bytes", "meta.v1.Time", "meta.v1.MicroTime"];
const NUMBERS = ["int32", "int64", "double"];

function checkScalar(value: unknown, { type, shape }: Field, path: string): string[] {
  // Atomic lists and maps are checked when they are decoded.
  if (shape === "list" || (shape === "map" && isJsonObject(value))) return [];
  if (STRINGS.includes(type) && typeof value !== "string")
    return [`${path}: expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`];
  if (NUMBERS.includes(type) && typeof value !== "number")
    return [`${path}: expected numeric (int or float), got ${goType(value)}`];
  if (type === "bool" && typeof value !== "boolean") return [`${path}: expected boolean, got ${plainGo(value)}`];
  return [];
}

/** As Go prints a value with %#v, %T and %v. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (isJsonObject(value)) return `map[string]interface {}{${entriesOf(value).join(", ")}}`;
  return value === null ? "interface {}(nil)" : JSON.stringify(value);
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  if (typeof value === "boolean") return "bool";
  return typeof value === "string" ? "string" : "map[string]interface {}";
}

function plainGo(value: unknown): string {
  return `&{${plain(value)}}`;
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(" ")}]`;
  if (isJsonObject(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, each]) => `${key}:${plain(each)}`).join(" ")}]`;
  }
  return typeof value === "string" ? value : value === null ? "<nil>" : JSON.stringify(value);
}

function entriesOf(value: JsonObject): string[] {
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => `${JSON.stringify(key)}:${goSyntax(each)}`);
}
