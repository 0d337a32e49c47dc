import { type HttpReply, type HttpRequest, type HttpServer, serveHttp } from "../http/server";
import { commonTime, httpDate } from "../http/dates";
import { findStatic, mediaType, type StaticResult } from "../http/static-files";
import { AddressInUseError } from "../../network/network";
import { FileError } from "../filesystem/file-error";
import type { OpenFile } from "../filesystem/open-file";
import type { Process } from "../processes/process";
import { Interrupted } from "../processes/program";
import {
  type NginxConfig,
  NginxConfigError,
  readNginxConfig,
  type NginxServer,
  type NginxLocation,
} from "./nginx-config";

const CONFIG = "/etc/nginx/nginx.conf";

/** The nginx web server: static files and fixed answers as its configuration says, until SIGTERM or SIGQUIT. */
export async function nginx(process: Process): Promise<number> {
  const version = process.env.get("NGINX_VERSION") ?? "1.29.3";
  const options = parseArguments(process.argv.slice(1));
  if (options.kind === "version") {
    await process.complain(`nginx version: nginx/${version}\n`);
    return 0;
  }
  if (options.kind === "help") {
    await process.complain(
      `nginx version: nginx/${version}\nUsage: nginx [-?hvVtTq] [-s signal] [-p prefix]\n             [-e filename] [-c filename] [-g directives]\n`,
    );
    return options.bad === undefined ? 0 : 1;
  }
  if (options.kind === "signal") return signalMaster(process, options.signal);
  let config: NginxConfig;
  try {
    config = readNginxConfig(process, options.config ?? CONFIG);
  } catch (error) {
    if (!(error instanceof NginxConfigError)) throw error;
    const text = options.test
      ? `nginx: [emerg] ${error.message}\nnginx: configuration file ${options.config ?? CONFIG} test failed\n`
      : `${stamp(process)} [emerg] ${process.pid}#${process.pid}: ${error.message}\nnginx: [emerg] ${error.message}\n`;
    await process.complain(text);
    return 1;
  }
  if (options.test) {
    await process.complain(
      `nginx: the configuration file ${options.config ?? CONFIG} syntax is ok\nnginx: configuration file ${options.config ?? CONFIG} test is successful\n`,
    );
    return 0;
  }
  const daemon = !/daemon\s+off/.test(options.directives) && config.daemon;
  if (!daemon) return new Master(process, version, config, options.config ?? CONFIG).run();
  // The parent goes; the server runs on as a child of number 1.
  process.spawn({
    program: (child) => new Master(child, version, config, options.config ?? CONFIG).run(),
    argv: process.argv,
    ownGroup: true,
  });
  return 0;
}

type Arguments =
  | { kind: "version" }
  | { kind: "help"; bad?: string }
  | { kind: "signal"; signal: string }
  | { kind: "run"; test: boolean; config: string | undefined; directives: string };

function parseArguments(words: readonly string[]): Arguments {
  let test = false;
  let config: string | undefined;
  let directives = "";
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "-v" || word === "-V") return { kind: "version" };
    if (word === "-h" || word === "-?") return { kind: "help" };
    if (word === "-t" || word === "-T") test = true;
    else if (word === "-g") directives += `${words[++at] ?? ""} `;
    else if (word === "-c") config = words[++at];
    else if (word === "-s") return { kind: "signal", signal: words[++at] ?? "" };
    else if (word === "-p" || word === "-e") at++;
    else if (word !== "-q") return { kind: "help", bad: word };
  }
  return { kind: "run", test, config, directives };
}

async function signalMaster(process: Process, name: string): Promise<number> {
  const signal = ({ reload: "HUP", reopen: "USR1", quit: "QUIT", stop: "TERM" } as const)[name];
  if (!signal) {
    await process.complain(`nginx: invalid option: "-s ${name}"\n`);
    return 1;
  }
  const pid = Number(readOr(process, "/run/nginx.pid", "").trim() || readOr(process, "/var/run/nginx.pid", ""));
  const master = process.machine.processes.get(pid);
  if (!master) {
    await process.complain(
      `${stamp(process)} [error] ${process.pid}#${process.pid}: open() "/run/nginx.pid" failed (2: No such file or directory)\nnginx: [error] open() "/run/nginx.pid" failed (2: No such file or directory)\n`,
    );
    return 1;
  }
  await process.complain(`${stamp(process)} [notice] ${process.pid}#${process.pid}: signal process started\n`);
  master.signal(signal);
  return 0;
}

/** The long-running part: listens, answers, logs, and obeys signals. */
class Master {
  readonly #process: Process;
  readonly #version: string;
  readonly #path: string;
  #config: NginxConfig;
  readonly #servers = new Map<number, HttpServer>();
  #accessLog: OpenFile | undefined;
  #errorLog: OpenFile | undefined;
  #orders: string[] = [];
  #connections = 0;

  constructor(process: Process, version: string, config: NginxConfig, path: string) {
    this.#process = process;
    this.#version = version;
    this.#config = config;
    this.#path = path;
  }

  async run(): Promise<number> {
    const process = this.#process;
    this.#accessLog = openLog(process, "/var/log/nginx/access.log");
    this.#errorLog = openLog(process, "/var/log/nginx/error.log");
    if (!(await this.#listen())) return 1;
    try {
      process.machine.fileSystem.writeFile(process, "/run/nginx.pid", `${process.pid}\n`);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await this.#notice(
        "emerg",
        `open() "/run/nginx.pid" failed (${error.code === "EROFS" ? 30 : 13}: ${error.message})`,
      );
      await process.complain(
        `nginx: [emerg] open() "/run/nginx.pid" failed (${error.code === "EROFS" ? 30 : 13}: ${error.message})\n`,
      );
      return 1;
    }
    for (const signal of ["TERM", "INT", "QUIT", "HUP", "USR1"] as const)
      process.handle(signal, () => void this.#orders.push(signal));
    process.handle("WINCH", "ignore");
    await this.#notice("notice", 'using the "epoll" event method');
    await this.#notice("notice", `nginx/${this.#version}`);
    await this.#notice(
      "notice",
      process.machine.programs.size > 0 && readOr(process, "/etc/os-release", "").includes("Alpine")
        ? "built by gcc 14.2.0 (Alpine 14.2.0)"
        : "built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ",
    );
    await this.#notice("notice", "OS: Linux 6.18.44");
    await this.#notice("notice", "getrlimit(RLIMIT_NOFILE): 1048576:1048576");
    await this.#notice("notice", "start worker processes");
    let workers = await this.#startWorkers();
    for (;;) {
      const order = this.#orders.shift();
      if (order === undefined) {
        try {
          await process.until(new Promise<never>(() => {}));
        } catch (error) {
          if (!(error instanceof Interrupted)) throw error;
        }
      } else if (order === "HUP") {
        await this.#notice("notice", "signal 1 (SIGHUP) received, reconfiguring");
        workers = await this.#reload(workers);
      } else if (order !== "USR1") {
        const numbers: Readonly<Record<string, number>> = { TERM: 15, INT: 2, QUIT: 3 };
        await this.#notice(
          "notice",
          `signal ${numbers[order] ?? 15} (SIG${order}) received, ${order === "QUIT" ? "shutting down" : "exiting"}`,
        );
        if (order === "QUIT") for (const server of this.#servers.values()) await server.drain();
        for (const worker of workers) worker.kill();
        await this.#notice("notice", "exit");
        return 0;
      }
    }
  }

  async #reload(old: Process[]): Promise<Process[]> {
    try {
      this.#config = readNginxConfig(this.#process, this.#path);
    } catch (error) {
      if (!(error instanceof NginxConfigError)) throw error;
      await this.#notice("emerg", error.message);
      return old;
    }
    await this.#notice("notice", "reconfiguring");
    if (!(await this.#listen())) return old;
    const workers = await this.#startWorkers();
    for (const worker of old) worker.kill();
    return workers;
  }

  /** Workers only show in `ps`; the master answers for them. */
  async #startWorkers(): Promise<Process[]> {
    const workers: Process[] = [];
    for (let count = 0; count < 2; count++) {
      const worker = this.#process.spawn({
        program: (child) => child.until(new Promise<never>(() => {})),
        argv: ["nginx: worker process"],
      });
      workers.push(worker);
      await this.#notice("notice", `start worker process ${worker.pid}`);
    }
    return workers;
  }

  async #listen(): Promise<boolean> {
    for (const port of new Set(this.#config.servers.flatMap((server) => server.ports))) {
      if (this.#servers.has(port)) continue;
      try {
        this.#servers.set(
          port,
          serveHttp(this.#process, port, (request) => this.#answer(request), this.#errorPage(400, "Bad Request")),
        );
      } catch (error) {
        if (!(error instanceof AddressInUseError)) throw error;
        await this.#notice("emerg", `bind() to 0.0.0.0:${port} failed (98: Address already in use)`);
        await this.#process.complain(`nginx: [emerg] bind() to 0.0.0.0:${port} failed (98: Address already in use)\n`);
        return false;
      }
    }
    return true;
  }

  async #answer(request: HttpRequest): Promise<HttpReply> {
    this.#connections++;
    const server = this.#serverFor(request);
    const location = server && locationFor(server, request.target);
    const reply = server && location ? await this.#serve(request, server, location) : this.#errorPage(404, "Not Found");
    await this.#log(request, reply);
    return reply;
  }

  #serverFor(request: HttpRequest): NginxServer | undefined {
    const host = (request.head.headers.get("host") ?? "").replace(/:\d+$/, "");
    const candidates = this.#config.servers.filter((server) => server.ports.includes(request.port));
    return candidates.find((server) => server.names.includes(host)) ?? candidates[0];
  }

  async #serve(request: HttpRequest, server: NginxServer, location: NginxLocation): Promise<HttpReply> {
    if (location.answer) {
      const { status, text } = location.answer;
      if (status >= 300 && status < 400)
        return {
          ...this.#errorPage(status, REASONS[status] ?? "Moved"),
          headers: this.#headers("text/html", [["Location", this.#fill(text, request)]]),
        };
      return {
        status,
        reason: REASONS[status] ?? "OK",
        headers: this.#headers(location.defaultType ?? "application/octet-stream"),
        body: new TextEncoder().encode(this.#fill(text, request)),
      };
    }
    if (request.method !== "GET" && request.method !== "HEAD") return this.#errorPage(405, "Not Allowed");
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
          ...this.#errorPage(301, "Moved Permanently"),
          headers: this.#headers("text/html", [
            ["Location", `http://${request.head.headers.get("host") ?? "localhost"}${found.location}`],
          ]),
        };
      case "forbidden":
        await this.#error(`directory index of "${found.path}" is forbidden, ${where}`);
        return this.#errorPage(403, "Forbidden");
      case "missing":
        await this.#error(`open() "${found.path}" failed (2: No such file or directory), ${where}`);
        return this.#errorPage(404, "Not Found");
    }
  }

  #errorPage(status: number, reason: string): HttpReply {
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

  async #log(request: HttpRequest, reply: HttpReply): Promise<void> {
    const agent = request.head.headers.get("user-agent") ?? "-";
    const referer = request.head.headers.get("referer") ?? "-";
    const size = request.method === "HEAD" || reply.status === 304 ? 0 : reply.body.byteLength;
    const line = `${request.remote.address} - - [${commonTime(this.#process.clock.now())}] "${request.head.start}" ${reply.status} ${size} "${referer}" "${agent}" "-"\n`;
    await this.#write(this.#accessLog, line);
  }

  #error(text: string): Promise<void> {
    const worker = this.#process.pid + 1;
    return this.#write(
      this.#errorLog,
      `${stamp(this.#process)} [error] ${worker}#${worker}: *${this.#connections} ${text}\n`,
    );
  }

  #notice(level: string, text: string): Promise<void> {
    return this.#write(
      this.#errorLog,
      `${stamp(this.#process)} [${level}] ${this.#process.pid}#${this.#process.pid}: ${text}\n`,
    );
  }

  async #write(file: OpenFile | undefined, text: string): Promise<void> {
    await file?.write(ENCODER.encode(text), this.#process);
  }
}

const ENCODER = new TextEncoder();

function openLog(process: Process, path: string): OpenFile | undefined {
  try {
    const file = process.machine.fileSystem.open(process, path, { write: true, append: true, create: true });
    process.onEnd(() => file.release());
    return file;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return undefined;
  }
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

function readOr(process: Process, path: string, otherwise: string): string {
  try {
    return process.machine.fileSystem.readText(process, path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return otherwise;
  }
}

/** `2026/11/21 07:44:31`, the error log's time. */
function stamp(process: Process): string {
  return new Date(process.clock.now()).toISOString().slice(0, 19).replace(/-/g, "/").replace("T", " ");
}
