import { isJsonObject } from "../api/json";
import { apiVersionOf, type KubeObject } from "../api/object";
import { badRequest } from "../api/status";
import { cannotBeHandled } from "../schema/decode";
import { DecodeError } from "../schema/protobuf";
import { modelFor, type KindReference } from "../schema/kind-model";

/** A body that the HTTP edge has decoded already: nobody else holds it, so it may be edited. */
export class DecodedBody {
  constructor(readonly object: KubeObject) {}
}

/**
 * The object in a request's body as a draft that may be edited: decoded as the kind it must be of, in the one form that
 * the API writes. Bodies of in-process clients are read here for the first time and left alone.
 */
export function draftOf(body: unknown, expected: KindReference): KubeObject {
  if (body instanceof DecodedBody) return body.object;
  if (!isJsonObject(body))
    throw badRequest(cannotBeHandled(expected.kind, expected.version, "the body is not an object"));
  const apiVersion = apiVersionOf(expected);
  const { apiVersion: gotVersion = apiVersion, kind: gotKind = expected.kind } = body;
  if (gotVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${String(gotVersion)}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (gotKind !== expected.kind) {
    throw badRequest(cannotBeHandled(String(gotKind), expected.version, `the object is no ${expected.kind}`));
  }
  const model = modelFor(expected);
  if (!model) throw badRequest(`no kind "${expected.kind}" is registered for version "${apiVersion}"`);
  try {
    return { ...model.decode(body, "Ignore").object, apiVersion, kind: expected.kind };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(cannotBeHandled(expected.kind, expected.version, error.message));
  }
}
