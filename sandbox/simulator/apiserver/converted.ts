import type { KubeObject } from "../api/object";
import { renameFields } from "../api/field-selectors";
import type { ApiRequest, ApiResult, RequestOptions, WatchHandler } from "../api/request";
import { isJsonObject } from "../api/json";
import { badRequest } from "../api/status";
import { apiVersionOf } from "../api/object";
import { convertAnswer, type Conversion } from "../registry/conversion";
import { DecodedBody, draftOf } from "./body";
import { applyPatchTo } from "./patch";
import type { Target } from "./target";

/**
 * Serves a collection in a form that it is not kept in: the body is converted on its way in, the answer on its way out.
 * A patch is applied to the served form and written as a whole.
 */
export function handleConverted(
  request: ApiRequest,
  conversion: Conversion,
  { info }: Target,
  serveStored: (request: ApiRequest) => ApiResult,
): ApiResult {
  const stored = { ...request, ...conversion.stored, options: storedOptions(request.options, conversion) };
  const answered = (result: ApiResult): ApiResult => ({
    ...result,
    object: convertAnswer(result.object, conversion, apiVersionOf(info)),
  });
  switch (request.verb) {
    case "create":
    case "update": {
      const body = new DecodedBody(conversion.toStored(draftOf(request.body, info)));
      return answered(serveStored({ ...stored, body }));
    }
    case "patch": {
      if (request.patchType === "apply") {
        if (!isJsonObject(request.body)) throw badRequest("error decoding YAML: the configuration is not an object");
        return answered(serveStored({ ...stored, body: conversion.toStored(request.body) }));
      }
      const current: KubeObject = serveStored({ ...stored, verb: "get", body: undefined }).object;
      const { draft, warnings } = applyPatchTo(conversion.toServed(current), request, info);
      const result = serveStored({ ...stored, verb: "update", body: new DecodedBody(conversion.toStored(draft)) });
      return answered({ ...result, warnings: [...warnings, ...result.warnings] });
    }
    default:
      return answered(serveStored(stored));
  }
}

/** Field selectors speak of the served form. */
export function storedOptions(options: RequestOptions, { fields }: Conversion): RequestOptions {
  if (!options.fieldSelector || !fields) return options;
  return { ...options, fieldSelector: renameFields(options.fieldSelector, fields) };
}

/** A watcher that gets every object in the served form. */
export function convertingHandler(handler: WatchHandler, conversion: Conversion, apiVersion: string): WatchHandler {
  return {
    event({ type, object }) {
      if (type === "ERROR") handler.event({ type, object });
      else if (type === "BOOKMARK") handler.event({ type, object: { ...object, apiVersion } });
      else handler.event({ type, object: conversion.toServed(object) });
    },
    closed: (error) => handler.closed(error),
  };
}
