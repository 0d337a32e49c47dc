import { parseDocument } from "yaml";
import { isJsonObject, type JsonObject } from "../api/json";
import type { PatchType } from "../api/request";
import { badRequest, notAcceptable, unsupportedMediaType } from "../api/status";
import { cannotBeHandled, type FieldValidation } from "../schema/decode";
import { parseJson } from "../schema/json-text";
import { DecodeError, decodeProtobuf, PROTOBUF_CONTENT_TYPE } from "../schema/protobuf";
import { modelFor, type KindReference } from "../schema/kind-model";

/** How an answer is to be written. */
export interface AcceptedForm {
  readonly as: "Object" | "Table" | "PartialObjectMetadata";
  readonly encoding: "json" | "yaml";
}

const JSON_FORM: AcceptedForm = { as: "Object", encoding: "json" };

/** The first form in the Accept header that we have. Protobuf is passed over: every client that asks for it takes JSON too. */
export function acceptedForm(accept: string | null): AcceptedForm {
  if (!accept) return JSON_FORM;
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const encoding = encodingOf(type);
    if (!encoding) continue;
    const values = new Map(
      parameters.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]),
    );
    const as = values.get("as");
    if (as === undefined) return { as: "Object", encoding };
    if (values.get("g") !== "meta.k8s.io" || values.get("v") !== "v1") continue;
    if (as === "Table") return { as: "Table", encoding };
    if (as.startsWith("PartialObjectMetadata")) return { as: "PartialObjectMetadata", encoding };
  }
  if (accept.includes(PROTOBUF_CONTENT_TYPE)) return JSON_FORM;
  throw notAcceptable(
    `only the following media types are accepted: application/json, application/yaml, ${PROTOBUF_CONTENT_TYPE}`,
  );
}

function encodingOf(type: string): AcceptedForm["encoding"] | undefined {
  if (type === "application/json" || type === "*/*" || type === "application/*") return "json";
  return type === "application/yaml" ? "yaml" : undefined;
}

interface DecodedContent {
  readonly object: JsonObject;
  /** Unknown and repeated fields, as warnings. */
  readonly warnings: readonly string[];
}

/** A body as an object of the expected kind, whatever it is written in. */
export function decodeContent(
  bytes: Uint8Array,
  contentType: string | null,
  expected: KindReference,
  mode: FieldValidation,
): DecodedContent {
  const mediaType = mediaTypeOf(contentType);
  const model = modelFor(expected);
  if (!model) throw badRequest(`no kind "${expected.kind}" is registered for version "${expected.version}"`);
  const apiVersion = expected.group === "" ? expected.version : `${expected.group}/${expected.version}`;
  try {
    if (mediaType === PROTOBUF_CONTENT_TYPE && model.type) {
      const decoded = decodeProtobuf(bytes, { apiVersion, kind: expected.kind });
      requireVersion(decoded.apiVersion, decoded.kind, apiVersion, expected);
      return { object: decoded.object, warnings: [] };
    }
    const text = new TextDecoder().decode(bytes);
    const decoded =
      mediaType === "application/yaml" ? model.decode(parseYaml(text), mode) : model.decodeText(text, mode);
    const { apiVersion: gotVersion, kind: gotKind } = decoded.object;
    requireVersion(textOr(gotVersion, apiVersion), textOr(gotKind, expected.kind), apiVersion, expected);
    return { object: { ...decoded.object, apiVersion, kind: expected.kind }, warnings: decoded.messages };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(cannotBeHandled(expected.kind, expected.version, error.message));
  }
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" && value !== "" ? value : otherwise;
}

function requireVersion(apiVersion: string, kind: string, wanted: string, expected: KindReference): void {
  if (apiVersion !== wanted) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${wanted})`);
  }
  if (kind !== expected.kind) {
    throw badRequest(
      `${kind} in version "${expected.version}" cannot be handled as a ${expected.kind}: converting (${kind}) to (${expected.kind}): unknown conversion`,
    );
  }
}

function mediaTypeOf(contentType: string | null): string {
  const mediaType = (contentType ?? "application/json").split(";")[0]?.trim().toLowerCase() ?? "";
  if (["application/json", "application/yaml", PROTOBUF_CONTENT_TYPE].includes(mediaType)) return mediaType;
  const accepted = `application/json, application/yaml, ${PROTOBUF_CONTENT_TYPE}`;
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
};

export function patchTypeOf(contentType: string | null): PatchType {
  const found = PATCH_TYPES[(contentType ?? "").split(";")[0]?.trim() ?? ""];
  if (found) return found;
  const accepted = [...Object.keys(PATCH_TYPES), "application/apply-patch+cbor"].join(", ");
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}

/** A patch document: JSON, or for apply YAML, of which JSON is a part. */
export function parsePatch(bytes: Uint8Array, type: PatchType): unknown {
  const text = new TextDecoder().decode(bytes);
  if (type === "apply") {
    const value = parseYaml(text);
    if (!isJsonObject(value)) throw badRequest("error decoding YAML: the patch is not an object");
    return value;
  }
  try {
    return parseJson(text).value;
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message);
    throw error;
  }
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text, { version: "1.1", maxAliasCount: 100 } as object);
  const [error] = document.errors;
  if (error) throw badRequest(`error decoding YAML: ${error.message}`);
  return document.toJS({ maxAliasCount: 100 }) as unknown;
}
