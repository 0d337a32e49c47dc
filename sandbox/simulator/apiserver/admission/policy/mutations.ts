import { applyPatch, type Operation } from "rfc6902";
import { mergeApplied } from "../../../api/fields/merge";
import { shapeOfField, type Shape } from "../../../api/fields/shape";
import { cloneJson, isJsonObject } from "../../../api/json";
import { apiVersionOf, type KubeObject } from "../../../api/object";
import { internalError } from "../../../api/status";
import { modelFor, type KindModel } from "../../../schema/kind-model";
import { DecodeError } from "../../../schema/protobuf";
import type { ResourceInfo } from "../../../schema/resources";
import { checkApplied } from "../../typed-patch";

/** What is wrong with a mutation, in the words of the refusal. */
export class MutationError extends Error {
  override readonly name = "MutationError";
}

const OPERATIONS = ["add", "remove", "replace", "move", "copy", "test"];

/** The object with a JSON patch applied; as it was when a test in the patch fails. */
export function patched(object: KubeObject, patch: unknown, resource: ResourceInfo): KubeObject {
  if (!Array.isArray(patch))
    throw new MutationError("type mismatch: JSONPatchType.expression should evaluate to array");
  const result: unknown = cloneJson(object);
  const operations = patch.map(operationOf);
  const faults = applyPatch(result, operations);
  const failed = faults.findIndex((fault) => fault !== null);
  const operation = operations[failed];
  if (operation?.op === "test") return cloneJson(object);
  if (operation) {
    throw new MutationError(
      `JSONPath: ${operation.op} operation does not apply: doc is missing path: ${JSON.stringify(operation.path)}: missing value`,
    );
  }
  return decoded(result, modelOf(resource));
}

function operationOf(value: unknown): Operation {
  if (!isJsonObject(value) || !OPERATIONS.includes(String(value.op)) || typeof value.path !== "string") {
    throw new MutationError("type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch");
  }
  // Checked above: this is where a patch that an expression made gets its type.
  return value as unknown as Operation;
}

/** The object with a configuration laid over it, as server-side apply merges. */
export function applied(object: KubeObject, value: unknown, resource: ResourceInfo): KubeObject {
  if (!isJsonObject(value)) throw new MutationError("unsupported return type from ApplyConfiguration expression");
  const model = modelOf(resource);
  const config = { ...value, apiVersion: apiVersionOf(resource), kind: resource.kind };
  const fault = checkApplied(config, model.shape);
  if (fault) throw new MutationError(`error applying patch: failed to convert patch object to typed object: ${fault}`);
  const atomic = atomicPaths(config, model.shape);
  if (atomic.length > 0) {
    const list = atomic.join(", ");
    throw new MutationError(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${list}`,
    );
  }
  return decoded(mergeApplied(object, config, model.shape), model);
}

/** Lists and maps that are owned as a whole: a mutation would take out what it does not know. */
function atomicPaths(value: unknown, shape: Shape, path = ""): string[] {
  if (shape.kind === "atom") return Array.isArray(value) || isJsonObject(value) ? [path] : [];
  if (Array.isArray(value)) {
    if (shape.kind !== "keyed") return [];
    return value.flatMap((item, index) => atomicPaths(item, shape.item, `${path}[${index}]`));
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    const inner = shapeAt(shape, key);
    return inner ? atomicPaths(each, inner, `${path}.${key}`) : [];
  });
}

function shapeAt(shape: Shape, key: string): Shape | undefined {
  switch (shape.kind) {
    case "struct": {
      const field = shape.type.fields.get(key);
      return field && shapeOfField(field);
    }
    case "open":
      return shape.fields.get(key) ?? shape.other;
    case "map":
      return shape.value;
    default:
      return undefined;
  }
}

function modelOf(resource: ResourceInfo): KindModel {
  const model = modelFor(resource);
  if (!model) throw new MutationError(`Resource kind ${resource.kind} not found.`);
  return model;
}

function decoded(value: unknown, model: KindModel): KubeObject {
  try {
    const object: KubeObject = model.decode(value, "Strict").object;
    const { apiVersion, kind }: KubeObject = isJsonObject(value) ? value : {};
    return { ...object, apiVersion, kind };
  } catch (error) {
    if (error instanceof DecodeError) throw internalError(error);
    throw error;
  }
}
