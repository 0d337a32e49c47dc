import { type HttpReply, type HttpRequest, type HttpServer, serveHttp } from "../http/server";
import { commonTime } from "../http/dates";
import { AddressInUseError } from "../../network/network";
import { FileError } from "../filesystem/file-error";
import type { OpenFile } from "../filesystem/open-file";
import type { Process } from "../processes/process";
import { Interrupted } from "../processes/program";
import { type NginxConfig, NginxConfigError, readNginxConfig } from "./nginx-config";
import { readOr, stamp } from "./nginx-log";
import { NginxSite } from "./nginx-site";

/** The long-running part: listens, answers, logs, and obeys signals. */
export class NginxMaster {
  readonly #process: Process;
  readonly #version: string;
  readonly #path: string;
  #config: NginxConfig;
  readonly #servers = new Map<number, HttpServer>();
  #accessLog: OpenFile | undefined;
  #errorLog: OpenFile | undefined;
  #orders: string[] = [];
  #connections = 0;
  readonly #site: NginxSite;

  constructor(process: Process, version: string, config: NginxConfig, path: string) {
    this.#process = process;
    this.#version = version;
    this.#config = config;
    this.#path = path;
    this.#site = new NginxSite(process, version, (text) => this.#error(text));
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
          serveHttp(this.#process, port, (request) => this.#answer(request), this.#site.errorPage(400, "Bad Request")),
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
    const reply = await this.#site.answer(this.#config, request);
    await this.#log(request, reply);
    return reply;
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
