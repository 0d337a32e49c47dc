import { ENUMS_TABLE } from "./generated/enums";
import { existingType, type Field, type SchemaType } from "./types";

/** A piece of an OpenAPI document, ready for `JSON.stringify`. */
export type OpenApiNode = Readonly<Record<string, unknown>>;

/**
 * Texts for `kubectl explain`: type name → JSON field name → description; "" is the type's own. A string type with a
 * closed set of values (`core.v1.Protocol`) has its values in place of fields.
 */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string | undefined>> | undefined>>;

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** `io.k8s.api.core.v1.Pod` for `core.v1.Pod`: the name a type has in OpenAPI documents. Behind a `=` it is that name already. */
export function definitionName(type: string): string {
  if (type.startsWith("=")) return type.slice(1);
  const head = type.slice(0, type.indexOf("."));
  if (head === "apiextensions") return `io.k8s.apiextensions-apiserver.pkg.apis.${type}`;
  if (head === "apiregistration") return `io.k8s.kube-aggregator.pkg.apis.${type}`;
  if (head === "meta") return `io.k8s.apimachinery.pkg.apis.${type}`;
  if (head === "runtime") return `io.k8s.apimachinery.pkg.${type}`;
  if (head === "intstr") return `io.k8s.apimachinery.pkg.util.${type}`;
  if (type === "resource.Quantity" || type === "resource.QuantityValue")
    return "io.k8s.apimachinery.pkg.api.resource.Quantity";
  return `io.k8s.api.${type}`;
}

export function reference(type: string): OpenApiNode {
  return { $ref: `#/components/schemas/${definitionName(type)}` };
}

/** The schemas of `roots` and everything they refer to, by definition name in alphabetical order. */
export function componentSchemas(
  roots: Iterable<string>,
  kindsOf: (type: string) => readonly GroupVersionKind[],
  descriptions: Descriptions,
): OpenApiNode {
  const found = new Map<string, OpenApiNode>();
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const definition = definitionName(name);
    if (found.has(definition)) continue;
    found.set(definition, schemaOf(name, kindsOf(name), descriptions));
    if (!SPECIAL[name])
      for (const field of existingType(name).fields.values())
        if (field.type.includes(".") && !INLINED[field.type]) open.push(field.type);
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function schemaOf(name: string, kinds: readonly GroupVersionKind[], descriptions: Descriptions): OpenApiNode {
  const texts = descriptions[name] ?? {};
  const description = texts[""];
  const special = SPECIAL[name];
  if (special) return { ...(description && { description }), ...special };
  const type = existingType(name);
  const properties = propertiesOf(type, texts, descriptions);
  const required = [...type.fields.values()].filter((field) => field.required).map((field) => field.name);
  return {
    ...(description && { description }),
    type: "object",
    ...(required.length > 0 && { required }),
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(kinds.length > 0 && { "x-kubernetes-group-version-kind": kinds }),
    ...(type.mapType && { "x-kubernetes-map-type": type.mapType }),
  };
}

function propertiesOf(
  type: SchemaType,
  texts: Readonly<Record<string, string | undefined>>,
  descriptions: Descriptions,
): Record<string, unknown> {
  const entries: [string, OpenApiNode][] = [];
  for (const field of type.fields.values()) {
    const enumType = enumTypeOf(field, type);
    const values = enumType === undefined ? undefined : enums.get(enumType);
    const text = values ? withValues(texts[field.name], values, descriptions[enumType ?? ""] ?? {}) : texts[field.name];
    entries.push([field.name, propertyOf(field, text, values)]);
  }
  if (type.isKind)
    for (const name of ["apiVersion", "kind"]) entries.push([name, { ...describe(texts[name]), type: "string" }]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withValues(
  text: string | undefined,
  values: readonly string[],
  meanings: Readonly<Record<string, string | undefined>>,
): string {
  const lines = values.map((value) => [` - \`${JSON.stringify(value)}\``, meanings[value]].filter(Boolean).join(" "));
  return [text, `Possible enum values:\n${lines.join("\n")}`].filter(Boolean).join("\n\n");
}

function propertyOf(field: Field, description: string | undefined, values: readonly string[] | undefined): OpenApiNode {
  const extensions = {
    ...(field.listType && { "x-kubernetes-list-type": field.listType }),
    ...(field.listMapKeys && { "x-kubernetes-list-map-keys": field.listMapKeys }),
    ...(field.mapType && { "x-kubernetes-map-type": field.mapType }),
    ...(field.patchMergeKey && { "x-kubernetes-patch-merge-key": field.patchMergeKey }),
    ...(field.patchStrategy && { "x-kubernetes-patch-strategy": field.patchStrategy.join(",") }),
  };
  if (field.shape === "list")
    return {
      ...describe(description),
      type: "array",
      items: { ...valueOf(field.type), ...(values && { enum: values }) },
      ...extensions,
    };
  if (field.shape === "map")
    return { ...describe(description), type: "object", additionalProperties: valueOf(field.type), ...extensions };
  const value = valueOf(field.type);
  if (!("$ref" in value)) {
    return {
      ...describe(description),
      ...value,
      ...announcedDefault(field),
      ...(values && { enum: values }),
      ...extensions,
    };
  }
  // Beside a $ref nothing else may stand, so what is said of the field is wrapped around it.
  const isDefaulted = !field.pointer && !OWN_ZERO.has(field.type);
  return { ...describe(description), allOf: [value], ...(isDefaulted && { default: {} }), ...extensions };
}

function announcedDefault(field: Field): OpenApiNode {
  if (field.default !== undefined) return { default: field.default };
  const zero = field.always && !field.pointer ? ZERO[field.type] : undefined;
  return zero === undefined ? {} : { default: zero };
}

function describe(description: string | undefined): OpenApiNode {
  return description ? { description } : {};
}

function valueOf(type: string): OpenApiNode {
  return SCALARS[type] ?? INLINED[type] ?? reference(type);
}

const SCALARS: Readonly<Record<string, OpenApiNode>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  bytes: { type: "string", format: "byte" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  double: { type: "number", format: "double" },
};

const ZERO: Readonly<Record<string, unknown>> = { string: "", bool: false, int32: 0, int64: 0, double: 0 };

/** Types that OpenAPI does not know by name. */
const INLINED: Readonly<Record<string, OpenApiNode | undefined>> = {
  "authentication.v1.ExtraValue": { type: "array", items: { type: "string" } },
  "authorization.v1.ExtraValue": { type: "array", items: { type: "string" } },
  "certificates.v1.ExtraValue": { type: "array", items: { type: "string" } },
  "meta.v1.Verbs": { type: "array", items: { type: "string" } },
};

/** Types with a schema that is not made of their fields. */
const SPECIAL: Readonly<Record<string, OpenApiNode | undefined>> = {
  "resource.Quantity": { oneOf: [{ type: "string" }, { type: "number" }] },
  "resource.QuantityValue": { oneOf: [{ type: "string" }, { type: "number" }] },
  "intstr.IntOrString": { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
  "meta.v1.Time": { type: "string", format: "date-time" },
  "meta.v1.MicroTime": { type: "string", format: "date-time" },
  "meta.v1.Duration": { type: "string" },
  "meta.v1.FieldsV1": { type: "object" },
  "meta.v1.Patch": { type: "object" },
  "runtime.RawExtension": { type: "object" },
  "apiextensions.v1.JSON": {},
  "apiextensions.v1.JSONSchemaPropsOrBool": {},
  "apiextensions.v1.JSONSchemaPropsOrArray": {},
  "apiextensions.v1.JSONSchemaPropsOrStringArray": {},
};

/** Special types whose zero is not `{}`. */
const OWN_ZERO = new Set([
  "meta.v1.Time",
  "meta.v1.MicroTime",
  "meta.v1.Duration",
  "resource.Quantity",
  "resource.QuantityValue",
  "intstr.IntOrString",
  "runtime.RawExtension",
  "apiextensions.v1.JSON",
]);

/** The Go type of a field, where it is a closed set of strings. */
function enumTypeOf(field: Field, owner: SchemaType): string | undefined {
  if (field.type !== "string" || !field.goType.includes(".")) return undefined;
  const name = /[^.\]]+$/.exec(field.goType)?.[0] ?? "";
  const ownPackage = owner.name.slice(0, owner.name.lastIndexOf("."));
  return [ownPackage, "core.v1", "meta.v1"].map((from) => `${from}.${name}`).find((candidate) => enums.has(candidate));
}

const enums = parseEnums(ENUMS_TABLE);

function parseEnums(table: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  let packageName = "";
  for (const line of table.split("\n")) {
    if (line.startsWith("package ")) packageName = line.slice("package ".length);
    else if (line !== "")
      values.set(
        `${packageName}.${line.split(" ")[0] ?? ""}`,
        (line.match(/"[^"]*"/g) ?? []).map((text) => text.slice(1, -1)),
      );
  }
  return values;
}
