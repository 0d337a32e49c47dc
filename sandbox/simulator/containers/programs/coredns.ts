import { CorefileError, type Directive } from "../../network/dns/corefile";
import type { DnsServer, DnsServices } from "../../network/dns-server";
import { AddressInUseError } from "../../network/network";
import type { Timer } from "../../clock";
import { FileError } from "../filesystem/file-error";
import { type HttpServer, serveHttp } from "../http/server";
import type { Process } from "../processes/process";
import { Interrupted } from "../processes/program";
import { subtle } from "../../subtle";

const VERSION = "CoreDNS-1.14.2\nlinux/amd64, go1.25.7, 1db4568\n";
const RELOAD_MS = 30_000;
// A changed ConfigMap first has to reach the mounted file.
const UNTIL_MOUNTED_MS = 2000;

/** The cluster's DNS server: answers as its Corefile says, takes up a new one, until told to stop. */
export async function coredns(process: Process): Promise<number> {
  const dns = process.machine.system?.dns;
  if (!dns) {
    await process.complain("plugin/kubernetes: unable to load in-cluster configuration\n");
    return 1;
  }
  return new CoreDns(process, dns, argumentOf(process.argv, "-conf") ?? "Corefile").run();
}

class CoreDns {
  readonly #process: Process;
  readonly #dns: DnsServices;
  readonly #path: string;
  readonly #extras = new Map<number, HttpServer>();
  #server: DnsServer | undefined;
  #corefile = "";
  #pending: Timer | undefined;
  #orders: ("stop" | "reload")[] = [];

  constructor(process: Process, dns: DnsServices, path: string) {
    this.#process = process;
    this.#dns = dns;
    this.#path = path;
  }

  async run(): Promise<number> {
    const process = this.#process;
    for (const signal of ["TERM", "INT"] as const) process.handle(signal, () => void this.#orders.push("stop"));
    // Woken by the timer of a reload, as by a signal.
    process.handle("USR1", () => void this.#orders.push("reload"));
    const text = this.#read();
    if (text === undefined) {
      await process.complain(`loading Caddyfile via flag: open ${this.#path}: no such file or directory\n`);
      return 1;
    }
    const problem = this.#serve(text);
    if (problem !== undefined) {
      await process.complain(`${problem}\n`);
      return 1;
    }
    process.onEnd(() => {
      this.#server?.close();
      this.#pending?.cancel();
    });
    process.onEnd(this.#dns.onConfigChange(() => this.#expectReload()));
    await process.print((this.#server?.serves ?? []).map((each) => `${each}\n`).join(""));
    await this.#sayRunning();
    await process.print(VERSION);
    for (;;) {
      const order = this.#orders.shift();
      if (order === "stop") break;
      if (order === "reload") await this.#reload();
      else await this.#sleep();
    }
    await process.print("[INFO] SIGTERM: Shutting down servers then terminating\n");
    const lame = this.#directive("health")?.block.find(({ name }) => name === "lameduck")?.args[0];
    if (lame !== undefined) {
      await process.print(`[INFO] plugin/health: Going into lameduck mode for ${lame}\n`);
      await process.sleep(durationMs(lame));
    }
    return 0;
  }

  /** What the server's start says is wrong, if anything; then the one before goes on. */
  #serve(corefile: string): string | undefined {
    const process = this.#process;
    const before = this.#server;
    before?.close();
    const log = (line: string): void => void process.print(`${line}\n`).catch(() => undefined);
    const resolvConf = this.#readFile("/etc/resolv.conf") ?? "";
    try {
      this.#server = this.#dns.serve(process.machine.network, { corefile, resolvConf, log });
    } catch (error) {
      if (!(error instanceof CorefileError) && !(error instanceof AddressInUseError)) throw error;
      if (before)
        this.#server = this.#dns.serve(process.machine.network, { corefile: this.#corefile, resolvConf, log });
      return error.message;
    }
    this.#corefile = corefile;
    this.#serveExtras();
    return undefined;
  }

  /** The plugins that answer HTTP: what the kubelet's probes and Prometheus ask. */
  #serveExtras(): void {
    const wanted = new Map([
      [portOf(this.#directive("health"), 8080), { text: "OK", on: this.#directive("health") }],
      [portOf(this.#directive("ready"), 8181), { text: "OK", on: this.#directive("ready") }],
      [portOf(this.#directive("prometheus"), 9153), { text: METRICS, on: this.#directive("prometheus") }],
    ]);
    for (const [port, server] of this.#extras) {
      if (wanted.get(port)?.on) continue;
      void server.drain();
      this.#extras.delete(port);
    }
    for (const [port, { text, on }] of wanted) {
      if (!on || this.#extras.has(port)) continue;
      this.#extras.set(
        port,
        serveHttp(this.#process, port, () => ok(text), ok("")),
      );
    }
  }

  #directive(name: string): Directive | undefined {
    return this.#server?.directives.find((directive) => directive.name === name);
  }

  /** The plugin `reload` looks each half minute; here something must have changed before it looks. */
  #expectReload(): void {
    const reload = this.#directive("reload");
    if (!reload || this.#pending) return;
    const interval = reload.args[0] === undefined ? RELOAD_MS : durationMs(reload.args[0]);
    const { clock, random } = this.#process.machine;
    this.#pending = clock.schedule(UNTIL_MOUNTED_MS + interval * random.next(), () => {
      this.#pending = undefined;
      this.#process.signal("USR1");
    });
  }

  async #reload(): Promise<void> {
    const text = this.#read();
    if (text === undefined || text === this.#corefile) return;
    await this.#process.print("[INFO] Reloading\n");
    const problem = this.#serve(text);
    if (problem !== undefined) {
      await this.#process.print(`[ERROR] Restart failed: ${problem}\n`);
      await this.#process.print(`[ERROR] plugin/reload: Corefile changed but reload failed: ${problem}\n`);
      return;
    }
    await this.#sayRunning();
    await this.#process.print("[INFO] Reloading complete\n");
  }

  async #sayRunning(): Promise<void> {
    if (!this.#directive("reload")) return;
    const digest = subtle.digest("SHA-512", new TextEncoder().encode(this.#corefile));
    const bytes = new Uint8Array(await this.#process.until(digest));
    const hash = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    await this.#process.print(`[INFO] plugin/reload: Running configuration SHA512 = ${hash}\n`);
  }

  async #sleep(): Promise<void> {
    try {
      await this.#process.until(new Promise<never>(() => {}));
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }

  #read(): string | undefined {
    return this.#readFile(this.#path);
  }

  #readFile(path: string): string | undefined {
    try {
      return this.#process.machine.fileSystem.readText(this.#process, path);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return undefined;
    }
  }
}

const METRICS =
  "# HELP coredns_build_info A metric with a constant '1' value labeled by version, revision, and goversion from which CoreDNS was built.\n" +
  '# TYPE coredns_build_info gauge\ncoredns_build_info{goversion="go1.25.7",revision="1db4568",version="1.14.2"} 1\n';

function ok(text: string) {
  return {
    status: 200,
    reason: "OK",
    headers: [["Content-Type", "text/plain; charset=utf-8"]] as const,
    body: new TextEncoder().encode(text),
  };
}

function portOf(directive: Directive | undefined, usual: number): number {
  return Number(/:(\d+)$/.exec(directive?.args[0] ?? "")?.[1] ?? usual);
}

/** `30s`, `1m`, `500ms` */
function durationMs(text: string): number {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, count = "0", unit = "s"]) => sum + Number(count) * (units[unit] ?? 1000), 0);
}

function argumentOf(argv: readonly string[], name: string): string | undefined {
  const at = argv.indexOf(name);
  return at < 0 ? undefined : argv[at + 1];
}
