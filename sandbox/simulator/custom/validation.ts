import { RE2JS, RE2JSException } from "re2js";
import {
  duplicateValue,
  invalidValue,
  notSupported,
  requiredValue,
  tooLong,
  tooMany,
  type FieldError,
} from "../api/field-error";
import type { JSONSchemaProps } from "../api/generated/kubernetes";
import { equalJson, isJsonObject, type JsonObject } from "../api/json";
import { hasFormat } from "./formats";
import { itemsOf, joinPath, valuesOf } from "./json-schema";

/**
 * What is wrong with a value by its schema, in the API server's words. What was wrong in `old` already and has not
 * changed passes. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
 */
export function validateValue(value: unknown, schema: JSONSchemaProps, path = "", old?: unknown): FieldError[] {
  if (old !== undefined && equalJson(value, old)) return [];
  const fault = typeFault(value, schema, path);
  if (fault) return [fault];
  if (value === null) return [];
  const errors = [...enumFaults(value, schema, path)];
  if (typeof value === "string") errors.push(...stringFaults(value, schema, path));
  else if (typeof value === "number") errors.push(...numberFaults(value, schema, path));
  else if (Array.isArray(value)) errors.push(...listFaults(value, schema, path, Array.isArray(old) ? old : []));
  else if (isJsonObject(value)) errors.push(...objectFaults(value, schema, path, isJsonObject(old) ? old : {}));
  return [...errors, ...junctorFaults(value, schema, path)];
}

function typeFault(value: unknown, schema: JSONSchemaProps, path: string): FieldError | undefined {
  const got = typeName(value);
  if (value === null && (schema.nullable || (!schema.type && !schema["x-kubernetes-int-or-string"]))) return undefined;
  const isEither = schema["x-kubernetes-int-or-string"] === true;
  const wanted = isEither ? "integer,string" : schema.type;
  if (!wanted) return undefined;
  if (isEither ? got === "integer" || got === "string" : got === wanted || (wanted === "number" && got === "integer"))
    return undefined;
  return typeInvalid(path, got, `${path} in body must be of type ${wanted}: ${JSON.stringify(got)}`);
}

function typeInvalid(path: string, value: unknown, why: string): FieldError {
  return { ...invalidValue(path, value, why), reason: "FieldValueTypeInvalid" };
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function enumFaults(value: unknown, { enum: allowed }: JSONSchemaProps, path: string): FieldError[] {
  if (!allowed || allowed.some((each) => equalJson(each, value))) return [];
  const texts = allowed.map((each) => (typeof each === "string" ? each : JSON.stringify(each)));
  return [notSupported(path, value, texts)];
}

function stringFaults(value: string, schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { maxLength, minLength, pattern, format } = schema;
  const length = Array.from(value).length;
  if (maxLength !== undefined && length > maxLength) errors.push(tooLong(path, maxLength));
  if (minLength !== undefined && length < minLength)
    errors.push(invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`));
  if (pattern !== undefined && !matches(value, pattern))
    errors.push(invalidValue(path, value, `${path} in body should match '${pattern}'`));
  if (format !== undefined && !hasFormat(value, format))
    errors.push(typeInvalid(path, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`));
  return errors;
}

/** Go's patterns, on an engine like Go's: no pattern makes it take for ever. One that cannot be read asks for nothing. */
function matches(value: string, pattern: string): boolean {
  try {
    return RE2JS.compile(pattern).test(value);
  } catch (error) {
    if (error instanceof RE2JSException) return true;
    throw error;
  }
}

function numberFaults(value: number, schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { maximum, minimum, exclusiveMaximum, exclusiveMinimum, multipleOf, format } = schema;
  const fail = (why: string): void => void errors.push(invalidValue(path, value, `${path} in body ${why}`));
  if (format === "int32" && (value > INT32_MAX || value < -INT32_MAX - 1))
    fail(`must be of type int32: ${JSON.stringify(value)}`);
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) fail(`should be a multiple of ${multipleOf}`);
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum))
    fail(`should be less than ${exclusiveMaximum ? "" : "or equal to "}${maximum}`);
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum))
    fail(`should be greater than ${exclusiveMinimum ? "" : "or equal to "}${minimum}`);
  return errors;
}

const INT32_MAX = 2 ** 31 - 1;

function listFaults(
  value: readonly unknown[],
  schema: JSONSchemaProps,
  path: string,
  old: readonly unknown[],
): FieldError[] {
  const errors: FieldError[] = [];
  const { maxItems, minItems, uniqueItems } = schema;
  if (minItems !== undefined && value.length < minItems)
    errors.push(invalidValue(path, value.length, `${path} in body should have at least ${minItems} items`));
  if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(path, value.length, maxItems));
  const isRepeated = uniqueItems && value.some((item, index) => value.slice(0, index).some((e) => equalJson(e, item)));
  if (isRepeated) errors.push(invalidValue(path, value, `${path} in body shouldn't contain duplicates`));
  const items = itemsOf(schema);
  if (items)
    value.forEach((item, index) => errors.push(...validateValue(item, items, `${path}[${index}]`, old[index])));
  return [...errors, ...repeatedItems(value, schema, path)];
}

/** Items of a set must differ, those of a map in their keys. */
function repeatedItems(value: readonly unknown[], schema: JSONSchemaProps, path: string): FieldError[] {
  const type = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (type !== "set" && type !== "map") return [];
  const identity = (item: unknown): unknown =>
    type === "set" || !isJsonObject(item)
      ? item
      : Object.fromEntries(keys.filter((key) => item[key] !== undefined).map((key) => [key, item[key]]));
  const seen: unknown[] = [];
  const errors: FieldError[] = [];
  value.forEach((item, index) => {
    const own = identity(item);
    if (seen.some((each) => equalJson(each, own))) errors.push(duplicateValue(`${path}[${index}]`, own));
    else seen.push(own);
  });
  return errors;
}

function objectFaults(value: JsonObject, schema: JSONSchemaProps, path: string, old: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const { maxProperties, minProperties, properties = {}, required = [] } = schema;
  const keys = Object.keys(value).sort();
  if (minProperties !== undefined && keys.length < minProperties)
    errors.push(invalidValue(path, keys.length, `${path} in body should have at least ${minProperties} properties`));
  if (maxProperties !== undefined && keys.length > maxProperties)
    errors.push(tooMany(path, keys.length, maxProperties));
  for (const key of required) if (value[key] === undefined) errors.push(requiredValue(joinPath(path, key)));
  const values = valuesOf(schema);
  for (const key of keys) {
    const inner = properties[key] ?? values;
    if (inner && !(path === "" && key === "metadata"))
      errors.push(...validateValue(value[key], inner, joinPath(path, key), old[key]));
  }
  return errors;
}

function junctorFaults(value: unknown, schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  const name = JSON.stringify(path);
  const fits = (each: JSONSchemaProps): boolean => validateValue(value, each, path).length === 0;
  // These speak of the whole object, not of a field.
  const fail = (why: string): void => void errors.push(invalidValue("", "", `${name} must ${why}`));
  if (anyOf.length > 0 && !anyOf.some(fits)) {
    fail("validate at least one schema (anyOf)");
    errors.push(...closest(value, anyOf, path));
  }
  const valid = oneOf.filter(fits).length;
  if (oneOf.length > 0 && valid !== 1) {
    const found = valid === 0 ? "Found none valid" : `Found ${valid} valid alternatives`;
    fail(`validate one and only one schema (oneOf). ${found}`);
    if (valid === 0) errors.push(...closest(value, oneOf, path));
  }
  if (!allOf.every(fits)) {
    const faults = allOf.flatMap((each) => validateValue(value, each, path));
    fail(`validate all the schemas (allOf)${allOf.some(fits) ? "" : ". None validated"}`);
    errors.push(...faults);
  }
  if (not && fits(not)) fail("not validate the schema (not)");
  return errors;
}

/** What is wrong by the alternative that fits best. */
function closest(value: unknown, schemas: readonly JSONSchemaProps[], path: string): FieldError[] {
  const [best = []] = schemas.map((each) => validateValue(value, each, path)).sort((a, b) => a.length - b.length);
  return best;
}
