import { schemaFor } from "./resources";
import { existingType, type Field, type SchemaType } from "./types";
import { ProtobufReader, DecodeError } from "./protobuf-reader";
import { decodeSpecial } from "./protobuf-special";
import { isEmptyValue } from "./wire-value";

export { DecodeError };

export const PROTOBUF_CONTENT_TYPE = "application/vnd.kubernetes.protobuf";

/** What a protobuf body says it is, and the object in JSON form with `apiVersion` and `kind` in front. */
export interface DecodedBody {
  readonly apiVersion: string;
  readonly kind: string;
  readonly object: Record<string, unknown>;
}

/**
 * Decodes a body of type `application/vnd.kubernetes.protobuf`: the four bytes `k8s\0`, then a `runtime.Unknown` that
 * holds the object. The result is what the same object would be in JSON. Throws `DecodeError` when the bytes are
 * malformed or the kind has no protobuf form. `fallback` names the kind when the envelope does not.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 */
export function decodeProtobuf(body: Uint8Array, fallback?: { apiVersion: string; kind: string }): DecodedBody {
  if (!PREFIX.every((byte, index) => body[index] === byte))
    throw new DecodeError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  const envelope = readEnvelope(new ProtobufReader(body.subarray(PREFIX.length)));
  const apiVersion = envelope.apiVersion || fallback?.apiVersion || "";
  const kind = envelope.kind || fallback?.kind || "";
  const slash = apiVersion.indexOf("/");
  const type = schemaFor(apiVersion.slice(0, Math.max(0, slash)), apiVersion.slice(slash + 1), kind);
  if (!type) throw new DecodeError(`no kind "${kind}" is registered for version "${apiVersion}"`);
  const object = type.isKind
    ? { kind, apiVersion, ...decodeMessage(type, envelope.raw, 0) }
    : decodeMessage(type, envelope.raw, 0);
  return { apiVersion, kind, object };
}

const PREFIX = [0x6b, 0x38, 0x73, 0x00];
// Deeper than any type but JSONSchemaProps goes; that one recurses with its input.
const MAX_DEPTH = 200;

/** One message of `type` in JSON form; fields appear in Go's order and empty ones are left out as Go leaves them out. */
export function decodeMessage(type: SchemaType, bytes: Uint8Array, depth: number): Record<string, unknown> {
  if (depth > MAX_DEPTH) throw new DecodeError(`${type.name} is nested too deeply`);
  const values = new Map<number, unknown>();
  const reader = new ProtobufReader(bytes);
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    const field = type.byNumber.get(number);
    if (!field) reader.skip(wireType);
    else readField(reader, wireType, field, values, depth);
  }
  const object: Record<string, unknown> = {};
  for (const field of type.declared) {
    const value = values.get(field.number);
    if (field.inline) Object.assign(object, value ?? {});
    else if (value !== undefined && (field.always || field.pointer || !isEmptyValue(value, field)))
      object[field.name] = value;
  }
  return object;
}

function readField(
  reader: ProtobufReader,
  wireType: number,
  field: Field,
  values: Map<number, unknown>,
  depth: number,
): void {
  if (field.shape === "map") {
    const entries = values.get(field.number) ?? {};
    values.set(field.number, entries);
    readEntry(reader.bytes(wireType), field, entries as Record<string, unknown>, depth);
  } else if (field.shape === "list") {
    const items = (values.get(field.number) ?? []) as unknown[];
    values.set(field.number, items);
    if (wireType === 2 && NUMERIC.has(field.type)) {
      const packed = new ProtobufReader(reader.bytes(wireType));
      while (!packed.done) items.push(readValue(packed, field.type === "double" ? 1 : 0, field.type, depth));
    } else items.push(readValue(reader, wireType, field.type, depth));
  } else values.set(field.number, readValue(reader, wireType, field.type, depth));
}

const NUMERIC = new Set(["bool", "int32", "int64", "double"]);

function readEntry(bytes: Uint8Array, field: Field, into: Record<string, unknown>, depth: number): void {
  const reader = new ProtobufReader(bytes);
  let key = "";
  let value: unknown;
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1) key = reader.string(wireType);
    else if (number === 2) value = readValue(reader, wireType, field.type, depth);
    else reader.skip(wireType);
  }
  // A key called __proto__ is data like any other.
  Object.defineProperty(into, key, {
    value: value ?? zeroOf(field.type, depth),
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function zeroOf(type: string, depth: number): unknown {
  if (type === "string" || type === "bytes") return "";
  if (type === "bool") return false;
  if (NUMERIC.has(type)) return 0;
  return decodeValue(type, new Uint8Array(), depth);
}

function readValue(reader: ProtobufReader, wireType: number, type: string, depth: number): unknown {
  switch (type) {
    case "string":
      return reader.string(wireType);
    case "bytes":
      return toBase64(reader.bytes(wireType));
    case "bool":
      return reader.integer(wireType) !== 0;
    case "int32":
      return reader.integer(wireType) | 0;
    case "int64":
      return reader.integer(wireType);
    case "double":
      return reader.double(wireType);
    default:
      return decodeValue(type, reader.bytes(wireType), depth);
  }
}

function decodeValue(type: string, bytes: Uint8Array, depth: number): unknown {
  const special = decodeSpecial(type, bytes, (name, inner) => decodeMessage(existingType(name), inner, depth + 1));
  return special ? special.value : decodeMessage(existingType(type), bytes, depth + 1);
}

/** `runtime.Unknown`: who the object is, and its bytes. */
function readEnvelope(reader: ProtobufReader): { apiVersion: string; kind: string; raw: Uint8Array } {
  const envelope = { apiVersion: "", kind: "", raw: new Uint8Array() as Uint8Array };
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1) Object.assign(envelope, readTypeMeta(new ProtobufReader(reader.bytes(wireType))));
    else if (number === 2) envelope.raw = reader.bytes(wireType);
    else reader.skip(wireType);
  }
  return envelope;
}

function readTypeMeta(reader: ProtobufReader): { apiVersion: string; kind: string } {
  const meta = { apiVersion: "", kind: "" };
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1) meta.apiVersion = reader.string(wireType);
    else if (number === 2) meta.kind = reader.string(wireType);
    else reader.skip(wireType);
  }
  return meta;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let offset = 0; offset < bytes.length; offset += 0x8000)
    text += String.fromCharCode(...bytes.subarray(offset, offset + 0x8000));
  return btoa(text);
}
