import { equalJson, isJsonObject, type JsonObject } from "../json";
import { LEAF, NOTHING, node, type FieldSet } from "./field-set";
import { isAlwaysThere, keyStep, shapeOfField, type Defaults, type Shape } from "./shape";

/** What became of the fields between two states of an object. */
interface Comparison {
  /** New or different now. */
  readonly changed: FieldSet;
  /** There before and gone. */
  readonly removed: FieldSet;
}

/** Compares by the rules of server-side apply: lists with keys item by item, atomic things as wholes. */
export function compareFields(before: unknown, after: unknown, shape: Shape): Comparison {
  return {
    changed: compare(before, after, shape, false),
    removed: compare(after, before, shape, true),
  };
}

/**
 * What `after` has that `before` has not; with `onlyMissing` a different value does not count (it is there on both
 * sides), so that the arguments swapped give what was removed.
 */
function compare(before: unknown, after: unknown, shape: Shape, onlyMissing: boolean): FieldSet {
  if (after === undefined || after === null || before === after) return NOTHING;
  const isNew = before === undefined || before === null;
  if (shape.kind === "struct" && isJsonObject(after)) {
    return compareStruct(isJsonObject(before) ? before : undefined, after, shape.type.fields, isNew, onlyMissing);
  }
  const parts = partsOf(after, shape);
  if (!parts) return isNew || (!onlyMissing && !equalJson(before, after)) ? LEAF : NOTHING;
  if (parts.size === 0) return isNew ? LEAF : NOTHING;
  const old = isNew ? undefined : partsOf(before, shape);
  let children: Map<string, FieldSet> | undefined;
  for (const [step, part] of parts) {
    const inner = compare(old?.get(step)?.value, part.value, part.shape, onlyMissing);
    if (inner !== NOTHING) (children ??= new Map()).set(step, inner);
  }
  return children || isNew ? { member: isNew, children: children ?? NO_CHILDREN } : NOTHING;
}

/** The same for structs, by far the most of an object, without making anything on the way. */
function compareStruct(
  before: JsonObject | undefined,
  after: JsonObject,
  fields: StructFields,
  isNew: boolean,
  onlyMissing: boolean,
): FieldSet {
  let children: Map<string, FieldSet> | undefined;
  let isEmpty = true;
  for (const name of Object.keys(after)) {
    const value = after[name];
    if (value === undefined) continue;
    isEmpty = false;
    const field = fields.get(name);
    const was = before?.[name] ?? (field && isAlwaysThere(field) ? emptyLike(value) : undefined);
    const inner = compare(was, value, field ? shapeOfField(field) : ATOM, onlyMissing);
    if (inner !== NOTHING) (children ??= new Map()).set(`f:${name}`, inner);
  }
  if (isEmpty) return isNew ? LEAF : NOTHING;
  return children || isNew ? { member: isNew, children: children ?? NO_CHILDREN } : NOTHING;
}

const NO_CHILDREN: ReadonlyMap<string, FieldSet> = new Map();

/** All fields of a configuration, as its applier owns them. Containers count only when they are empty or named by a key. */
export function fieldsOf(value: unknown, shape: Shape): FieldSet {
  if (value === undefined || value === null) return LEAF;
  const parts = partsOf(value, shape);
  if (!parts || parts.size === 0) return LEAF;
  const children: [string, FieldSet][] = [];
  for (const [step, part] of parts) {
    const inner = fieldsOf(part.value, part.shape);
    const isNamed = !step.startsWith("f:") || shape.kind === "map" || part.isUnnamed === true;
    children.push([step, isNamed ? { ...inner, member: true } : inner]);
  }
  return node(false, children);
}

export interface Part {
  readonly value: unknown;
  readonly shape: Shape;
  /** A field that the schema of a custom resource does not name. */
  readonly isUnnamed?: boolean;
}

/** The parts that are owned one by one; `undefined` when the value is owned as a whole. */
export function partsOf(value: unknown, shape: Shape): Map<string, Part> | undefined {
  switch (shape.kind) {
    case "atom":
      return undefined;
    case "struct":
      return isJsonObject(value) ? partsOfStruct(value, shape.type.fields) : undefined;
    case "open":
      return isJsonObject(value) ? partsOfOpen(value, shape) : undefined;
    case "map": {
      if (!isJsonObject(value)) return undefined;
      return new Map(Object.entries(value).map(([key, each]) => [`f:${key}`, { value: each, shape: shape.value }]));
    }
    case "set": {
      if (!Array.isArray(value)) return undefined;
      return new Map(value.map((each: unknown) => [`v:${JSON.stringify(each)}`, { value: each, shape: ATOM }]));
    }
    case "keyed": {
      if (!Array.isArray(value)) return undefined;
      const fields = defaultsOf(shape.item);
      const items = value.filter(isJsonObject);
      return new Map(items.map((item) => [keyStep(item, shape.keys, fields), { value: item, shape: shape.item }]));
    }
  }
}

/** What a key of an item is when it is left out. */
export function defaultsOf(item: Shape): Defaults {
  if (item.kind === "struct") return item.type.fields;
  return item.kind === "open" ? item.defaults : NO_DEFAULTS;
}

const NO_DEFAULTS: Defaults = new Map();

const ATOM: Shape = { kind: "atom" };

function partsOfOpen(value: JsonObject, { fields, other = ATOM }: Extract<Shape, { kind: "open" }>): Map<string, Part> {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return new Map(
    entries.map(([name, each]) => {
      const known = fields.get(name);
      return [`f:${name}`, { value: each, shape: known ?? other, isUnnamed: !known }];
    }),
  );
}

type StructFields = Extract<Shape, { kind: "struct" }>["type"]["fields"];

function partsOfStruct(value: JsonObject, fields: StructFields): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const [name, each] of Object.entries(value)) {
    if (each === undefined) continue;
    const field = fields.get(name);
    parts.set(`f:${name}`, field ? { value: each, shape: shapeOfField(field) } : { value: each, shape: ATOM });
  }
  return parts;
}

function emptyLike(value: unknown): unknown {
  return Array.isArray(value) ? [] : isJsonObject(value) ? {} : undefined;
}
