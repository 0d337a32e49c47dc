import { type HttpReply, type HttpRequest, type HttpServer, serveHttp } from "../http/server";
import { commonTime, httpDate } from "../http/dates";
import { findStatic, mediaType } from "../http/static-files";
import { AddressInUseError } from "../../network/network";
import { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";
import { Interrupted } from "../processes/program";

const CONFIG = "/usr/local/apache2/conf/httpd.conf";

/** The Apache web server: static files of its DocumentRoot, until SIGTERM or SIGWINCH. */
export async function httpd(process: Process): Promise<number> {
  const version = process.env.get("HTTPD_VERSION") ?? "2.4.65";
  const words = process.argv.slice(1);
  if (words.includes("-v")) {
    await process.print(`Server version: Apache/${version} (Unix)\nServer built:   Jul 23 2025 20:10:30\n`);
    return 0;
  }
  const named = `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${process.machine.network.address}. Set the 'ServerName' directive globally to suppress this message\n`;
  await process.complain(named);
  if (words.includes("-t")) {
    await process.complain("Syntax OK\n");
    return 0;
  }
  await process.complain(named);
  const config = readConfig(process);
  return new Server(process, version, config).run();
}

interface Config {
  readonly ports: readonly number[];
  readonly documentRoot: string;
}

function readConfig(process: Process): Config {
  let text = "";
  try {
    text = process.machine.fileSystem.readText(process, CONFIG);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
  }
  const ports = [...text.matchAll(/^\s*Listen\s+(?:\S+:)?(\d+)/gm)].map((match) => Number(match[1]));
  const documentRoot = /^\s*DocumentRoot\s+"?([^"\n]+)"?/m.exec(text)?.[1];
  return { ports: ports.length > 0 ? ports : [80], documentRoot: documentRoot ?? "/usr/local/apache2/htdocs" };
}

class Server {
  readonly #process: Process;
  readonly #version: string;
  readonly #config: Config;
  #order: "TERM" | "WINCH" | undefined;

  constructor(process: Process, version: string, config: Config) {
    this.#process = process;
    this.#version = version;
    this.#config = config;
  }

  async run(): Promise<number> {
    const process = this.#process;
    const servers: HttpServer[] = [];
    for (const port of this.#config.ports) {
      try {
        servers.push(
          serveHttp(process, port, (request) => this.#answer(request), this.#page(400, "Bad Request", BAD_REQUEST)),
        );
      } catch (error) {
        if (!(error instanceof AddressInUseError)) throw error;
        await process.complain(
          `(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:${port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n`,
        );
        return 1;
      }
    }
    for (const signal of ["TERM", "INT", "WINCH"] as const)
      process.handle(signal, () => void (this.#order = signal === "WINCH" ? "WINCH" : "TERM"));
    process.handle("HUP", "ignore");
    await this.#notice(
      "mpm_event:notice",
      `AH00489: Apache/${this.#version} (Unix) configured -- resuming normal operations`,
    );
    await this.#notice(
      "core:notice",
      `AH00094: Command line: '${process.argv.join(" ").replace("-DFOREGROUND", "-D FOREGROUND")}'`,
    );
    for (let worker = 0; worker < 3; worker++) {
      process.spawn({ program: (child) => child.until(new Promise<never>(() => {})), argv: process.argv });
    }
    while (this.#order === undefined) {
      try {
        await process.until(new Promise<never>(() => {}));
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
      }
    }
    if (this.#order === "WINCH") {
      await this.#notice("mpm_event:notice", "AH00492: caught SIGWINCH, shutting down gracefully");
      for (const server of servers) await server.drain();
    } else await this.#notice("mpm_event:notice", "AH00491: caught SIGTERM, shutting down");
    for (const child of process.machine.processes.all()) if (child.ppid === process.pid) child.kill();
    return 0;
  }

  async #answer(request: HttpRequest): Promise<HttpReply> {
    const reply = this.#serve(request);
    const size = request.method === "HEAD" || reply.body.byteLength === 0 ? "-" : String(reply.body.byteLength);
    await this.#process.print(
      `${request.remote.address} - - [${commonTime(this.#process.clock.now())}] "${request.head.start}" ${reply.status} ${size}\n`,
    );
    return reply;
  }

  #serve(request: HttpRequest): HttpReply {
    if (!["GET", "HEAD", "POST", "OPTIONS"].includes(request.method))
      return this.#page(
        405,
        "Method Not Allowed",
        `<p>The requested method ${request.method} is not allowed for this URL.</p>`,
      );
    const found = findStatic(this.#process, this.#config.documentRoot, request.target, ["index.html"]);
    switch (found.kind) {
      case "file": {
        const tag = `"${found.content.byteLength.toString(16)}-${(found.node.mtime * 1000).toString(16)}"`;
        const headers = this.#headers([
          ["Last-Modified", httpDate(found.node.mtime)],
          ["ETag", tag],
          ["Accept-Ranges", "bytes"],
          ["Content-Length", String(found.content.byteLength)],
        ]);
        if (request.head.headers.get("if-none-match") === tag)
          return { status: 304, reason: "Not Modified", headers, body: new Uint8Array() };
        return {
          status: 200,
          reason: "OK",
          headers: [...headers, ["Content-Type", mediaType(found.path)]],
          body: found.content,
        };
      }
      case "redirect": {
        const location = `http://${request.head.headers.get("host") ?? "localhost"}${found.location}`;
        const page = this.#page(
          301,
          "Moved Permanently",
          `<p>The document has moved <a href="${location}">here</a>.</p>`,
        );
        return { ...page, headers: [...page.headers, ["Location", location]] };
      }
      case "forbidden":
        return this.#page(403, "Forbidden", "<p>You don't have permission to access this resource.</p>");
      case "missing":
        return this.#page(404, "Not Found", "<p>The requested URL was not found on this server.</p>");
    }
  }

  #page(status: number, reason: string, text: string): HttpReply {
    const body = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${reason}</title>\n</head><body>\n<h1>${reason}</h1>\n${text}\n</body></html>\n`;
    return {
      status,
      reason,
      headers: this.#headers([["Content-Type", "text/html; charset=iso-8859-1"]]),
      body: new TextEncoder().encode(body),
    };
  }

  #headers(more: readonly (readonly [string, string])[]): (readonly [string, string])[] {
    return [["Date", httpDate(this.#process.clock.now())], ["Server", `Apache/${this.#version} (Unix)`], ...more];
  }

  /** `[Sat Nov 21 07:44:31.123456 2026] [module:level] [pid 1:tid 1] text` */
  #notice(source: string, text: string): Promise<void> {
    const now = new Date(this.#process.clock.now());
    const [, weekday = "", day = "", month = "", year = ""] = /^(\w+), (\d+) (\w+) (\d+)/.exec(now.toUTCString()) ?? [];
    const time = `${now.toISOString().slice(11, 23)}000`;
    return this.#process.complain(
      `[${weekday} ${month} ${day} ${time} ${year}] [${source}] [pid ${this.#process.pid}:tid ${this.#process.pid}] ${text}\n`,
    );
  }
}

const BAD_REQUEST = "<p>Your browser sent a request that this server could not understand.<br />\n</p>";
