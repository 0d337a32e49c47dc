import { parseJson } from "./json-text";
import { DecodeError, ProtobufReader } from "./protobuf-reader";

/**
 * Types whose JSON form is not an object of their protobuf fields. `undefined` when `type` is an ordinary message.
 * `decode` decodes an ordinary message.
 */
export function decodeSpecial(
  type: string,
  bytes: Uint8Array,
  decode: (type: string, bytes: Uint8Array) => unknown,
): { value: unknown } | undefined {
  const read = READERS[type];
  return read && { value: read(fieldsOf(bytes), decode) };
}

type Fields = Map<number, (number | Uint8Array)[]>;
type Decode = (type: string, bytes: Uint8Array) => unknown;

const READERS: Readonly<Record<string, ((fields: Fields, decode: Decode) => unknown) | undefined>> = {
  "resource.Quantity": (fields) => text(fields, 1),
  "resource.QuantityValue": (fields) => text(fields, 1),
  "intstr.IntOrString": (fields) => (integer(fields, 1) === 1 ? text(fields, 3) : integer(fields, 2)),
  "meta.v1.Time": (fields) => (fields.size === 0 ? null : time(fields, 0)),
  "meta.v1.MicroTime": (fields) => (fields.size === 0 ? null : time(fields, 6)),
  "meta.v1.Duration": (fields) => goDuration(integer(fields, 1)),
  "meta.v1.FieldsV1": (fields) => json(fields) ?? null,
  "meta.v1.Verbs": (fields) => (fields.get(1) ?? []).map(asText),
  "authentication.v1.ExtraValue": (fields) => (fields.get(1) ?? []).map(asText),
  "authorization.v1.ExtraValue": (fields) => (fields.get(1) ?? []).map(asText),
  "certificates.v1.ExtraValue": (fields) => (fields.get(1) ?? []).map(asText),
  "runtime.RawExtension": (fields) => json(fields) ?? null,
  "apiextensions.v1.JSON": (fields) => json(fields) ?? null,
  "apiextensions.v1.JSONSchemaPropsOrBool": (fields, decode) => schema(fields, 2, decode) ?? integer(fields, 1) !== 0,
  "apiextensions.v1.JSONSchemaPropsOrArray": (fields, decode) =>
    schema(fields, 1, decode) ?? (fields.get(2) ?? []).map((item) => decode(SCHEMA, asBytes(item))),
  "apiextensions.v1.JSONSchemaPropsOrStringArray": (fields, decode) =>
    schema(fields, 1, decode) ?? (fields.get(2) ?? []).map(asText),
};

const SCHEMA = "apiextensions.v1.JSONSchemaProps";
const TEXT = new TextDecoder();

function fieldsOf(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  const reader = new ProtobufReader(bytes);
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (wireType === 0 || wireType === 2) {
      const value = wireType === 0 ? reader.integer(wireType) : reader.bytes(wireType);
      const values = fields.get(number);
      if (values) values.push(value);
      else fields.set(number, [value]);
    } else reader.skip(wireType);
  }
  return fields;
}

function schema(fields: Fields, number: number, decode: Decode): unknown {
  const value = fields.get(number)?.at(-1);
  return value === undefined ? undefined : decode(SCHEMA, asBytes(value));
}

function asBytes(value: number | Uint8Array): Uint8Array {
  if (typeof value === "number") throw new DecodeError("proto: wrong wireType = 0");
  return value;
}

function asText(value: number | Uint8Array): string {
  return TEXT.decode(asBytes(value));
}

function text(fields: Fields, number: number): string {
  const value = fields.get(number)?.at(-1);
  return value === undefined ? "" : asText(value);
}

function integer(fields: Fields, number: number): number {
  const value = fields.get(number)?.at(-1) ?? 0;
  if (typeof value !== "number") throw new DecodeError("proto: wrong wireType = 2");
  return value;
}

/** JSON text carried as bytes in field 1; `undefined` when there is none. */
function json(fields: Fields): unknown {
  const source = text(fields, 1);
  if (source === "") return undefined;
  return parseJson(source).value;
}

/** Seconds and nanoseconds since the epoch, in RFC 3339 with `digits` (0 or 6) decimals. */
function time(fields: Fields, digits: 0 | 6): string {
  const date = new Date(integer(fields, 1) * 1000);
  if (Number.isNaN(date.getTime())) throw new DecodeError("time is out of range");
  const seconds = date.toISOString().replace(/\.\d{3}Z$/, "");
  const micros = String(Math.floor(integer(fields, 2) / 1000)).padStart(6, "0");
  return digits === 0 ? `${seconds}Z` : `${seconds}.${micros}Z`;
}

/** A `time.Duration` of nanoseconds as Go prints it: `1h2m3.5s`, `0s`. */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  const sign = nanoseconds < 0 ? "-" : "";
  let rest = Math.abs(nanoseconds);
  if (rest < 1e9) {
    const [unit, size] =
      rest < 1e3 ? (["ns", 1] as const) : rest < 1e6 ? (["µs", 1e3] as const) : (["ms", 1e6] as const);
    return `${sign}${rest / size}${unit}`;
  }
  const hours = Math.floor(rest / 3600e9);
  rest -= hours * 3600e9;
  const minutes = Math.floor(rest / 60e9);
  rest -= minutes * 60e9;
  return `${sign}${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${rest / 1e9}s`;
}
