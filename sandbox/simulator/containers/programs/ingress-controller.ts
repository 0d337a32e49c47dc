import { IngressProxy, type Served } from "../../network/ingress/ingress-proxy";
import type { Connection } from "../../network/network";
import { DerError } from "../../network/tls/der";
import { TlsAlertError, TlsError } from "../../network/tls/record-layer";
import { selfSignedIdentity } from "../../network/tls/self-signed";
import { acceptTls, readIdentity, type TlsIdentity } from "../../network/tls/server";
import { converse, type WebClient } from "../../network/web-server";
import { serveHttp } from "../http/server";
import type { Process } from "../processes/process";
import { Interrupted } from "../processes/program";
import { commonTime } from "../http/dates";

const BANNER = `-------------------------------------------------------------------------------
NGINX Ingress controller
  Release:       v1.14.1
  Build:         6c1e4b93c1b9b7ee1d34b5e1dbb3a0d9de3b52dd
  Repository:    https://github.com/kubernetes/ingress-nginx
  nginx version: nginx/1.27.1

-------------------------------------------------------------------------------

`;

/** The ingress-nginx controller: routes HTTP and HTTPS as the cluster's Ingresses say, until told to stop. */
export async function ingressController(process: Process): Promise<number> {
  const { system, network, clock, random } = process.machine;
  const ingress = system?.ingress;
  if (!ingress) {
    await process.complain("F main.go: Error while initiating a connection to the Kubernetes API server.\n");
    return 255;
  }
  const asked = { stop: false };
  for (const signal of ["TERM", "INT"] as const) process.handle(signal, () => void (asked.stop = true));
  const proxy = new IngressProxy({ sources: ingress, host: network, clock, random });
  const front = new Front(process, proxy);
  const listeners = [
    network.listen({ port: 80 }, (connection) => front.accept(connection, "http")),
    network.listen({ port: 443 }, (connection) => front.accept(connection, "https")),
  ];
  process.onEnd(() => {
    proxy.stop();
    for (const listener of listeners) listener.close();
    front.stop();
  });
  const ok = { status: 200, reason: "OK", headers: [["Content-Type", "text/plain"]] as const, body: bytes("ok") };
  serveHttp(process, 10254, () => ok, ok);
  await process.print(BANNER);
  while (!asked.stop) {
    try {
      await process.until(new Promise<never>(() => {}));
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }
  await process.print("Received SIGTERM, shutting down\n");
  return 0;
}

/** The listening side: connections, certificates, and the access log. */
class Front {
  readonly #process: Process;
  readonly #proxy: IngressProxy;
  readonly #connections = new Set<Connection>();
  /** By certificate and key, PEM. */
  readonly #identities = new Map<string, Promise<TlsIdentity>>();
  #fake: Promise<TlsIdentity> | undefined;

  constructor(process: Process, proxy: IngressProxy) {
    this.#process = process;
    this.#proxy = proxy;
  }

  accept(connection: Connection, scheme: WebClient["scheme"]): void {
    this.#connections.add(connection);
    // One client's trouble must not end the controller for all.
    this.#serve(connection, scheme)
      .catch(() => connection.reset())
      .finally(() => this.#connections.delete(connection));
  }

  stop(): void {
    for (const connection of this.#connections) connection.reset();
  }

  async #serve(connection: Connection, scheme: WebClient["scheme"]): Promise<void> {
    const client: WebClient = { remote: connection.remote, scheme };
    const answer = async (request: Request): Promise<Response> => {
      const served = await this.#proxy.answer(request, client);
      await this.#log(request, client, served);
      return served.response;
    };
    if (scheme === "http") return converse(connection, client, answer);
    try {
      const { stream } = await acceptTls(connection, (name) => this.#identityFor(name));
      await converse(stream, client, answer);
    } catch (error) {
      if (error instanceof TlsError && error.received.length > 0) {
        await connection.writer.write(bytes(PLAIN_ON_HTTPS));
        connection.writer.end();
      } else if (error instanceof TlsError || error instanceof TlsAlertError) connection.reset();
      else throw error;
    }
  }

  /** A Secret that is missing or unreadable leaves the certificate of nobody. */
  async #identityFor(name: string | undefined): Promise<TlsIdentity> {
    const certificate = this.#proxy.certificateFor(name ?? "");
    if (!certificate) return this.#fakeIdentity();
    const key = `${certificate.cert}${certificate.key}`;
    const known = this.#identities.get(key) ?? this.#read(certificate);
    this.#identities.set(key, known);
    return known;
  }

  async #read({ cert, key }: { cert: string; key: string }): Promise<TlsIdentity> {
    try {
      return (await readIdentity(cert, key)) ?? (await this.#fakeIdentity());
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      return this.#fakeIdentity();
    }
  }

  #fakeIdentity(): Promise<TlsIdentity> {
    const subject = {
      commonName: "Kubernetes Ingress Controller Fake Certificate",
      organization: "Acme Co",
      name: "ingress.local",
    };
    return (this.#fake ??= selfSignedIdentity(subject, this.#process.clock.now()));
  }

  async #log(request: Request, { remote }: WebClient, { response, upstream }: Served): Promise<void> {
    const { pathname, search } = new URL(request.url);
    const size = response.headers.get("content-length") ?? "0";
    const agent = request.headers.get("user-agent") ?? "-";
    const referer = request.headers.get("referer") ?? "-";
    const passed = upstream
      ? `[${upstream.name}] [] ${upstream.address} ${size} 0.001 ${response.status}`
      : "[] [] - - - -";
    const id = this.#process.machine.random.uuid().replaceAll("-", "");
    await this.#process.print(
      `${remote.address} - - [${commonTime(this.#process.clock.now())}] "${request.method} ${pathname}${search} HTTP/1.1" ${response.status} ${size} "${referer}" "${agent}" ${pathname.length + 80} 0.001 ${passed} ${id}\n`,
    );
  }
}

const PLAIN_PAGE =
  "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>The plain HTTP request was sent to HTTPS port</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
const PLAIN_ON_HTTPS = `HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: ${PLAIN_PAGE.length}\r\nConnection: close\r\n\r\n${PLAIN_PAGE}`;

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
