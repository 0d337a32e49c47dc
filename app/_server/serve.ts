import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import next from "next";
import { config, type Config } from "./config";
import { ContentSecurity, SECURITY_HEADERS } from "./content-security";
import { database } from "./database";
import { ADDRESS_HEADER, PRIVATE_HEADER_PREFIX } from "./headers";
import { log } from "./log";
import { OpenSockets } from "./open-sockets";
import { previewGate } from "./preview/previews";
import type { PreviewGate } from "./preview/preview-gate";
import { livingSessions } from "./session";
import { SocketGate } from "./socket-gate";
import { projectVerdicts } from "./verdict-projection";

/** The web process: the only one that listens on a TCP port. */
async function main(): Promise<void> {
  const settings = config();
  const server = createServer();
  // Next is handed the server so that it does not wait for upgrades on one of its own.
  const site = next({ dev: settings.development, hostname: settings.host, port: settings.port, httpServer: server });
  await site.prepare();
  const sockets = new OpenSockets({
    livingSessions,
    onUnknown: (err) => log.warn({ err }, "sessions of open sockets not known"),
  });
  const gate = new SocketGate(settings, sockets);
  const previews = previewGate(settings, sockets);
  listenForRequests(server, settings, site.getRequestHandler(), previews);
  const nextUpgrade = site.getUpgradeHandler();
  server.on("upgrade", (request, socket, head) => {
    if (previews?.takes(request)) void previews.upgrade(request, socket, head);
    else if (gate.takes(request)) void gate.open(request, socket, head);
    else if (settings.development) void nextUpgrade(request, socket, head);
    else socket.destroy();
  });
  const stopping = new AbortController();
  const projection = projectVerdicts(stopping.signal);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, settings.host, resolve);
  });
  log.info({ host: settings.host, port: settings.port }, "ready");

  await new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  log.info("stopping");
  stopping.abort();
  sockets.close();
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), 2_000).unref();
  await Promise.all([closed, projection]);
  await site.close();
  await database().$disconnect();
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function listenForRequests(server: Server, settings: Config, handle: Handler, previews: PreviewGate | undefined): void {
  const security = settings.development ? undefined : ContentSecurity.read(process.cwd());
  const hosts = new Set(settings.origins.map((origin) => new URL(origin).host));
  server.on("request", (request, response) => {
    if (previews?.takes(request)) {
      void previews.handle(request, response);
      return;
    }
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    // A name of ours in DNS that leads elsewhere, or the other way round, must not reach anything.
    if (!hosts.has(request.headers.host ?? "")) {
      answerPlainly(response, 421, "This is not an address of this Slipway.\n");
      return;
    }
    const pathname = pathOf(request);
    if (pathname === "/healthz") {
      answerPlainly(response, 200, "ok\n");
      return;
    }
    if (previews?.isAsked(pathname)) {
      void previews.open(request, response, pathname);
      return;
    }
    takeWhatIsOurs(request);
    if (security) {
      const policy = security.policyFor(pathname, randomBytes(16).toString("base64"));
      request.headers["content-security-policy"] = policy; // where Next looks for the nonce
      response.setHeader("content-security-policy", policy);
    }
    void handle(request, response);
  });
}

/** Removes headers by which only we may speak, and says where the request came from. */
function takeWhatIsOurs(request: IncomingMessage): void {
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith(PRIVATE_HEADER_PREFIX)) Reflect.deleteProperty(request.headers, name);
  }
  request.headers[ADDRESS_HEADER] = request.socket.remoteAddress ?? "unknown";
}

function answerPlainly(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  response.end(text);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

try {
  await main();
  process.exit(0);
} catch (error) {
  log.fatal({ err: error }, "could not run");
  process.exit(1);
}
