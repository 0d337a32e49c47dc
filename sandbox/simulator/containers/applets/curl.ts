import { FileError } from "../filesystem/file-error";
import { baseName } from "../filesystem/path";
import { HttpFormatError, type MessageHead, MessageReader } from "../http/message";
import {
  type Connection,
  ConnectionRefusedError,
  ConnectionResetError,
  ConnectionTimeoutError,
  NetworkUnreachableError,
} from "../../network/network";
import { BrokenPipeError, type Duplex } from "../../pipe";
import type { Process } from "../processes/process";
import { type Applet, asByteText, type Options, readOptions, toBytes } from "./applet";
import { openSecure, trustedBy } from "./secure";
import { lookUp, parseUrl, type Url, withDeadline } from "./web";

/** curl, for http: the options people use from a shell. */
export const curl: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "sSfLIivkX:H:d:o:Ow:m:A:u:",
    long: {
      silent: "s",
      "show-error": "S",
      fail: "f",
      location: "L",
      head: "I",
      include: "i",
      verbose: "v",
      insecure: "k",
      "request:": "X",
      "header:": "H",
      "data:": "d",
      "data-raw:": "d",
      "output:": "o",
      "remote-name": "O",
      "write-out:": "w",
      "max-time:": "m",
      "connect-timeout:": "connect",
      "user-agent:": "A",
      "user:": "u",
      "http1.1": "1",
      "cacert:": "cacert",
      "resolve:": "resolve",
      version: "version",
    },
  });
  if (options.flags.has("version")) {
    await process.print(
      "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1\nRelease-Date: 2023-02-20, security patched: 7.88.1-10+deb12u14\nProtocols: http https\n",
    );
    return 0;
  }
  if (options.operands.length === 0) {
    await process.complain("curl: try 'curl --help' or 'curl --manual' for more information\n");
    return 2;
  }
  let status = 0;
  for (const text of options.operands) {
    try {
      await new Transfer(process, options).fetch(text);
    } catch (error) {
      if (!(error instanceof CurlError)) throw error;
      if (!options.flags.has("s") || options.flags.has("S"))
        await process.complain(`curl: (${error.code}) ${error.message}\n`);
      const format = options.values.get("w");
      if (format !== undefined)
        await process.print(writeOut(format, { http_code: "000", size_download: "0", time_total: "0.000000" }));
      status = error.code;
    }
  }
  return status;
};

class CurlError extends Error {
  override readonly name = "CurlError";
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

class Transfer {
  readonly #process: Process;
  readonly #options: Options;
  readonly #startedAt: number;

  constructor(process: Process, options: Options) {
    this.#process = process;
    this.#options = options;
    this.#startedAt = process.clock.now();
  }

  async fetch(text: string): Promise<void> {
    const seconds = Number(this.#options.values.get("m") ?? 0);
    const work = this.#follow(text);
    if (seconds <= 0) return work;
    return withDeadline(this.#process, seconds * 1000, work, () =>
      Promise.reject(
        new CurlError(
          28,
          `Operation timed out after ${this.#process.clock.now() - this.#startedAt} milliseconds with 0 bytes received`,
        ),
      ),
    );
  }

  async #follow(text: string): Promise<void> {
    let url = parseUrl(text);
    for (let redirects = 0; ; redirects++) {
      if (!url) throw new CurlError(3, "URL using bad/illegal format or missing URL");
      if (url.scheme !== "http" && url.scheme !== "https")
        throw new CurlError(1, `Protocol "${url.scheme}" not supported or disabled in libcurl`);
      if (redirects > 50) throw new CurlError(47, "Maximum (50) redirects followed");
      const location = await this.#attempt(url, text);
      if (location === undefined) return;
      url = location.startsWith("/") ? { ...url, target: location } : parseUrl(location);
    }
  }

  async #attempt(url: Url, text: string): Promise<string | undefined> {
    const connection = await this.#connect(url);
    try {
      const stream = url.scheme === "https" ? await this.#secure(connection, url) : connection;
      return await this.#process.until(this.#converse(stream, url, text));
    } catch (error) {
      if (error instanceof HttpFormatError) throw new CurlError(1, "Received HTTP/0.9 when not allowed");
      if (error instanceof BrokenPipeError || error instanceof ConnectionResetError)
        throw new CurlError(56, "Recv failure: Connection reset by peer");
      throw error;
    } finally {
      connection.reset();
    }
  }

  async #secure(connection: Connection, { host }: Url): Promise<Duplex> {
    const { flags, values } = this.#options;
    const secured = await openSecure(this.#process, connection, {
      name: host,
      ...(!flags.has("k") && { authorities: trustedBy(this.#process, values.get("cacert")) }),
    });
    if (secured.kind === "failed") throw new CurlError(secured.code, secured.message);
    await this.#say("* SSL connection using TLSv1.3 / TLS_AES_128_GCM_SHA256");
    await this.#say(`* Server certificate:\n*  subject: CN=${secured.certificate?.commonName ?? ""}`);
    return secured.stream;
  }

  /** The address that `--resolve HOST:PORT:ADDRESS` says, or that of the name. */
  async #addressOf(url: Url): Promise<string | undefined> {
    for (const [name, value] of this.#options.all) {
      const [host, port, address] = value.split(":");
      if (name === "resolve" && host === url.host && Number(port) === url.port) return address;
    }
    return lookUp(this.#process, url.host);
  }

  async #connect(url: Url): Promise<Connection> {
    const { machine } = this.#process;
    const began = this.#process.clock.now();
    const address = await this.#addressOf(url);
    if (address === undefined) throw new CurlError(6, `Could not resolve host: ${url.host}`);
    const seconds = Number(this.#options.values.get("connect") ?? 0);
    await this.#say(`*   Trying ${address}:${url.port}...`);
    try {
      const connection = await this.#process.until(
        machine.network.connect({ address, port: url.port }, seconds > 0 ? { timeoutMs: seconds * 1000 } : {}),
      );
      await this.#say(`* Connected to ${url.host} (${address}) port ${url.port} (#0)`);
      return connection;
    } catch (error) {
      const spent = this.#process.clock.now() - began;
      if (error instanceof ConnectionTimeoutError && seconds > 0)
        throw new CurlError(
          28,
          `Failed to connect to ${url.host} port ${url.port} after ${spent} ms: Timeout was reached`,
        );
      if (
        error instanceof ConnectionRefusedError ||
        error instanceof ConnectionTimeoutError ||
        error instanceof NetworkUnreachableError
      ) {
        throw new CurlError(
          error instanceof ConnectionTimeoutError ? 28 : 7,
          `Failed to connect to ${url.host} port ${url.port} after ${spent} ms: Couldn't connect to server`,
        );
      }
      throw error;
    }
  }

  async #converse(connection: Duplex, url: Url, text: string): Promise<string | undefined> {
    const { flags, values, all } = this.#options;
    const data = all.filter(([name]) => name === "d").map(([, value]) => value);
    const method = values.get("X") ?? (flags.has("I") ? "HEAD" : data.length > 0 ? "POST" : "GET");
    const given = all.filter(([name]) => name === "H").map(([, value]) => value);
    const headers = new Map([
      ["Host", url.port === (url.scheme === "https" ? 443 : 80) ? url.host : `${url.host}:${url.port}`],
      ["User-Agent", values.get("A") ?? "curl/7.88.1"],
      ["Accept", "*/*"],
    ]);
    const user = values.get("u") ?? url.user;
    if (user !== undefined) headers.set("Authorization", `Basic ${btoa(user)}`);
    const body = asByteText(data.join("&"));
    if (data.length > 0) {
      headers.set("Content-Length", String(body.length));
      headers.set("Content-Type", "application/x-www-form-urlencoded");
    }
    for (const header of given)
      for (const name of headers.keys())
        if (header.toLowerCase().startsWith(`${name.toLowerCase()}:`)) headers.delete(name);
    const lines = [
      `${method} ${url.target} HTTP/1.1`,
      ...[...headers].map(([name, value]) => `${name}: ${value}`),
      ...given,
    ];
    for (const line of [...lines, ""]) await this.#say(`> ${line}`);
    await connection.writer.write(toBytes(`${lines.map(asByteText).join("\r\n")}\r\n\r\n${body}`));
    const messages = new MessageReader(connection.reader);
    const head = await messages.head();
    if (!head) throw new CurlError(52, "Empty reply from server");
    for (const line of [head.start, ...head.lines, ""]) await this.#say(`< ${line}`);
    return this.#receive(messages, head, method, url, text);
  }

  async #receive(
    messages: MessageReader,
    head: MessageHead,
    method: string,
    url: Url,
    text: string,
  ): Promise<string | undefined> {
    const { flags, values } = this.#options;
    const code = /^HTTP\/\d\.\d (\d{3})/.exec(head.start)?.[1] ?? "000";
    const location = head.headers.get("location");
    if (flags.has("f") && Number(code) >= 400) throw new CurlError(22, `The requested URL returned error: ${code}`);
    const chunks: Uint8Array[] = [];
    if (flags.has("i") || flags.has("I"))
      chunks.push(toBytes(`${[head.start, ...head.lines].map(asByteText).join("\r\n")}\r\n\r\n`));
    const path = values.get("o") ?? (flags.has("O") ? baseName(url.target.split("?", 1)[0] ?? "") : undefined);
    const following = flags.has("L") && location !== undefined && code.startsWith("3");
    let size = 0;
    const file = path === undefined || path === "-" ? undefined : this.#open(path);
    const put = async (bytes: Uint8Array): Promise<void> =>
      file ? file.write(bytes, this.#process) : this.#process.write(1, bytes);
    for (const chunk of chunks) await put(chunk);
    if (method !== "HEAD" && !following) {
      for await (const piece of messages.body(head, true)) {
        size += piece.byteLength;
        await put(piece);
      }
    }
    file?.release();
    if (following) return location;
    const format = values.get("w");
    if (format !== undefined) {
      const seconds = ((this.#process.clock.now() - this.#startedAt) / 1000).toFixed(6);
      await this.#process.print(
        writeOut(format, {
          http_code: code,
          response_code: code,
          size_download: String(size),
          time_total: seconds,
          url: text,
          url_effective: text,
          content_type: head.headers.get("content-type") ?? "",
        }),
      );
    }
    return undefined;
  }

  #open(path: string) {
    try {
      return this.#process.machine.fileSystem.open(this.#process, path, { write: true, create: true, truncate: true });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      throw new CurlError(23, "Failure writing output to destination");
    }
  }

  async #say(text: string): Promise<void> {
    if (this.#options.flags.has("v")) await this.#process.complain(`${text}\n`);
  }
}

function writeOut(format: string, values: Readonly<Record<string, string>>): string {
  return format.replace(/%\{(\w+)\}|%%|\\([nrt\\])/g, (whole, name: string | undefined, escape: string | undefined) => {
    if (name !== undefined) return values[name] ?? "";
    return whole === "%%" ? "%" : ({ n: "\n", r: "\r", t: "\t", "\\": "\\" }[escape ?? ""] ?? whole);
  });
}
