import { httpDate } from "../http/dates";
import type { HttpReply, HttpRequest } from "../http/server";
import { findStatic, mediaType, type StaticResult } from "../http/static-files";
import type { Process } from "../processes/process";
import type { NginxConfig, NginxLocation, NginxServer } from "./nginx-config";

/** What a configuration answers to requests: which server, which location, which file or fixed text. */
export class NginxSite {
  readonly #process: Process;
  readonly #version: string;
  readonly #error: (text: string) => Promise<void>;

  /** @param error writes into the error log why a request failed */
  constructor(process: Process, version: string, error: (text: string) => Promise<void>) {
    this.#process = process;
    this.#version = version;
    this.#error = error;
  }

  async answer(config: NginxConfig, request: HttpRequest): Promise<HttpReply> {
    const server = serverFor(config, request);
    const location = server && locationFor(server, request.target);
    return server && location ? this.#serve(request, server, location) : this.errorPage(404, "Not Found");
  }

  async #serve(request: HttpRequest, server: NginxServer, location: NginxLocation): Promise<HttpReply> {
    if (location.answer) {
      const { status, text } = location.answer;
      if (status >= 300 && status < 400)
        return {
          ...this.errorPage(status, REASONS[status] ?? "Moved"),
          headers: this.#headers("text/html", [["Location", this.#fill(text, request)]]),
        };
      return {
        status,
        reason: REASONS[status] ?? "OK",
        headers: this.#headers(location.defaultType ?? "application/octet-stream"),
        body: new TextEncoder().encode(this.#fill(text, request)),
      };
    }
    if (request.method !== "GET" && request.method !== "HEAD") return this.errorPage(405, "Not Allowed");
    const root = location.root ?? server.root ?? "/etc/nginx/html";
    const target = location.alias ? request.target.slice(location.prefix.length) : request.target;
    const found = findStatic(
      this.#process,
      location.alias ?? root,
      target.startsWith("/") ? target : `/${target}`,
      location.index ?? server.index ?? ["index.html"],
    );
    return this.#reply(request, found);
  }

  async #reply(request: HttpRequest, found: StaticResult): Promise<HttpReply> {
    const where = `client: ${request.remote.address}, server: localhost, request: "${request.head.start}", host: "${request.head.headers.get("host") ?? ""}"`;
    switch (found.kind) {
      case "file": {
        const tag = `"${Math.floor(found.node.mtime / 1000).toString(16)}-${found.content.byteLength.toString(16)}"`;
        const dated = [
          ["Last-Modified", httpDate(found.node.mtime)],
          ["ETag", tag],
        ] as const;
        if (request.head.headers.get("if-none-match") === tag)
          return {
            status: 304,
            reason: "Not Modified",
            headers: this.#headers(undefined, dated),
            body: new Uint8Array(),
          };
        return {
          status: 200,
          reason: "OK",
          headers: this.#headers(mediaType(found.path), [...dated, ["Accept-Ranges", "bytes"]]),
          body: found.content,
        };
      }
      case "redirect":
        return {
          ...this.errorPage(301, "Moved Permanently"),
          headers: this.#headers("text/html", [
            ["Location", `http://${request.head.headers.get("host") ?? "localhost"}${found.location}`],
          ]),
        };
      case "forbidden":
        await this.#error(`directory index of "${found.path}" is forbidden, ${where}`);
        return this.errorPage(403, "Forbidden");
      case "missing":
        await this.#error(`open() "${found.path}" failed (2: No such file or directory), ${where}`);
        return this.errorPage(404, "Not Found");
    }
  }

  /** The page of a status, as nginx draws it. */
  errorPage(status: number, reason: string): HttpReply {
    const title = `${status} ${reason}`;
    const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${this.#version}</center>\r\n</body>\r\n</html>\r\n`;
    return { status, reason, headers: this.#headers("text/html"), body: new TextEncoder().encode(body) };
  }

  #headers(type: string | undefined, more: readonly (readonly [string, string])[] = []): [string, string][] {
    const headers: [string, string][] = [
      ["Server", `nginx/${this.#version}`],
      ["Date", httpDate(this.#process.clock.now())],
    ];
    if (type) headers.push(["Content-Type", type]);
    for (const [name, value] of more) headers.push([name, value]);
    return headers;
  }

  #fill(text: string, request: HttpRequest): string {
    const values: Readonly<Record<string, string>> = {
      hostname: this.#process.machine.hostname,
      request_uri: request.target,
      uri: request.target.split("?", 1)[0] ?? "",
      host: (request.head.headers.get("host") ?? "").replace(/:\d+$/, ""),
      remote_addr: request.remote.address,
      server_addr: this.#process.machine.network.address,
      server_port: String(request.port),
      request_method: request.method,
      http_user_agent: request.head.headers.get("user-agent") ?? "",
    };
    return text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => values[name] ?? whole);
  }
}

function serverFor(config: NginxConfig, request: HttpRequest): NginxServer | undefined {
  const host = (request.head.headers.get("host") ?? "").replace(/:\d+$/, "");
  const candidates = config.servers.filter((server) => server.ports.includes(request.port));
  return candidates.find((server) => server.names.includes(host)) ?? candidates[0];
}

/** An exact match first, else the longest prefix. */
function locationFor(server: NginxServer, target: string): NginxLocation {
  const path = target.split("?", 1)[0] ?? "/";
  const exact = server.locations.find((location) => location.exact && location.prefix === path);
  const longest = server.locations
    .filter((location) => !location.exact && path.startsWith(location.prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
  return (
    exact ??
    longest ?? {
      prefix: "/",
      exact: false,
      ...(server.answer && { answer: server.answer }),
      ...(server.defaultType && { defaultType: server.defaultType }),
    }
  );
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  204: "No Content",
  301: "Moved Permanently",
  302: "Moved Temporarily",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Authorization Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Not Allowed",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
};
