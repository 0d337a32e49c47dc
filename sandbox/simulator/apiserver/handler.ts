import { apiVersionOf, type Stored } from "../api/object";
import { failure, unknownResource } from "../api/status";
import type { Conversion } from "../registry/conversion";
import type { ApiRequest, ApiResult, RequestHandler, Watch, WatchHandler } from "../api/request";
import { applyObject } from "./apply";
import { attributesOf, requireAllowed } from "./authorization";
import type { TokenReader } from "./authentication";
import { answerReview } from "./reviews";
import type { ServiceAccountTokens } from "./service-account-tokens";
import { convertingHandler, handleConverted, storedOptions } from "./converted";
import { answerComponentStatus } from "./component-statuses";
import { createObject } from "./create";
import { deleteCollection, deleteObject } from "./delete";
import { patchObject } from "./patch";
import { getObject, listObjects } from "./read";
import { cloneJson } from "../api/json";
import { callWebhook } from "./admission/webhook/webhook-call";
import { withCalls } from "./admission/webhook/pending-calls";
import { hasWebhooks } from "./admission/webhook/webhooks";
import { DecodedBody } from "./body";
import { SeededRandom } from "../random";
import type { Dialer } from "./proxy/proxy";
import { strategyContext, type ServerContext } from "./server-context";
import { handleSubresource } from "./subresources";
import { storageKey, targetOf, type Target } from "./target";
import { updateObject } from "./update";
import { watchObjects } from "./watch";
import { watchWhileServed } from "./watch-custom";

/**
 * The object-level door: authorization, then the verb. Each call runs to its end without yielding, but for those that
 * make or read tokens or wait for webhooks.
 */
export function createRequestHandler(
  server: ServerContext,
  tokens: ServiceAccountTokens,
  reader: TokenReader,
  dial: Dialer,
): RequestHandler {
  const objects = strategyContext(server);
  return {
    async handle(request) {
      if (request.verb === "create") {
        requireAllowed(server.authorizer, attributesOf(request));
        const target = targetOf(server, request);
        if (request.subresource === "token") return await tokens.create(server, target, request);
        const review = request.subresource ? undefined : answerReview(server, target, request, reader);
        if (review) return { object: await review, code: 201, warnings: [] };
      }
      if (isRead(request) || !hasWebhooks(objects)) return handle(server, request);
      // Every attempt makes the same names.
      const seed = server.random.below(2 ** 32);
      return await withCalls(
        (reach) => handle({ ...server, reach, random: new SeededRandom(seed) }, afresh(request)),
        (call) => callWebhook(call, { objects, dial, clock: server.clock }),
      );
    },
    watch: (request, handler) => new Promise((resolve) => resolve(watch(server, request, handler))),
  };
}

function isRead({ verb }: ApiRequest): boolean {
  return verb === "get" || verb === "list";
}

/** A request that may be handled more than once: what is decoded is edited on its way. */
function afresh(request: ApiRequest): ApiRequest {
  const { body } = request;
  return body instanceof DecodedBody ? { ...request, body: new DecodedBody(cloneJson(body.object)) } : request;
}

function handle(server: ServerContext, request: ApiRequest): ApiResult {
  requireAllowed(server.authorizer, attributesOf(request));
  const conversion = conversionOf(server, request);
  if (!conversion) return serve(server, request);
  return handleConverted(request, conversion, targetOf(server, request), (stored) => serve(server, stored));
}

function serve(server: ServerContext, request: ApiRequest): ApiResult {
  const target = targetOf(server, request);
  const old = server.storage.get(target.collection, storageKey(target.namespace, target.name));
  const warned: string[] = [];
  const listening = { ...server, warn: (text: string) => void warned.push(text) };
  const result = (request.subresource ? handleSubresource : handleVerb)(listening, target, request);
  const warnings = [...warned, ...warningsFor(target, request, result, old)];
  return warnings.length === 0 ? result : { ...result, warnings: [...result.warnings, ...warnings] };
}

function watch(server: ServerContext, request: ApiRequest, handler: WatchHandler): Watch {
  requireAllowed(server.authorizer, attributesOf(request));
  const conversion = conversionOf(server, request);
  const target = targetOf(server, { ...request, ...conversion?.stored });
  const start = (told: WatchHandler): Watch => {
    const converting = conversion ? convertingHandler(told, conversion, apiVersionOf(request)) : told;
    const options = conversion ? storedOptions(request.options, conversion) : request.options;
    return watchObjects(server, target, options, converting);
  };
  return target.info.model ? watchWhileServed(server, request, handler, start) : start(handler);
}

/** Only what is served can be asked for; what is merely kept is met behind a conversion. */
function conversionOf({ resources }: ServerContext, { group, version, resource }: ApiRequest): Conversion | undefined {
  const found = resources.find(group, version, resource);
  if (!found) throw unknownResource();
  return found.conversion;
}

/** No objects come into a collection that is being emptied. */
function requireNotTerminating({ resources }: ServerContext, { info }: Target): void {
  if (!info.model || !resources.isTerminating(info)) return;
  throw failure(405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating", {
    group: info.group,
    kind: info.name,
  });
}

function handleVerb(server: ServerContext, target: Target, request: ApiRequest): ApiResult {
  const status = answerComponentStatus(target, request);
  if (status) return ok(status);
  switch (request.verb) {
    case "get":
      return ok(getObject(server, target));
    case "list":
      return ok(listObjects(server, target, request.options));
    case "create":
      requireNotTerminating(server, target);
      return { object: createObject(server, target, request), code: 201, warnings: [] };
    case "update":
      return ok(updateObject(server, target, request));
    case "patch":
      return patch(server, target, request);
    case "delete":
      return ok(deleteObject(server, target, request));
    case "deletecollection":
      return ok(deleteCollection(server, target, request));
    case "watch":
      throw new Error("watch has its own door");
  }
}

function patch(server: ServerContext, target: Target, request: ApiRequest): ApiResult {
  if (request.patchType !== "apply") return { ...patchObject(server, target, request), code: 200 };
  const { object, isNew } = applyObject(server, target, request);
  return { object, code: isNew ? 201 : 200, warnings: [] };
}

function ok(object: ApiResult["object"]): ApiResult {
  return { object, code: 200, warnings: [] };
}

function warningsFor({ strategy }: Target, request: ApiRequest, result: ApiResult, old: Stored | undefined): string[] {
  const texts = strategy.deprecation ? [strategy.deprecation] : [];
  const isWrite = request.verb === "create" || request.verb === "update" || request.verb === "patch";
  if (isWrite && !request.subresource) texts.push(...(strategy.warnings?.(result.object, old) ?? []));
  return texts;
}
