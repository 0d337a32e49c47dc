import { duplicateValue, forbiddenValue, invalidValue, requiredValue, type FieldError } from "../api/field-error";
import type { JSONSchemaProps, ValidationRule } from "../api/generated/kubernetes";
import { equalJson, isJsonObject } from "../api/json";
import { celEnvironment } from "../cel/environment";
import { CelError, compile, type Compiled } from "../cel/program";
import { itemsOf, joinPath, valuesOf } from "./json-schema";

/**
 * What the rules of a schema (x-kubernetes-validations) say against a value that fits it otherwise. Rules about the
 * change of a value are asked only when there is an old one.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
export function ruleFaults(value: unknown, schema: JSONSchemaProps, old?: unknown, path = ""): FieldError[] {
  if (value === undefined || value === null || !hasRules(schema)) return [];
  const errors = (schema["x-kubernetes-validations"] ?? []).flatMap((rule) => judge(rule, value, schema, old, path));
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (!items) return errors;
    const before = Array.isArray(old) ? old : [];
    return value.reduce<FieldError[]>(
      (all, item, index) => [
        ...all,
        ...ruleFaults(item, items, counterpart(item, before, schema), `${path}[${index}]`),
      ],
      errors,
    );
  }
  if (!isJsonObject(value)) return errors;
  const values = valuesOf(schema);
  for (const key of Object.keys(value).sort()) {
    const property = schema.properties?.[key];
    const inner = property ?? values;
    const before = isJsonObject(old) ? old[key] : undefined;
    const at = property ? joinPath(path, key) : `${path}[${key}]`;
    if (inner) errors.push(...ruleFaults(value[key], inner, before, at));
  }
  return errors;
}

/** Only the items of a keyed list can be told apart; others have no past. */
function counterpart(item: unknown, before: readonly unknown[], schema: JSONSchemaProps): unknown {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (schema["x-kubernetes-list-type"] !== "map" || !isJsonObject(item)) return undefined;
  return before.find((each) => isJsonObject(each) && keys.every((key) => equalJson(each[key], item[key])));
}

function hasRules(schema: JSONSchemaProps): boolean {
  let known = ruled.get(schema);
  if (known === undefined) {
    const inner = [itemsOf(schema), valuesOf(schema), ...Object.values(schema.properties ?? {})];
    known =
      (schema["x-kubernetes-validations"] ?? []).length > 0 ||
      inner.some((each) => each !== undefined && hasRules(each));
    ruled.set(schema, known);
  }
  return known;
}

const ruled = new WeakMap<JSONSchemaProps, boolean>();

function judge(
  rule: ValidationRule,
  value: unknown,
  schema: JSONSchemaProps,
  old: unknown,
  path: string,
): FieldError[] {
  const isTransition = /\boldSelf\b/.test(rule.rule);
  if (isTransition && old === undefined) return [];
  const variables = { self: celValue(value, schema), ...(isTransition && { oldSelf: celValue(old, schema) }) };
  const type = schema.type ?? "object";
  const ruleText = rule.message?.trim() || rule.rule.trim();
  const at = `${path}${rule.fieldPath ?? ""}`.replace(/^\./, "");
  try {
    if (run(rule.rule, variables) === true) return [];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return [invalidValue(path, type, `${error.message} evaluating rule: ${ruleText}`)];
  }
  // Unchanged faults pass: the object was there before its rule.
  if (!isTransition && old !== undefined && equalJson(value, old)) return [];
  const detail = messageOf(rule, variables);
  switch (rule.reason) {
    case "FieldValueForbidden":
      return [forbiddenValue(at, detail)];
    case "FieldValueRequired":
      return [requiredValue(at, detail)];
    case "FieldValueDuplicate":
      return [duplicateValue(at, type)];
    default:
      return [invalidValue(at, type, detail)];
  }
}

function messageOf({ messageExpression, message, rule }: ValidationRule, variables: Record<string, unknown>): string {
  const fallback = message?.trim() || `failed rule: ${rule.trim()}`;
  if (!messageExpression) return fallback;
  try {
    const text = run(messageExpression, variables);
    return typeof text === "string" && text.trim() !== "" ? text.trim() : fallback;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return fallback;
  }
}

/** Why a rule cannot be used, if so. */
export function ruleError(rule: string): string | undefined {
  const result = compiled(rule);
  if (!result.ok) return result.why;
  const { type } = result.program;
  return type === "bool" || type === "dyn" ? undefined : `must evaluate to a bool, but got ${type}`;
}

function run(source: string, variables: Record<string, unknown>): unknown {
  const result = compiled(source);
  if (!result.ok) throw new CelError(result.why);
  return result.program.run(variables);
}

function compiled(rule: string): Compiled {
  let result = programs.get(rule);
  if (!result) {
    result = compile(rule, ENVIRONMENT);
    if (programs.size >= MOST_PROGRAMS) programs.clear();
    programs.set(rule, result);
  }
  return result;
}

// Pure functions by their text, the same for every cluster; clusters come and go, so there is an end to it.
const MOST_PROGRAMS = 1000;
const programs = new Map<string, Compiled>();
const ENVIRONMENT = celEnvironment().registerVariable("self", "dyn").registerVariable("oldSelf", "dyn");

/** Numbers as the rules see them: integers are of another type than numbers. Fields that have no schema are hidden. */
function celValue(value: unknown, schema: JSONSchemaProps | undefined): unknown {
  if (typeof value === "number") {
    const isInteger = schema?.type === "integer" || (schema?.type !== "number" && Number.isInteger(value));
    return isInteger && Number.isSafeInteger(value) ? BigInt(value) : value;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => celValue(item, schema && itemsOf(schema)));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, each]) => {
    const inner = schema?.properties?.[key] ?? (schema && valuesOf(schema));
    return [escapeName(key), celValue(each, inner)] as const;
  });
  return Object.fromEntries(entries);
}

/** Words of the language cannot be names in it. */
function escapeName(name: string): string {
  return RESERVED.has(name) ? `__${name}__` : name;
}

const RESERVED = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return".split(" "),
);
