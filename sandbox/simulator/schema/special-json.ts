import { canonicalQuantity, parseQuantity, QUANTITY_RULE } from "../api/quantity";
import { jsonKind } from "./decode-place";
import { DecodeError } from "./protobuf-reader";
import { goDuration } from "./protobuf-special";

/** What a type that decodes itself may call on. */
export interface SpecialContext {
  /** An error that `got` (string, number, …) does not fit the Go type `wanted` here. */
  readonly fail: (got: string, wanted: string) => DecodeError;
  /** Reads a struct inside it. */
  readonly nested: (type: string, value: unknown) => unknown;
}

type ReadSpecial = (value: unknown, context: SpecialContext) => unknown;

/** Types that read their own JSON: quantities, times, int-or-string, free-form JSON, the unions of JSON schema. */
export const SPECIAL_JSON: ReadonlyMap<string, ReadSpecial> = new Map<string, ReadSpecial>([
  ["resource.Quantity", quantity],
  ["resource.QuantityValue", quantity],
  ["intstr.IntOrString", intOrString],
  ["meta.v1.Time", (value, context) => time(value, context, 0)],
  ["meta.v1.MicroTime", (value, context) => time(value, context, 6)],
  ["meta.v1.Duration", duration],
  ["meta.v1.FieldsV1", anything],
  ["meta.v1.Verbs", strings],
  ["authentication.v1.ExtraValue", strings],
  ["authorization.v1.ExtraValue", strings],
  ["certificates.v1.ExtraValue", strings],
  ["runtime.RawExtension", anything],
  ["apiextensions.v1.JSON", anything],
  ["apiextensions.v1.JSONSchemaPropsOrBool", schemaOrBool],
  ["apiextensions.v1.JSONSchemaPropsOrArray", schemaOrArray],
  ["apiextensions.v1.JSONSchemaPropsOrStringArray", schemaOrStrings],
]);

const SCHEMA = "apiextensions.v1.JSONSchemaProps";

function anything(value: unknown): unknown {
  return value;
}

function quantity(value: unknown): unknown {
  if (value === null || value === undefined) return "0";
  const text = typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
  if (!parseQuantity(text)) throw new DecodeError(QUANTITY_RULE);
  return canonicalQuantity(text);
}

function intOrString(value: unknown, { fail }: SpecialContext): unknown {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return 0;
  if (typeof value !== "number") throw fail(jsonKind(value), "int32");
  if (value !== (value | 0)) throw fail(`number ${value}`, "int32");
  return value;
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function time(value: unknown, { fail }: SpecialContext, digits: 0 | 6): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== "string") throw fail(jsonKind(value), "string");
  const match = RFC3339.exec(value);
  const date = new Date(value);
  const layout = digits === 0 ? "2006-01-02T15:04:05Z07:00" : "2006-01-02T15:04:05.000000Z07:00";
  if (!match || Number.isNaN(date.getTime()))
    throw new DecodeError(
      `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(value)} as "2006"`,
    );
  const seconds = date.toISOString().replace(/\.\d{3}Z$/, "");
  return digits === 0 ? `${seconds}Z` : `${seconds}.${(match[1] ?? ".").slice(1, 7).padEnd(6, "0")}Z`;
}

const NANOSECONDS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

function duration(value: unknown, { fail }: SpecialContext): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== "string") throw fail(jsonKind(value), "string");
  const parts = /^([+-]?)((?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+|0)$/.exec(value);
  if (!parts) throw new DecodeError(`time: invalid duration ${JSON.stringify(value)}`);
  let total = 0;
  for (const [, amount = "0", unit = "ns"] of (parts[2] ?? "").matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    total += Number(amount) * (NANOSECONDS[unit] ?? 0);
  return goDuration(parts[1] === "-" ? -total : total);
}

function strings(value: unknown, { fail }: SpecialContext): unknown {
  if (!Array.isArray(value)) throw fail(jsonKind(value), "[]string");
  return value.map((item: unknown) => {
    if (typeof item !== "string") throw fail(jsonKind(item), "string");
    return item;
  });
}

function schemaOrBool(value: unknown, { nested }: SpecialContext): unknown {
  if (typeof value === "boolean") return value;
  if (jsonKind(value) !== "object") throw new DecodeError("boolean or JSON schema expected");
  return nested(SCHEMA, value);
}

function schemaOrArray(value: unknown, { nested }: SpecialContext): unknown {
  return Array.isArray(value) ? value.map((item) => nested(SCHEMA, item)) : nested(SCHEMA, value);
}

function schemaOrStrings(value: unknown, context: SpecialContext): unknown {
  return Array.isArray(value) ? strings(value, context) : context.nested(SCHEMA, value);
}
