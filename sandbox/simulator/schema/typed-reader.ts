import { jsonKind, pathOf, ROOT, typeError, type Place } from "./decode-place";
import { DecodeError } from "./protobuf-reader";
import { existingType, typeOf, type Field, type SchemaType } from "./types";
import { isEmptyValue } from "./wire-value";
import { SPECIAL_JSON } from "./special-json";

// https://github.com/kubernetes-sigs/json reports no more.
const MAX_MESSAGES = 100;
// Only JSON schemas nest without end.
const MAX_DEPTH = 500;

/**
 * Reads one plain JSON value as a typed object, as Go's decoder does: the first type error is kept while the rest is
 * still read, an error of a type that decodes itself (a quantity, a time) ends it at once and wins.
 */
export class TypedReader {
  readonly #texts: "json" | "converter";
  readonly #repeated: ReadonlyMap<object, readonly string[]>;
  readonly #messages = new Set<string>();
  #firstError: DecodeError | undefined;
  #depth = 0;
  /** Inside a type that decodes itself nothing is strict. */
  #isStrict = true;

  constructor(texts: "json" | "converter", repeated: ReadonlyMap<object, readonly string[]>) {
    this.#texts = texts;
    this.#repeated = repeated;
  }

  /** Unknown and repeated fields, in the order they were met. */
  get messages(): readonly string[] {
    return [...this.#messages];
  }

  read(type: SchemaType, value: unknown): Record<string, unknown> {
    const goType = type.name.split(".").slice(-2).join(".");
    const object = this.#struct(type, value, goType, ROOT);
    if (this.#firstError) throw this.#firstError;
    return object;
  }

  #struct(type: SchemaType, value: unknown, goType: string, place: Place): Record<string, unknown> {
    if (!isRecord(value)) {
      if (value !== null && value !== undefined)
        this.#mismatch(value, goType, place, `cannot restore struct from: ${goKind(value)}`);
      return this.#ordered(type, new Map());
    }
    const name = type.name.slice(type.name.lastIndexOf(".") + 1);
    if (++this.#depth > MAX_DEPTH) throw new DecodeError("exceeded max depth");
    const found = new Map<string, unknown>();
    for (const key of this.#repeated.get(value) ?? Object.keys(value)) {
      const field = type.fields.get(key) ?? (type.isKind ? TYPE_META.get(key) : undefined);
      if (!field) {
        this.#report("unknown", place, key);
        continue;
      }
      if (found.has(key)) this.#report("duplicate", place, key);
      const plain = value[key];
      // Most fields are texts and need no place for an error.
      if (typeof plain === "string" && field.type === "string" && field.shape === "one") {
        found.set(key, plain);
        continue;
      }
      const embedded = embeddedIn(type, field);
      const goStep = embedded ? `${embedded}.${key}` : key;
      found.set(key, this.#field(field, plain, { around: place, step: key, goStep, struct: name }));
    }
    this.#depth--;
    return this.#ordered(type, found);
  }

  /** Fields in Go's order, without what Go leaves out of JSON and with the empty structs and times that it does not. */
  #ordered(type: SchemaType, found: ReadonlyMap<string, unknown>): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    if (type.isKind) for (const key of TYPE_META.keys()) if (found.get(key)) object[key] = found.get(key);
    for (const field of type.fields.values()) {
      const value = found.get(field.name) ?? this.#zero(field);
      if (value !== undefined && (field.always || field.pointer || !isEmptyValue(value, field)))
        object[field.name] = value;
      else if (TIMES.has(field.type) && field.shape === "one" && !field.pointer && !field.omitZero)
        object[field.name] = null;
    }
    return object;
  }

  /** What Go writes for a field that was never set; `undefined` when that is nothing, or `null`. */
  #zero(field: Field): unknown {
    if (field.pointer || field.shape !== "one") return undefined;
    const scalar = ZERO[field.type];
    if (scalar !== undefined) return field.always ? scalar : undefined;
    if (SPECIAL_JSON.has(field.type) || field.omitZero) return undefined;
    return this.#ordered(existingType(field.type), new Map());
  }

  #field(field: Field, value: unknown, place: Place): unknown {
    // In-process callers may leave a property there that is undefined.
    if (value === null || value === undefined) return undefined;
    if (field.shape === "list") {
      if (!Array.isArray(value))
        return this.#mismatch(value, field.goType, place, `cannot restore slice from ${goKind(value)}`);
      const goType = elementOf(field.goType, field.type);
      return value.map((item: unknown, index) => this.#item(field.type, item, goType, place, `[${index}]`));
    }
    if (field.shape === "map") {
      if (!isRecord(value))
        return this.#mismatch(value, field.goType, place, `cannot restore map from ${goKind(value)}`);
      return this.#map(field, value, place);
    }
    return this.#one(field.type, value, field.goType, place);
  }

  #map(field: Field, value: Record<string, unknown>, place: Place): Record<string, unknown> {
    const goType = elementOf(field.goType, field.type);
    const entries = new Map<string, unknown>();
    for (const key of this.#repeated.get(value) ?? Object.keys(value)) {
      if (entries.has(key)) this.#report("duplicate", place, key);
      else entries.set(key, this.#item(field.type, value[key], goType, place, key) ?? null);
    }
    return Object.fromEntries(entries);
  }

  /** A list's item or a map's value. */
  #item(type: string, value: unknown, goType: string, around: Place, step: string): unknown {
    if (type === "string" && typeof value === "string") return value;
    return this.#one(type, value, goType, { around, step, struct: around.struct });
  }

  #one(type: string, value: unknown, goType: string, place: Place): unknown {
    const scalar = ZERO[type];
    if (scalar !== undefined)
      return value === null || value === undefined ? scalar : this.#scalar(type, value, goType, place);
    const special = SPECIAL_JSON.get(type);
    if (!special) return this.#struct(existingType(type), value, goType, place);
    const fail = (got: string, wanted: string): DecodeError => typeError(got, wanted, place);
    return special(value, { fail, nested: (name, inner) => this.#nested(name, inner, place) });
  }

  #nested(name: string, value: unknown, place: Place): unknown {
    const wasStrict = this.#isStrict;
    this.#isStrict = false;
    const object = this.#struct(existingType(name), value, name, place);
    this.#isStrict = wasStrict;
    return object;
  }

  #scalar(type: string, value: unknown, goType: string, place: Place): unknown {
    if (type === "string" && typeof value === "string") return value;
    if (type === "bool" && typeof value === "boolean") return value;
    if (type === "bytes" && typeof value === "string") return this.#base64(value);
    if (type === "double" && typeof value === "number") return value;
    if (typeof value === "number" && (type === "int32" || type === "int64")) {
      if (Number.isInteger(value) && (type === "int64" || value === (value | 0))) return value;
      return this.#mismatch(value, goType, place, `cannot convert ${goKind(value)} to ${goType}`, `number ${value}`);
    }
    return this.#mismatch(value, goType, place, converterText(type, value, goType));
  }

  #base64(value: string): string {
    const text = value.replace(/[\r\n]/g, "");
    const bad = illegalBase64(text);
    if (bad !== undefined)
      this.#firstError ??= new DecodeError(
        `${this.#texts === "converter" ? "error decoding from json: " : ""}illegal base64 data at input byte ${bad}`,
      );
    return text;
  }

  #mismatch(value: unknown, goType: string, place: Place, converterText: string, got = jsonKind(value)): unknown {
    if (this.#texts === "converter") throw new DecodeError(converterText);
    this.#firstError ??= typeError(got, goType, place);
    return undefined;
  }

  #report(what: "unknown" | "duplicate", place: Place, key: string): void {
    if (!this.#isStrict || this.#messages.size >= MAX_MESSAGES) return;
    this.#messages.add(`${what} field ${JSON.stringify(pathOf(place, key))}`);
  }
}

/** Go's reflection converts whole numbers to strings (as code points), so the converter says that it will not. */
function converterText(type: string, value: unknown, goType: string): string {
  if (type === "bytes") return `cannot restore slice from ${goKind(value)}`;
  if (type === "string" && Number.isInteger(value)) return `cannot convert ${goTypeName(value)} to ${goType}`;
  return `unrecognized type: ${type === "double" ? "float64" : type}`;
}

const ZERO: Readonly<Record<string, unknown>> = { string: "", bool: false, bytes: "", int32: 0, int64: 0, double: 0 };

/** A time that was never set shows as `null`, unless Go is told to leave it out. */
const TIMES: ReadonlySet<string> = new Set(["meta.v1.Time", "meta.v1.MicroTime"]);

const TYPE_META: ReadonlyMap<string, Field> = new Map(
  ["kind", "apiVersion"].map((name, index) => [
    name,
    {
      name,
      number: index + 1,
      shape: "one",
      type: "string",
      required: false,
      inline: false,
      pointer: false,
      always: false,
      omitZero: false,
      goType: "string",
    },
  ]),
);

/** The embedded structs between a type and a field that stands in it only in JSON: `VolumeSource` for a volume's `configMap`. */
function embeddedIn(type: SchemaType, field: Field): string | undefined {
  const known = embeddings.get(type) ?? new Map<Field, string | undefined>();
  if (known.size === 0) embeddings.set(type, known);
  if (!known.has(field)) known.set(field, findEmbedded(type, field));
  return known.get(field);
}

// Of frozen schema data.
const embeddings = new WeakMap<SchemaType, Map<Field, string | undefined>>();

function findEmbedded(type: SchemaType, field: Field): string | undefined {
  if (TYPE_META.get(field.name) === field) return "TypeMeta";
  for (const candidate of type.declared) {
    if (candidate === field) return undefined;
    if (!candidate.inline) continue;
    const inner = typeOf(candidate.type);
    if (inner?.fields.get(field.name) !== field) continue;
    const name = candidate.type.slice(candidate.type.lastIndexOf(".") + 1);
    const deeper = embeddedIn(inner, field);
    return deeper ? `${name}.${deeper}` : name;
  }
  return undefined;
}

/** `[]v1.Container` → `v1.Container`; for named list and map types the element has the name of its own type. */
function elementOf(goType: string, type: string): string {
  const element = /^(?:\[\]|map\[[^\]]+\])(.+)$/.exec(goType)?.[1];
  return element ?? type.split(".").slice(-2).join(".");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return "slice";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : typeof value === "object" ? "map" : typeof value;
}

function goTypeName(value: unknown): string {
  const kind = goKind(value);
  return kind === "map" ? "map[string]interface {}" : kind === "slice" ? "[]interface {}" : kind;
}

/** Where Go's decoder gives up on base64 text; `undefined` when it does not. */
function illegalBase64(text: string): number | undefined {
  const data = /^[A-Za-z0-9+/]*/.exec(text)?.[0].length ?? 0;
  const padding = text.slice(data);
  const rest = data % 4;
  if (padding === "" && rest === 0) return undefined;
  if (padding === "") return data - rest;
  if (!padding.startsWith("=") || rest < 2) return data;
  const wanted = 4 - rest;
  if (padding.slice(0, wanted) !== "=".repeat(wanted)) return data + 1 > text.length - 1 ? text.length : data + 1;
  return padding.length > wanted ? data + wanted : undefined;
}
