import { discoveryFor } from "../schema/discovery";
import type { ServerContext } from "./server-context";

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
const HEALTH_CHECKS = ["ping", "log", "etcd"];

/** What is served outside the collections; `undefined` when nothing is at `path`. */
export async function publicDocument(
  path: string,
  url: URL,
  headers: Headers,
  server: ServerContext,
): Promise<Response | undefined> {
  if (path === "/version") return json(VERSION);
  const discovery = discoveryFor(path, headers.get("accept") ?? "");
  if (discovery) {
    return new Response(discovery.body as Uint8Array<ArrayBuffer>, {
      headers: { "content-type": discovery.contentType, vary: "Accept" },
    });
  }
  const health = HEALTH.find((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  if (health) return healthResponse(path, health, url);
  if (path === "/") return json({ paths: rootPaths() });
  void server;
  return undefined;
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

function json(value: object): Response {
  return new Response(`${JSON.stringify(value, undefined, 2)}\n`, { headers: { "content-type": "application/json" } });
}

function text(value: string): Response {
  return new Response(value, {
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  });
}
