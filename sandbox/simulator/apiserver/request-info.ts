import type { Verb } from "../api/request";

/** What a path and a method ask for, before anything is looked up. */
export interface RequestInfo {
  /** `proxy`-like verbs of subresources keep the verb of their method. */
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** What follows the subresource, for proxies. */
  readonly rest: string;
}

/**
 * Reads `/api/v1/namespaces/x/pods/y/log` and its kind; `undefined` when the path is no collection's.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
 */
export function parseRequestInfo(method: string, url: URL): RequestInfo | undefined {
  const segments = url.pathname.split("/").slice(1).map(decode);
  if (segments.at(-1) === "") segments.pop();
  const group = segments[0] === "api" ? "" : segments[0] === "apis" ? segments[1] : undefined;
  const start = segments[0] === "api" ? 1 : 2;
  const version = segments[start];
  if (group === undefined || version === undefined || segments.length < start + 2) return undefined;
  let parts = segments.slice(start + 1);
  const isOldWatch = parts[0] === "watch";
  if (isOldWatch) parts = parts.slice(1);

  let namespace: string | undefined;
  // `namespaces/x` alone, `namespaces/x/status` and `namespaces/x/finalize` are about the namespace itself.
  if (parts[0] === "namespaces" && parts[1] && parts.length > 2 && parts[2] !== "status" && parts[2] !== "finalize") {
    namespace = parts[1];
    parts = parts.slice(2);
  }
  const [resource, name, subresource, ...rest] = parts;
  if (!resource) return undefined;
  const verb = verbOf(method, name, isOldWatch || isTrue(url.searchParams.get("watch")));
  if (!verb) return undefined;
  return { verb, group, version, resource, subresource, namespace, name, rest: rest.join("/") };
}

function verbOf(method: string, name: string | undefined, isWatch: boolean): Verb | undefined {
  switch (method) {
    case "GET":
    case "HEAD":
      if (isWatch) return "watch";
      return name ? "get" : "list";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name ? "delete" : "deletecollection";
    default:
      return undefined;
  }
}

function isTrue(value: string | null): boolean {
  return value !== null && value !== "false" && value !== "0";
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not valid UTF-8: it names nothing either way.
    return segment;
  }
}
