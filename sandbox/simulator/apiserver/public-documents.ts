import { discoveryFor } from "../schema/discovery";
import type { OpenApiAnswer, OpenApiPublisher } from "../schema/openapi";
import { customDocuments } from "../custom/openapi";
import { GROUP_VERSIONS } from "../schema/resources";
import { healthAnswer, healthPaths } from "./health";
import type { ServedResources } from "./served-resources";

/** The release that this server behaves like. */
export const VERSION = {
  major: "1",
  minor: "36",
  emulationMajor: "1",
  emulationMinor: "36",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "35",
  gitVersion: "v1.36.2",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "2026-06-10T12:00:00Z",
  goVersion: "go1.26.1",
  compiler: "gc",
  platform: "linux/amd64",
};

const FAR_FUTURE = "Fri, 31 Dec 2100 23:59:59 GMT";

/** What is served outside the collections; `undefined` when nothing is at `path`. */
export function publicDocument(
  path: string,
  url: URL,
  headers: Headers,
  openApi: Pick<OpenApiPublisher, "answer">,
  resources: ServedResources,
  metrics: () => string,
): Response | undefined {
  if (path === "/version") return json(VERSION);
  const accept = headers.get("accept") ?? "";
  const discovery = discoveryFor(path, accept, path.startsWith("/apis") ? resources.customGroupVersions() : []);
  if (discovery) return bytes(discovery.body, { "content-type": discovery.contentType, vary: "Accept" });
  const document = openApiFor(path, accept, url, openApi, resources);
  if (document) {
    const caching = document.isImmutable ? { "cache-control": "public, immutable", expires: FAR_FUTURE } : undefined;
    return bytes(document.body, { "content-type": document.contentType, vary: "Accept", ...caching });
  }
  const health = healthAnswer(path, url.searchParams);
  if (health !== undefined) return text(health);
  if (path === "/metrics") return text(metrics());
  if (path === "/") return json({ paths: rootPaths(resources) });
  return undefined;
}

function openApiFor(
  path: string,
  accept: string,
  url: URL,
  openApi: Pick<OpenApiPublisher, "answer">,
  resources: ServedResources,
): OpenApiAnswer | undefined {
  if (!path.startsWith("/openapi/")) return undefined;
  const custom = path.startsWith("/openapi/v3") ? customDocuments(resources.customResources()) : [];
  return openApi.answer(path, accept, url.searchParams.get("hash") ?? "", custom);
}

function rootPaths(resources: ServedResources): string[] {
  const versions = [...GROUP_VERSIONS, ...resources.customGroupVersions()].filter(({ group }) => group !== "");
  const groups = new Set(versions.flatMap(({ group, version }) => [`/apis/${group}`, `/apis/${group}/${version}`]));
  const others = ["/metrics", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/version"];
  return ["/api", "/api/v1", "/apis", "/apis/", ...[...groups].sort(), ...[...healthPaths(), ...others].sort()];
}

function bytes(body: Uint8Array, headers: Record<string, string>): Response {
  // Made by TextEncoder: never a view of shared memory, which is all that the types of Response mind.
  return new Response(body as Uint8Array<ArrayBuffer>, { headers });
}

function json(value: object): Response {
  return new Response(`${JSON.stringify(value, undefined, 2)}\n`, { headers: { "content-type": "application/json" } });
}

function text(value: string): Response {
  return new Response(value, {
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  });
}
