import { parseJson } from "./json-text";
import { DecodeError } from "./protobuf-reader";
import type { SchemaType } from "./types";
import { TypedReader } from "./typed-reader";

/** `fieldValidation` of a write: what happens to unknown and repeated fields. */
export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** An object as Go would hold it, and the texts for warnings (`unknown field "spec.foo"`). */
export interface Decoded {
  readonly object: Record<string, unknown>;
  readonly messages: readonly string[];
}

/**
 * Reads a JSON body as an object of `type`: unknown fields are dropped, `null`s left out, quantities and times written
 * the one way the API writes them, structs that are no pointers are there even when empty (`status: {}`), fields stand
 * in Go's order. With "Warn" the dropped and repeated fields are named in `messages`; with "Strict" they are thrown.
 * Throws `DecodeError` with the API server's text, without the prefix that `cannotBeHandled` adds.
 */
export function decodeJson(type: SchemaType, text: string, mode: FieldValidation): Decoded {
  const { value, repeated } = parseJson(text);
  return read(new TypedReader("json", repeated), type, value, mode);
}

/**
 * The same for a value that is already parsed. `texts` "converter" gives type errors the wording they have when the
 * server turns a patched object back into a typed one: `cannot convert int64 to string`.
 */
export function decodeObject(
  type: SchemaType,
  value: unknown,
  mode: FieldValidation,
  texts: "json" | "converter" = "json",
): Decoded {
  return read(new TypedReader(texts, NONE), type, value, mode);
}

/** `Pod in version "v1" cannot be handled as a Pod: …`, the message of the 400 for a body that does not fit its kind. */
export function cannotBeHandled(kind: string, version: string, reason: string): string {
  return `${kind} in version "${version}" cannot be handled as a ${kind}: ${reason}`;
}

/** The text of a strict decoding failure: `strict decoding error: unknown field "spec.foo", …`. */
function strictDecodingError(messages: readonly string[]): string {
  return `strict decoding error: ${messages.join(", ")}`;
}

const NONE: ReadonlyMap<object, readonly string[]> = new Map();

function read(reader: TypedReader, type: SchemaType, value: unknown, mode: FieldValidation): Decoded {
  const object = reader.read(type, value);
  if (mode === "Strict" && reader.messages.length > 0) throw new DecodeError(strictDecodingError(reader.messages));
  return { object, messages: mode === "Warn" ? reader.messages : [] };
}
