import { TYPES_TABLE } from "./generated/types";

/**
 * The types of all stable kinds as data. A type is named by its Go package and name (`core.v1.PodSpec`,
 * `meta.v1.ObjectMeta`, `resource.Quantity`); scalars are `string`, `bool`, `bytes`, `int32`, `int64` and `double`.
 * The table is parsed once per process, each type's fields when they are first asked for; all of it is frozen data.
 */
export interface SchemaType {
  readonly name: string;
  /** Has `apiVersion` and `kind` beside its fields (they are in no protobuf message). */
  readonly isKind: boolean;
  /** All atomic: server-side apply owns the whole value. */
  readonly mapType?: MapType;
  /** As Go declares them, embedded structs as one `inline` field. */
  readonly declared: readonly Field[];
  /** By JSON name, in Go's order, with the fields of embedded structs in place. */
  readonly fields: ReadonlyMap<string, Field>;
  /** `declared` by protobuf field number. */
  readonly byNumber: ReadonlyMap<number, Field>;
}

export interface Field {
  /** JSON name. */
  readonly name: string;
  /** Protobuf field number. */
  readonly number: number;
  readonly shape: "one" | "list" | "map";
  /** Type of the value, or of the list's items or the map's values. */
  readonly type: string;
  readonly required: boolean;
  /** An embedded Go struct: a message of its own in protobuf, its fields stand in the parent in JSON. */
  readonly inline: boolean;
  /** A pointer in Go: what is set is kept, even a zero. */
  readonly pointer: boolean;
  /** In JSON even when empty (`null` for an empty list or map that was never set). */
  readonly always: boolean;
  /** A struct that is left out of JSON when all of it is empty; other structs show as `{}`. */
  readonly omitZero: boolean;
  /** The Go type as error messages spell it: `int32`, `[]v1.Container`, `map[string]string`. */
  readonly goType: string;
  /** The default that OpenAPI announces, beyond the zero of required fields. */
  readonly default?: unknown;
  readonly patchMergeKey?: string;
  readonly patchStrategy?: readonly PatchStrategy[];
  readonly listType?: ListType;
  readonly listMapKeys?: readonly string[];
  readonly mapType?: MapType;
}

export type PatchStrategy = "merge" | "replace" | "retainKeys";
export type ListType = "atomic" | "set" | "map";
export type MapType = "atomic" | "granular";

/** The type called `name`; `undefined` for scalars and unknown names. */
export function typeOf(name: string): SchemaType | undefined {
  const known = parsed.get(name);
  if (known) return known;
  const source = sources.get(name);
  if (!source) return undefined;
  const type = parseType(name, source);
  parsed.set(name, type);
  return type;
}

/** Like `typeOf`, for names that come out of the table itself. */
export function existingType(name: string): SchemaType {
  const type = typeOf(name);
  if (!type) throw new Error(`the schema has no type ${name}`);
  return type;
}

export function typeNames(): IterableIterator<string> {
  return sources.keys();
}

// A cache of frozen facts, the same for every cluster in the process.
const parsed = new Map<string, SchemaType>();
const sources = indexTable(TYPES_TABLE);

/** Type name → its lines (the head first). */
function indexTable(table: string): Map<string, string[]> {
  const index = new Map<string, string[]>();
  let packageName = "";
  let lines: string[] = [];
  for (const line of table.split("\n")) {
    if (line === "") continue;
    if (line.startsWith(" ")) lines.push(line);
    else if (line.startsWith("package ")) packageName = line.slice("package ".length);
    else index.set(`${packageName}.${/^\w+/.exec(line)?.[0] ?? ""}`, (lines = [line]));
  }
  return index;
}

function parseType(name: string, [head = "", ...lines]: string[]): SchemaType {
  const packageName = name.slice(0, name.lastIndexOf("."));
  const [title = "", ...marks] = head.split(" ");
  const declared = lines.map((line) => parseField(line, packageName));
  const fields = new Map<string, Field>();
  for (const field of declared) {
    if (!field.inline) fields.set(field.name, field);
    else for (const inner of existingType(field.type).fields.values()) fields.set(inner.name, inner);
  }
  return {
    name,
    isKind: title.endsWith("*"),
    ...parseMarks(marks),
    declared,
    fields,
    byNumber: new Map(declared.map((field) => [field.number, field])),
  };
}

function parseField(line: string, packageName: string): Field {
  const [title = "", number = "", declaredType = "", ...marks] = line.slice(1).split(" ");
  const wireType = declaredType.replace("*", "");
  const shape = wireType.startsWith("[]") ? "list" : wireType.startsWith("{}") ? "map" : "one";
  const bare = shape === "one" ? wireType : wireType.slice(2);
  const type = /^[A-Z]/.test(bare) ? `${packageName}.${bare}` : bare;
  return {
    name: title.replace(/^~|!$/g, ""),
    number: Number(number),
    shape,
    type,
    required: title.endsWith("!"),
    inline: title.startsWith("~"),
    pointer: declaredType.startsWith("*"),
    always: marks.includes("always"),
    omitZero: marks.includes("omitzero"),
    goType: marks.find((mark) => mark.startsWith("go="))?.slice("go=".length) ?? goTypeOf(shape, type),
    ...parseDefault(marks),
    ...parseMarks(marks),
  };
}

function parseDefault(marks: string[]): Pick<Field, "default"> {
  const json = marks.find((mark) => mark.startsWith("default="))?.slice("default=".length);
  return json === undefined ? {} : { default: JSON.parse(json) as unknown };
}

const GO_SCALARS: Readonly<Record<string, string>> = { double: "float64", bytes: "[]uint8" };

/** Go names a type by the last part of its package: `core.v1.PodSpec` is `v1.PodSpec`. */
function goTypeOf(shape: Field["shape"], type: string): string {
  const name = type.includes(".") ? type.split(".").slice(-2).join(".") : (GO_SCALARS[type] ?? type);
  return shape === "one" ? name : shape === "list" ? `[]${name}` : `map[string]${name}`;
}

function parseMarks(
  marks: string[],
): Pick<Field, "patchMergeKey" | "patchStrategy" | "listType" | "listMapKeys" | "mapType"> {
  const values = new Map(marks.map((mark) => [mark.slice(0, mark.indexOf("=")), mark.slice(mark.indexOf("=") + 1)]));
  const [listType, keys] = values.get("list")?.split(":") ?? [];
  return {
    ...(values.has("key") && { patchMergeKey: values.get("key") }),
    ...(values.has("patch") && { patchStrategy: values.get("patch")?.split(",") as PatchStrategy[] }),
    ...(listType && { listType: listType as ListType }),
    ...(keys && { listMapKeys: keys.split(",") }),
    ...(values.has("map") && { mapType: values.get("map") as MapType }),
  };
}
