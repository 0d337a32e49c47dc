import { FileError } from "../filesystem/file-error";
import { baseName } from "../filesystem/path";
import type { OpenFile } from "../filesystem/open-file";
import { HttpFormatError, type MessageHead, MessageReader } from "../http/message";
import {
  type Connection,
  ConnectionRefusedError,
  ConnectionResetError,
  ConnectionTimeoutError,
  NetworkUnreachableError,
} from "../../network/network";
import { resolve } from "../../network/resolver";
import { BrokenPipeError, type Duplex } from "../../pipe";
import type { Process } from "../processes/process";
import { ProcessExit } from "../processes/program";
import { type Applet, asByteText, type Call, complain, readOptions, toBytes } from "./applet";
import { openSecure } from "./secure";

export interface Url {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  /** The host, with its port where one was given. */
  readonly authority: string;
  /** Path and query, never empty. */
  readonly target: string;
  readonly user: string | undefined;
}

/** `http` is taken when no scheme is given. `undefined` for nonsense. */
export function parseUrl(text: string): Url | undefined {
  const match = /^(?:([a-z]+):\/\/)?(?:([^@/]*)@)?([^:/?#]+)(?::(\d+))?([/?#].*)?$/i.exec(text);
  if (!match) return undefined;
  const [, scheme = "http", user, host = "", port, rest = "/"] = match;
  const target = rest.split("#", 1)[0] ?? "/";
  return {
    scheme: scheme.toLowerCase(),
    host,
    authority: port ? `${host}:${port}` : host,
    port: port ? Number(port) : scheme.toLowerCase() === "https" ? 443 : 80,
    target: target.startsWith("/") ? target : `/${target}`,
    user,
  };
}

/** The address of a name, by /etc/hosts and DNS; `undefined` when there is none. */
export async function lookUp(process: Process, name: string): Promise<string | undefined> {
  const read = (path: string): string => {
    try {
      return process.machine.fileSystem.readText(process, path);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return "";
    }
  };
  const found = await process.until(
    resolve(process.machine.network, read("/etc/resolv.conf"), read("/etc/hosts"), name),
  );
  if (!found.ok) return undefined;
  return found.addresses[process.machine.random.below(found.addresses.length)];
}

/** The words for a connection that failed; anything else is thrown on. */
export function connectionProblem(error: unknown): string {
  if (error instanceof ConnectionRefusedError) return "Connection refused";
  if (error instanceof ConnectionTimeoutError) return "Connection timed out";
  if (error instanceof NetworkUnreachableError) return "Network is unreachable";
  if (error instanceof ConnectionResetError) return "Connection reset by peer";
  throw error;
}

interface WgetOptions {
  readonly quiet: boolean;
  readonly spider: boolean;
  readonly output: string | undefined;
  readonly showHead: boolean;
  readonly timeoutMs: number;
  readonly headers: readonly string[];
  readonly body: string | undefined;
  readonly userAgent: string;
  readonly folder: string;
  readonly checksCertificate: boolean;
}

/** busybox wget. */
const wget: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "cqO:o:P:SU:T:Y:t:",
    long: {
      quiet: "q",
      "output-document:": "O",
      spider: "spider",
      "server-response": "S",
      "timeout:": "T",
      "header:": "header",
      "post-data:": "post",
      "user-agent:": "U",
      "no-check-certificate": "n",
      continue: "c",
      "directory-prefix:": "P",
      "tries:": "t",
    },
    usage:
      "[-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]\n\t[--post-data STR | --post-file FILE] [-Y on/off]\n\t[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...",
  });
  if (options.operands.length === 0) return usageOfWget(process, call);
  const wanted: WgetOptions = {
    quiet: options.flags.has("q"),
    spider: options.flags.has("spider"),
    output: options.values.get("O"),
    showHead: options.flags.has("S"),
    timeoutMs: Number(options.values.get("T") ?? 900) * 1000 || 900_000,
    headers: options.all.filter(([name]) => name === "header").map(([, value]) => value),
    body: options.values.get("post"),
    userAgent: options.values.get("U") ?? "Wget",
    folder: options.values.get("P") ?? ".",
    checksCertificate: !options.flags.has("n"),
  };
  for (const text of options.operands) await new Download(process, call, wanted).fetch(text);
  return 0;
};

async function usageOfWget(process: Process, call: Call): Promise<never> {
  await process.complain(
    `BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.\n\nUsage: ${call.name} [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]\n`,
  );
  throw new ProcessExit(1);
}

class Download {
  readonly #process: Process;
  readonly #call: Call;
  readonly #options: WgetOptions;
  #noted = false;

  constructor(process: Process, call: Call, options: WgetOptions) {
    this.#process = process;
    this.#call = call;
    this.#options = options;
  }

  async fetch(text: string): Promise<void> {
    let url = parseUrl(text);
    for (let redirects = 0; ; redirects++) {
      if (!url) return this.#die(`bad address '${text}'`);
      if (url.scheme !== "http" && url.scheme !== "https") return this.#die(`not an http or ftp url: ${text}`);
      if (redirects > 10) return this.#die("too many redirections");
      const location = await this.#attempt(url);
      if (location === undefined) return;
      url = location.startsWith("/") ? { ...url, target: location } : parseUrl(location);
    }
  }

  /** One request; a redirect gives its location. */
  async #attempt(url: Url): Promise<string | undefined> {
    const connection = await this.#connect(url);
    try {
      const stream = url.scheme === "https" ? await this.#secure(connection, url) : connection;
      return await this.#inTime(this.#converse(stream, url));
    } catch (error) {
      if (error instanceof HttpFormatError || error instanceof BrokenPipeError)
        return await this.#die("error getting response");
      if (error instanceof ConnectionResetError)
        return await this.#die("error getting response: Connection reset by peer");
      throw error;
    } finally {
      connection.reset();
    }
  }

  async #secure(connection: Connection, { host }: Url): Promise<Duplex> {
    if (this.#options.checksCertificate && !this.#noted) {
      this.#noted = true;
      await complain(this.#process, this.#call, "note: TLS certificate validation not implemented");
    }
    const secured = await this.#inTime(openSecure(this.#process, connection, { name: host }));
    if (secured.kind === "failed") return this.#die("TLS error from peer (alert code 40): handshake failure");
    return secured.stream;
  }

  async #connect(url: Url): Promise<Connection> {
    const process = this.#process;
    const address = await lookUp(process, url.host);
    if (address === undefined) return this.#die(`bad address '${url.authority}'`);
    if (!this.#options.quiet) await process.complain(`Connecting to ${url.authority} (${address}:${url.port})\n`);
    try {
      return await this.#inTime(
        process.machine.network.connect(
          { address, port: url.port },
          { timeoutMs: Math.min(this.#options.timeoutMs, 127_000) },
        ),
      );
    } catch (error) {
      if (error instanceof ProcessExit) throw error;
      if (error instanceof ConnectionTimeoutError && this.#options.timeoutMs < 127_000)
        return this.#die("download timed out");
      return this.#die(`can't connect to remote host (${address}): ${connectionProblem(error)}`);
    }
  }

  async #converse(connection: Duplex, url: Url): Promise<string | undefined> {
    const { body, headers, userAgent } = this.#options;
    const named = (name: string): boolean => headers.some((header) => header.toLowerCase().startsWith(`${name}:`));
    const lines = [`${body === undefined ? (this.#options.spider ? "HEAD" : "GET") : "POST"} ${url.target} HTTP/1.1`];
    if (!named("host")) lines.push(`Host: ${url.authority}`);
    if (!named("user-agent")) lines.push(`User-Agent: ${userAgent}`);
    lines.push(...headers);
    if (url.user !== undefined) lines.push(`Authorization: Basic ${btoa(url.user)}`);
    if (body !== undefined) {
      if (!named("content-type")) lines.push("Content-Type: application/x-www-form-urlencoded");
      lines.push(`Content-Length: ${asByteText(body).length}`);
    }
    lines.push("Connection: close");
    await connection.writer.write(toBytes(asByteText(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`)));
    const messages = new MessageReader(connection.reader);
    const head = await messages.head();
    if (!head) return this.#die("error getting response");
    if (this.#options.showHead)
      for (const line of [head.start, ...head.lines]) await this.#process.complain(`  ${line}\n`);
    const status = Number(/^HTTP\/\d\.\d (\d{3})/.exec(head.start)?.[1] ?? 0);
    const location = head.headers.get("location");
    if (status >= 300 && status < 400 && location !== undefined) return location;
    if (status < 200 || status >= 300) return this.#die(`server returned error: ${head.start}`);
    if (this.#options.spider) {
      if (!this.#options.quiet) await this.#process.complain("remote file exists\n");
      return undefined;
    }
    await this.#save(messages, head, url);
    return undefined;
  }

  async #save(messages: MessageReader, head: MessageHead, url: Url): Promise<void> {
    const process = this.#process;
    const { quiet } = this.#options;
    const path =
      this.#options.output ??
      `${this.#options.folder === "." ? "" : `${this.#options.folder}/`}${baseName(url.target.split("?", 1)[0] ?? "") === "/" ? "index.html" : baseName(url.target.split("?", 1)[0] ?? "")}`;
    let file: OpenFile | undefined;
    if (path !== "-") {
      const exclusive = this.#options.output === undefined;
      try {
        file = process.machine.fileSystem.open(process, path, { write: true, create: true, truncate: true, exclusive });
      } catch (error) {
        if (!(error instanceof FileError)) throw error;
        return this.#die(`can't open '${path}': ${error.message}`);
      }
    }
    if (!quiet) await process.complain(path === "-" ? "writing to stdout\n" : `saving to '${path}'\n`);
    let size = 0;
    for await (const piece of messages.body(head, true)) {
      size += piece.byteLength;
      if (file) await file.write(piece, process);
      else await process.write(1, piece);
    }
    file?.release();
    if (quiet) return;
    const shown = path === "-" ? "-" : baseName(path).slice(0, 20);
    await process.complain(
      `${shown.padEnd(20)} 100% |${"*".repeat(32)}| ${String(size).padStart(5)}  0:00:00 ETA\n${path === "-" ? "written to stdout" : `'${path}' saved`}\n`,
    );
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    return withDeadline(this.#process, this.#options.timeoutMs, work, () => this.#die("download timed out"));
  }

  async #die(text: string): Promise<never> {
    await complain(this.#process, this.#call, text);
    throw new ProcessExit(1);
  }
}

/** `work`, or what `late` does when it takes longer. */
export async function withDeadline<T>(
  process: Process,
  ms: number,
  work: Promise<T>,
  late: () => Promise<T>,
): Promise<T> {
  let cancel = (): void => {};
  const alarm = new Promise<"late">((done) => {
    const timer = process.clock.schedule(ms, () => done("late"));
    cancel = () => timer.cancel();
  });
  // A loser that fails later must not go unheard.
  work.catch(() => undefined);
  try {
    const first = await process.until(Promise.race([work.then((value) => ({ value })), alarm]));
    return first === "late" ? await late() : first.value;
  } finally {
    cancel();
  }
}

export const webApplets: readonly (readonly [string, Applet])[] = [["wget", wget]];
