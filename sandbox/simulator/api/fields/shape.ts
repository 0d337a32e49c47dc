import { SPECIAL_JSON } from "../../schema/special-json";
import { typeOf, type Field, type SchemaType } from "../../schema/types";

/** How ownership sees a place in an object: as one thing, or as the things in it. */
export type Shape =
  | { readonly kind: "atom" }
  | { readonly kind: "struct"; readonly type: SchemaType }
  | OpenShape
  | { readonly kind: "map"; readonly value: Shape }
  | { readonly kind: "set" }
  | { readonly kind: "keyed"; readonly keys: readonly string[]; readonly item: Shape };

/** An object of a custom resource: fields by name, and perhaps others that its schema does not name. */
export interface OpenShape {
  readonly kind: "open";
  readonly fields: ReadonlyMap<string, Shape>;
  /** Of fields that are not named; none: there may be no such fields. */
  readonly other?: Shape;
  /** What fields that name an item of a list hold when they are left out. */
  readonly defaults: Defaults;
}

export type Defaults = ReadonlyMap<string, { readonly default?: unknown }>;

const ATOM: Shape = { kind: "atom" };

export function shapeOfType(type: SchemaType): Shape {
  return type.mapType === "atomic" ? ATOM : { kind: "struct", type };
}

export function shapeOfField(field: Field): Shape {
  const known = shapes.get(field);
  if (known) return known;
  const shape = computeShape(field);
  shapes.set(field, shape);
  return shape;
}

// Facts about frozen schema data, the same for every cluster.
const shapes = new WeakMap<Field, Shape>();

function computeShape(field: Field): Shape {
  const inner = SPECIAL_JSON.has(field.type) ? undefined : typeOf(field.type);
  const item: Shape = inner ? shapeOfType(inner) : ATOM;
  switch (field.shape) {
    case "one":
      return field.mapType === "atomic" ? ATOM : item;
    case "map":
      return field.mapType === "atomic" ? ATOM : { kind: "map", value: item };
    case "list":
      if (field.listType === "set") return { kind: "set" };
      if (field.listType === "map" && field.listMapKeys) return { kind: "keyed", keys: field.listMapKeys, item };
      return ATOM;
  }
}

/** In Go always there, if only as a zero: its coming is nothing new. */
export function isAlwaysThere(field: Field): boolean {
  let known = always.get(field);
  if (known === undefined) always.set(field, (known = computeAlways(field)));
  return known;
}

const always = new WeakMap<Field, boolean>();

function computeAlways(field: Field): boolean {
  if (field.shape === "one")
    return !field.pointer && !field.omitZero && typeOf(field.type) !== undefined && !SPECIAL_JSON.has(field.type);
  return field.always;
}

/** `k:{"containerPort":80,"protocol":"TCP"}`: which item of a keyed list this is. */
export function keyStep(item: Readonly<Record<string, unknown>>, keys: readonly string[], defaults: Defaults): string {
  const chosen: Record<string, unknown> = {};
  for (const key of [...keys].sort()) {
    const value = item[key] ?? defaults.get(key)?.default;
    if (value !== undefined) chosen[key] = value;
  }
  return `k:${JSON.stringify(chosen)}`;
}
