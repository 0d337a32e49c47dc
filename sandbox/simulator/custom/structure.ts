import { forbiddenValue, invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type { JSONSchemaProps } from "../api/generated/kubernetes";
import { itemsOf, valuesOf } from "./json-schema";
import { ruleError } from "./rules";
import { validateValue } from "./validation";

/**
 * What keeps a schema from being structural.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function validateStructure(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.type !== "object")
    errors.push(
      schema.type
        ? invalidValue(`${path}.type`, schema.type, "must be object at the root")
        : requiredValue(`${path}.type`, "must not be empty at the root"),
    );
  return [...errors, ...validateNode(schema, path, "root")];
}

type Level = "root" | "field" | "item";

const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: "",
  field: "must not be empty for specified object fields",
  item: "must not be empty for specified array items",
};

function validateNode(schema: JSONSchemaProps, path: string, level: Level): FieldError[] {
  const errors: FieldError[] = [];
  const isFree = schema["x-kubernetes-int-or-string"] || schema["x-kubernetes-preserve-unknown-fields"];
  if (!schema.type && level !== "root" && !isFree) errors.push(requiredValue(`${path}.type`, EMPTY_TYPE[level]));
  if (schema.type && !TYPES.includes(schema.type)) errors.push(notSupported(`${path}.type`, schema.type, TYPES));
  if (schema.properties && schema.additionalProperties !== undefined)
    errors.push(
      forbiddenValue(`${path}.additionalProperties`, "additionalProperties and properties are mutual exclusive"),
    );
  if (schema.uniqueItems)
    errors.push(
      forbiddenValue(
        `${path}.uniqueItems`,
        "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
      ),
    );
  if (schema.$ref !== undefined) errors.push(forbiddenValue(`${path}.$ref`, "$ref is not supported"));
  if (schema.type === "array" && !itemsOf(schema)) errors.push(requiredValue(`${path}.items`, "must be specified"));
  errors.push(...validateDefault(schema, path), ...validateRules(schema, path), ...validateListType(schema, path));
  for (const name of Object.keys(schema.properties ?? {}).sort()) {
    const property = schema.properties?.[name];
    if (property && !(level === "root" && name === "metadata"))
      errors.push(...validateNode(property, `${path}.properties[${name}]`, "field"));
  }
  const items = itemsOf(schema);
  if (items) errors.push(...validateNode(items, `${path}.items`, "item"));
  const values = valuesOf(schema);
  if (values) errors.push(...validateNode(values, `${path}.additionalProperties`, "field"));
  return errors;
}

const TYPES = ["array", "boolean", "integer", "number", "object", "string"];

function validateDefault(schema: JSONSchemaProps, path: string): FieldError[] {
  if (schema.default === undefined) return [];
  return validateValue(schema.default, schema).map((error) => {
    const field = error.field === "" ? `${path}.default` : `${path}.default.${error.field}`;
    return { ...error, field, text: `${field}: ${error.detail}` };
  });
}

function validateRules(schema: JSONSchemaProps, path: string): FieldError[] {
  return (schema["x-kubernetes-validations"] ?? []).flatMap((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}].rule`;
    if (!rule.rule.trim()) return [requiredValue(at, "rule is not specified")];
    const fault = ruleError(rule.rule);
    return fault ? [invalidValue(at, rule.rule, fault)] : [];
  });
}

const LIST_TYPES = ["atomic", "map", "set"];

function validateListType(schema: JSONSchemaProps, path: string): FieldError[] {
  const type = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"];
  if (type !== undefined && !LIST_TYPES.includes(type))
    return [notSupported(`${path}.x-kubernetes-list-type`, type, LIST_TYPES)];
  if (type === "map" && !keys?.length)
    return [requiredValue(`${path}.x-kubernetes-list-map-keys`, "must not be empty if x-kubernetes-list-type is map")];
  return [];
}
