import { discoveryFor } from "../schema/discovery";
import type { OpenApiAnswer, OpenApiPublisher } from "../schema/openapi";
import { customDocuments } from "../custom/openapi";
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

const HEALTH = ["/healthz", "/livez", "/readyz"];
const FAR_FUTURE = "Fri, 31 Dec 2100 23:59:59 GMT";
const HEALTH_CHECKS = ["ping", "log", "etcd"];

/** What is served outside the collections; `undefined` when nothing is at `path`. */
export function publicDocument(
  path: string,
  url: URL,
  headers: Headers,
  openApi: Pick<OpenApiPublisher, "answer">,
  resources: ServedResources,
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
  const health = HEALTH.find((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  if (health) return healthResponse(path, health, url);
  if (path === "/") return json({ paths: rootPaths() });
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

function healthResponse(path: string, prefix: string, url: URL): Response | undefined {
  const name = path.slice(prefix.length + 1);
  if (name !== "" && !HEALTH_CHECKS.includes(name)) return undefined;
  if (name === "" && url.searchParams.has("verbose")) {
    return text(`${HEALTH_CHECKS.map((check) => `[+]${check} ok\n`).join("")}${prefix.slice(1)} check passed\n`);
  }
  return text("ok");
}

function rootPaths(): string[] {
  return ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"];
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
