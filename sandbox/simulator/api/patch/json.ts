import { applyPatch, type Operation } from "rfc6902";
import { cloneJson, isJsonObject } from "../json";
import { badRequest, invalidPatch, type StatusError } from "../status";

const OPERATIONS = ["add", "remove", "replace", "move", "copy", "test"];

/** JSON patch. https://www.rfc-editor.org/rfc/rfc6902 Edits nothing; throws 400 for a bad document, 422 when it does not fit. */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonKind(patch)} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  const operations = patch.map(parseOperation);
  const result: unknown = cloneJson(target);
  for (const error of applyPatch(result, operations)) if (error) throw rejected();
  return result;
}

function parseOperation(value: unknown): Operation {
  if (!isJsonObject(value) || !OPERATIONS.includes(String(value.op)) || !isPointer(value.path)) throw rejected();
  if ((value.op === "move" || value.op === "copy") && !isPointer(value.from)) throw rejected();
  // Checked above: this is the one place where a patch document gets its type.
  return value as unknown as Operation;
}

function isPointer(value: unknown): boolean {
  return typeof value === "string" && (value === "" || value.startsWith("/"));
}

function rejected(): StatusError {
  return invalidPatch("the server rejected our request due to an error in our request");
}

function jsonKind(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return "bool";
  return typeof value;
}
