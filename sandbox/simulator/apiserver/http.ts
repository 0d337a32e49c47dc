import type { HttpHandler, Peer, Upgrade } from "../api/channel";
import type { NodeApis } from "../api/node-api";
import type { ApiRequest, RequestHandler, UserInfo } from "../api/request";
import { readWhole } from "../api/whole-body";
import { failure, internalError, methodNotSupported, StatusError, unknownResource } from "../api/status";
import type { KindReference } from "../schema/kind-model";
import type { ResourceInfo } from "../schema/resources";
import type { OpenApiPublisher } from "../schema/openapi";
import { authenticate, type TokenReader } from "./authentication";
import { requireAllowed } from "./authorization";
import { DecodedBody } from "./body";
import { acceptedForm, decodeContent, parsePatch, patchTypeOf } from "./content";
import { CHANNEL_PROTOCOLS, runChannels } from "./exec-channels";
import { openSession } from "./exec-session";
import { EXEC_SPDY_PROTOCOL, runExecSpdy } from "./exec-spdy";
import { answerFor, jsonHeaders, responseFor } from "./http-response";
import { impersonate } from "./impersonation";
import { metricsText, RequestCounts } from "./metrics";
import { logResponse } from "./pod-logs";
import type { ClusterSigningKey } from "./cluster-signing-key";
import { openIdDocument } from "./open-id";
import { openPortForward } from "./port-forward/port-forward";
import type { Dialer } from "./proxy/proxy";
import { proxyResponse } from "./proxy/proxy-response";
import { publicDocument, VERSION } from "./public-documents";
import { optionsFromQuery, validateListOptions, withDeleteOptions } from "./query";
import { parseRequestInfo, type RequestInfo } from "./request-info";
import type { ServedResource } from "./served-resources";
import type { ServerContext } from "./server-context";
import { storageKey } from "./target";
import { chooseOffered, wantsSpdy } from "./upgrade-protocols";
import { watchResponse } from "./watch-response";
import type { Pod } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";

export interface HttpDependencies {
  readonly server: ServerContext;
  readonly handler: RequestHandler;
  readonly nodes: NodeApis;
  readonly tokens: TokenReader;
  readonly openApi: Pick<OpenApiPublisher, "answer">;
  readonly dial: Dialer;
  readonly paths: ExtraPaths;
  readonly signingKey: ClusterSigningKey;
}

export type ExtraPaths = (url: URL) => Promise<Response> | undefined;

/** The API as HTTP: paths, media types and errors. Everything below it deals in objects. */
export function createHttpHandler(dependencies: HttpDependencies): HttpHandler {
  const counts = new RequestCounts();
  return {
    async fetch(request, peer) {
      const routed: Routed = { counts };
      const response = await route(dependencies, request, peer, routed).catch(errorResponse);
      const isApply = request.method === "PATCH" && isApplyPatch(request.headers);
      counts.add(request.method, isApply, routed.info, response.status);
      return response;
    },
    async connect(request, peer) {
      try {
        return await connect(dependencies, request, peer);
      } catch (error) {
        return { kind: "refuse", response: errorResponse(error) };
      }
    },
  };
}

export function errorResponse(error: unknown): Response {
  const { status, code } = error instanceof StatusError ? error : internalError(error);
  const headers = jsonHeaders();
  if (status.details?.retryAfterSeconds) headers.set("retry-after", String(status.details.retryAfterSeconds));
  return new Response(`${JSON.stringify(status)}\n`, { status: code, headers });
}

/** What is counted of a request, found on its way. */
interface Routed {
  readonly counts: RequestCounts;
  info?: RequestInfo;
}

async function route(dependencies: HttpDependencies, request: Request, peer: Peer, routed: Routed): Promise<Response> {
  const url = new URL(request.url);
  const user = await userOf(dependencies, request, peer);
  const info = parseRequestInfo(request.method, url);
  if (!info) return await publicResponse(dependencies, request, url, user, routed.counts);
  const resource = dependencies.server.resources.find(info.group, info.version, info.resource);
  if (resource) routed.info = info;
  if (resource && info.subresource) {
    const streamed = await streamResponse(dependencies, request, url, user, info, resource.info);
    if (streamed) return streamed;
  }
  return await objectResponse(dependencies, request, url, user, info, resource);
}

async function userOf({ server, tokens }: HttpDependencies, { headers }: Request, peer: Peer): Promise<UserInfo> {
  return impersonate(await authenticate(headers, peer, tokens), headers, server.authorizer);
}

/** Discovery, OpenAPI, health, version: what belongs to no collection. */
async function publicResponse(
  { server, openApi, paths, signingKey }: HttpDependencies,
  request: Request,
  url: URL,
  user: UserInfo,
  counts: RequestCounts,
): Promise<Response> {
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, "") : url.pathname;
  requirePath(server, user, request.method, path);
  const { resources, storage } = server;
  const metrics = () => metricsText(counts, resources.all(), (collection) => storage.count(collection), VERSION);
  const own =
    (await openIdDocument(path, url.host, signingKey)) ??
    publicDocument(path, url, request.headers, openApi, resources, metrics);
  return own ?? (await paths(url)) ?? pageNotFound();
}

function pageNotFound(): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
  return new Response("404 page not found\n", { status: 404, headers });
}

function requirePath({ authorizer }: ServerContext, user: UserInfo, method: string, path: string): void {
  const verb = method.toLowerCase();
  const nothing = { group: "", version: "", resource: "", subresource: "", namespace: "", name: "" };
  const { allowed } = authorizer.authorize({ ...nothing, user, verb, path });
  if (allowed) return;
  const message = `forbidden: User ${JSON.stringify(user.username)} cannot ${verb} path ${JSON.stringify(path)}`;
  throw failure(403, "Forbidden", message, {});
}

async function objectResponse(
  { server, handler }: HttpDependencies,
  request: Request,
  url: URL,
  user: UserInfo,
  info: RequestInfo,
  resource: ServedResource | undefined,
): Promise<Response> {
  const form = acceptedForm(request.headers.get("accept"));
  const base: ApiRequest = {
    verb: info.verb,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    user,
    options: { fieldManager: managerFromAgent(request.headers), ...optionsFromQuery(url.searchParams) },
  };
  requireAllowed(server.authorizer, {
    ...base,
    subresource: info.subresource ?? "",
    namespace: info.namespace ?? "",
    name: info.name ?? "",
  });
  if (!resource) return pageNotFound();
  if (info.verb === "list" || info.verb === "watch") validateListOptions(base.options, info.verb === "watch");
  const answer = answerFor(server, resource, form, url.searchParams.get("includeObject"));
  if (info.verb === "watch") return await watchResponse(handler, base, answer, request.signal);
  try {
    const { request: whole, warnings } = await withBody(base, request, resource.info);
    const result = await handler.handle(whole);
    return responseFor(answer, { ...result, warnings: [...warnings, ...result.warnings] });
  } catch (error) {
    // That a version is deprecated is said whatever comes of the request.
    const response = errorResponse(error);
    for (const warning of answer.deprecations) response.headers.append("warning", warning);
    return response;
  }
}

function isApplyPatch(headers: Headers): boolean {
  return headers.get("content-type")?.startsWith("application/apply-patch") === true;
}

/** Who writes without saying a manager is known by the program's name. */
function managerFromAgent(headers: Headers): string | undefined {
  const agent = headers.get("user-agent")?.split("/")[0]?.trim();
  return agent ? agent.slice(0, 128) : undefined;
}

/** Reads the body, if the verb has one, as what it must be. */
async function withBody(
  base: ApiRequest,
  request: Request,
  resource: ResourceInfo,
): Promise<{ request: ApiRequest; warnings: readonly string[] }> {
  const contentType = request.headers.get("content-type");
  switch (base.verb) {
    case "create":
    case "update": {
      const bytes = await readWhole(request);
      const expected = expectedKind(base, resource);
      const mode = base.options.fieldValidation ?? "Warn";
      const { object, warnings } = decodeContent(bytes, contentType, expected, mode);
      return { request: { ...base, body: new DecodedBody(object) }, warnings };
    }
    case "patch": {
      const patchType = patchTypeOf(contentType);
      const body = parsePatch(await readWhole(request), patchType);
      const options = { ...base.options, fieldValidation: base.options.fieldValidation ?? "Warn" };
      return { request: { ...base, body, patchType, options }, warnings: [] };
    }
    case "delete":
    case "deletecollection": {
      const bytes = await readWhole(request);
      if (bytes.byteLength === 0) return { request: base, warnings: [] };
      const { object } = decodeContent(bytes, contentType, deleteOptionsKind(bytes, resource), "Ignore");
      return { request: { ...base, options: withDeleteOptions(base.options, object) }, warnings: [] };
    }
    default:
      return { request: base, warnings: [] };
  }
}

/** Every group version has DeleteOptions; clients send the core one or the resource's own. */
function deleteOptionsKind(bytes: Uint8Array, { group, version }: ResourceInfo): KindReference {
  const head = new TextDecoder().decode(bytes.subarray(0, 4096));
  const own = `${group}/${version}`;
  if (group !== "" && head.includes(own)) return { group, version, kind: "DeleteOptions" };
  if (head.includes("meta.k8s.io/v1")) return { group: "meta.k8s.io", version: "v1", kind: "DeleteOptions" };
  return { group: "", version: "v1", kind: "DeleteOptions" };
}

function expectedKind({ subresource, group, version }: ApiRequest, resource: ResourceInfo): KindReference {
  const own = { group, version, kind: resource.kind, model: resource.model };
  if (!subresource) return own;
  const known = resource.subresources.find((each) => each.name === subresource);
  if (!known) throw unknownResource();
  if (known.kind === resource.kind) return own;
  return known.group === "" && known.version === ""
    ? { group, version, kind: known.kind }
    : { group: known.group, version: known.version, kind: known.kind };
}

/** Subresources that answer with bytes. `undefined` when it is none of those. */
async function streamResponse(
  dependencies: HttpDependencies,
  request: Request,
  url: URL,
  user: UserInfo,
  info: RequestInfo,
  resource: ResourceInfo,
): Promise<Response | undefined> {
  const { server, nodes, dial } = dependencies;
  if (resource.group !== "") return undefined;
  if (info.subresource === "proxy") return await proxyResponse(server, dial, request, user, info, resource);
  if (resource.name !== "pods") return undefined;
  switch (info.subresource) {
    case "log": {
      if (info.verb !== "get") throw methodNotSupported(resource, info.verb);
      requireSubresource(server, user, "get", info);
      return await logResponse(podOf(server, info), url.searchParams, nodes, request.signal, server.clock.now());
    }
    case "exec":
    case "attach":
    case "portforward": {
      requireSubresource(server, user, request.method === "GET" ? "get" : "create", info);
      podOf(server, info);
      throw failure(400, "BadRequest", "Upgrade request required");
    }
    default:
      return undefined;
  }
}

async function connect(dependencies: HttpDependencies, request: Request, peer: Peer): Promise<Upgrade> {
  const url = new URL(request.url);
  const user = await userOf(dependencies, request, peer);
  const info = parseRequestInfo(request.method, url);
  const { server, nodes } = dependencies;
  if (info?.group !== "" || info.resource !== "pods" || !info.subresource) throw unknownResource();
  // A WebSocket begins with GET, and needs leave to create all the same. Whoever may create but not get would be let in
  // by the older way of streaming, which clients try next: here they come in at once.
  requireSubresource(server, user, "create", info);
  const pod = podOf(server, info);
  const { searchParams } = url;
  if (info.subresource === "portforward")
    return openPortForward(pod, searchParams, request.headers, nodes, server.clock);
  if (info.subresource !== "exec" && info.subresource !== "attach") throw unknownResource();
  return await openExec(info.subresource, pod, searchParams, request.headers, dependencies);
}

/** Starts the process first: what cannot start is told whichever way the client wants to stream. */
async function openExec(
  verb: "exec" | "attach",
  pod: Stored<Pod>,
  query: URLSearchParams,
  headers: Headers,
  { nodes, server: { clock } }: HttpDependencies,
): Promise<Upgrade> {
  const opened = await openSession(verb, pod, query, nodes);
  try {
    const spdy = wantsSpdy(headers);
    const protocol = chooseOffered(headers, spdy ? [EXEC_SPDY_PROTOCOL] : CHANNEL_PROTOCOLS);
    const run = spdy ? runExecSpdy : runChannels;
    return { kind: "accept", protocol, spdy, run: (channel) => run(channel, opened, clock) };
  } catch (error) {
    opened.cancel();
    throw error;
  }
}

function requireSubresource({ authorizer }: ServerContext, user: UserInfo, verb: string, info: RequestInfo): void {
  const { group, version, resource, subresource = "", namespace = "", name = "" } = info;
  requireAllowed(authorizer, { user, verb, group, version, resource, subresource, namespace, name });
}

function podOf({ storage }: ServerContext, { namespace = "", name = "" }: RequestInfo): Stored<Pod> {
  const found = storage.get("/pods", storageKey(namespace, name));
  if (!found) throw notFoundPod(name);
  // The collection holds pods only.
  return found;
}

function notFoundPod(name: string): StatusError {
  return failure(404, "NotFound", `pods "${name}" not found`, { name, kind: "pods" });
}
