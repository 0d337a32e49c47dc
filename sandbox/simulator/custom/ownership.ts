import { shapeOfType, type OpenShape, type Shape } from "../api/fields/shape";
import type { JSONSchemaProps } from "../api/generated/kubernetes";
import { existingType } from "../schema/types";
import { itemsOf, preservesUnknown, valuesOf } from "./json-schema";

/** How server-side apply sees the objects of a custom resource. */
export function shapeOfResource(schema: JSONSchemaProps): Shape {
  const shape = shapeOf(schema);
  const open: OpenShape = shape.kind === "open" ? shape : EMPTY;
  const metadata = shapeOfType(existingType("meta.v1.ObjectMeta"));
  const head: [string, Shape][] = [
    ["apiVersion", ATOM],
    ["kind", ATOM],
    ["metadata", metadata],
  ];
  return { ...open, fields: new Map([...open.fields, ...head]) };
}

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/#custom-resources-and-server-side-apply */
function shapeOf(schema: JSONSchemaProps): Shape {
  if (schema.type === "array") {
    const items = itemsOf(schema);
    const keys = schema["x-kubernetes-list-map-keys"];
    if (schema["x-kubernetes-list-type"] === "set") return { kind: "set" };
    return schema["x-kubernetes-list-type"] === "map" && keys && items
      ? { kind: "keyed", keys, item: shapeOf(items) }
      : ATOM;
  }
  if (schema["x-kubernetes-map-type"] === "atomic") return ATOM;
  if (schema.properties) {
    const properties = Object.entries(schema.properties);
    return {
      kind: "open",
      fields: new Map(properties.map(([name, property]) => [name, shapeOf(property)])),
      ...(preservesUnknown(schema) && { other: DEDUCED }),
      defaults: new Map(properties.map(([name, property]) => [name, { default: property.default }])),
    };
  }
  const values = valuesOf(schema);
  if (values) return { kind: "map", value: shapeOf(values) };
  if (preservesUnknown(schema)) return DEDUCED;
  return schema.type === "object" ? EMPTY : ATOM;
}

const ATOM: Shape = { kind: "atom" };
const EMPTY: OpenShape = { kind: "open", fields: new Map(), defaults: new Map() };

/** Of what no schema tells: objects are taken apart, the rest is owned as it is. */
const DEDUCED: OpenShape = {
  ...EMPTY,
  get other(): Shape {
    return DEDUCED;
  },
};
