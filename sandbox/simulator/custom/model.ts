import type { JSONSchemaProps } from "../api/generated/kubernetes";
import { isJsonObject } from "../api/json";
import { jsonKind } from "../schema/decode-place";
import { decodeObject, type Decoded, type FieldValidation } from "../schema/decode";
import { parseJson } from "../schema/json-text";
import type { KindModel } from "../schema/kind-model";
import { DecodeError } from "../schema/protobuf-reader";
import { existingType } from "../schema/types";
import { fillDefaults } from "./defaulting";
import { joinPath } from "./json-schema";
import { shapeOfResource } from "./ownership";
import { prune } from "./pruning";

/** Reads objects of one version of a custom resource: unknown fields go, defaults come, metadata is what it is everywhere. */
export function customModel(schema: JSONSchemaProps): KindModel {
  return {
    shape: shapeOfResource(schema),
    decode: (value, mode) => read(schema, value, mode, NONE),
    decodeText: (text, mode) => {
      const { value, repeated } = parseJson(text);
      return read(schema, value, mode, repeated);
    },
  };
}

type Repeated = ReadonlyMap<object, readonly string[]>;
const NONE: Repeated = new Map();

function read(schema: JSONSchemaProps, value: unknown, mode: FieldValidation, repeated: Repeated): Decoded {
  if (!isJsonObject(value)) {
    throw new DecodeError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`);
  }
  const unknown: string[] = [];
  const object = prune(value, schema, (path) => unknown.push(path));
  if (!isJsonObject(object)) throw new Error("an object was pruned to something else");
  const metadata = decodeObject(existingType("meta.v1.ObjectMeta"), value.metadata ?? {}, "Warn");
  object.metadata = metadata.object;
  const messages = [
    ...duplicates(value, repeated).map((path) => `duplicate field ${JSON.stringify(path)}`),
    ...metadata.messages.map((message) => message.replace('"', '"metadata.')),
    ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
  ];
  if (mode === "Strict" && messages.length > 0) throw new DecodeError(`strict decoding error: ${messages.join(", ")}`);
  fillDefaults(object, schema);
  return { object, messages: mode === "Warn" ? messages : [] };
}

function duplicates(value: unknown, repeated: Repeated, path = ""): string[] {
  if (repeated.size === 0 || typeof value !== "object" || value === null) return [];
  const keys = repeated.get(value) ?? [];
  const twice = new Set(keys.filter((key, index) => keys.indexOf(key) < index));
  const own = [...twice].map((key) => joinPath(path, key));
  const inner = Array.isArray(value)
    ? value.flatMap((item: unknown, index) => duplicates(item, repeated, `${path}[${index}]`))
    : Object.entries(value).flatMap(([key, each]) => duplicates(each, repeated, joinPath(path, key)));
  return [...own, ...inner];
}
