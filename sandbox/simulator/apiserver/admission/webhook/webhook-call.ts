import type { AdmissionregistrationV1WebhookClientConfig, Service } from "../../../api/generated/kubernetes";
import type { Clock } from "../../../clock";
import { ConnectionRefusedError, ConnectionTimeoutError } from "../../../network/network";
import type { Duplex } from "../../../pipe";
import { isIP } from "../../../registry/ip";
import { SERVICES } from "../../../registry/references";
import type { StrategyContext } from "../../../registry/strategy";
import type { Dialer } from "../../proxy/proxy";

/** One webhook as it is to be called. */
export interface WebhookCall {
  readonly client: AdmissionregistrationV1WebhookClientConfig;
  readonly timeoutSeconds: number;
}

/** Where a call goes: what its URL says, and where its connection is opened. */
interface Destination {
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

export interface CallContext {
  readonly objects: Pick<StrategyContext, "lookup">;
  readonly dial: Dialer;
  readonly clock: Clock;
}

/**
 * Calls a webhook on the cluster's own network, and nowhere else, and says why that failed: nothing there can hold a
 * certificate, so that a call never gets further than its handshake.
 */
export async function callWebhook(call: WebhookCall, context: CallContext): Promise<string> {
  const { url } = urlOf(call);
  const failed = (why: string): string => `Post ${JSON.stringify(url)}: ${why}`;
  const destination = resolve(call, context);
  if ("fault" in destination) return failed(destination.fault);
  const { host, port } = destination;
  const address = host === "localhost" ? "127.0.0.1" : host.replace(/^\[(.*)\]$/, "$1");
  if (!isIP(address)) return failed(`dial tcp: lookup ${host} on ${NODE_RESOLVER}: no such host`);
  const shown = host === "localhost" ? `[::1]:${port}` : `${host}:${port}`;
  const timeoutMs = call.timeoutSeconds * 1000;
  try {
    const connection = await context.dial({ address, port }, { timeoutMs });
    return failed(await handshake(connection, timeoutMs, context.clock));
  } catch (error) {
    if (error instanceof ConnectionTimeoutError) return failed("context deadline exceeded");
    const why = error instanceof ConnectionRefusedError ? "connection refused" : "network is unreachable";
    return failed(`dial tcp ${shown}: connect: ${why}`);
  }
}

// What a node's container asks for names.
const NODE_RESOLVER = "172.18.0.1:53";

function urlOf({ client: { url, service }, timeoutSeconds }: WebhookCall): Destination {
  const suffix = `?timeout=${timeoutSeconds}s`;
  if (service) {
    const host = `${service.name}.${service.namespace}.svc`;
    const port = service.port ?? 443;
    return { url: `https://${host}:${port}${cleanPath(service.path)}${suffix}`, host, port };
  }
  const [, authority = "", path = ""] = /^https:\/\/([^/?#]*)([^?#]*)/.exec(url ?? "") ?? [];
  const [, host = authority, port = "443"] = /^(.*):(\d+)$/.exec(authority) ?? [];
  return { url: `https://${authority}${cleanPath(path)}${suffix}`, host, port: Number(port) };
}

function cleanPath(path = ""): string {
  return `/${path.split("/").filter(Boolean).join("/")}`;
}

/** A Service is reached at its cluster address; the proxy on the node finds the pods behind it. */
function resolve(call: WebhookCall, { objects }: CallContext): Pick<Destination, "host" | "port"> | { fault: string } {
  const { service } = call.client;
  if (!service) return urlOf(call);
  const port = service.port ?? 443;
  const found: Service | undefined = objects.lookup(SERVICES, service.namespace, service.name);
  if (!found) return { fault: `service ${JSON.stringify(service.name)} not found` };
  const { type = "ClusterIP", clusterIP = "", externalName = "", ports = [] } = found.spec ?? {};
  if (type === "ExternalName") {
    return port === 443
      ? { host: externalName, port }
      : { fault: `unsupported port ${port} for external name service ${JSON.stringify(service.name)}` };
  }
  if (clusterIP === "None") return { host: `${service.name}.${service.namespace}.svc`, port };
  if (!ports.some((each) => each.port === port)) {
    return { fault: `no service port ${port} found for service ${JSON.stringify(service.name)}` };
  }
  return { host: clusterIP, port };
}

/** The beginning of a ClientHello: enough for a server without TLS to show that it has none. */
const HELLO = Uint8Array.of(0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x03, 0x0d, 0x0a, 0x0d, 0x0a);

async function handshake({ reader, writer }: Duplex, timeoutMs: number, clock: Clock): Promise<string> {
  const outcome = new Promise<string>((resolve) => {
    const timer = clock.schedule(timeoutMs, () => resolve("context deadline exceeded"));
    void answered({ reader, writer }).then((why) => {
      timer.cancel();
      resolve(why);
    });
  });
  const why = await outcome;
  writer.end();
  reader.cancel();
  return why;
}

async function answered({ reader, writer }: Duplex): Promise<string> {
  try {
    await writer.write(HELLO);
    const answer = await reader.read();
    if (!answer) return "EOF";
    const isHttp = new TextDecoder().decode(answer.subarray(0, 5)) === "HTTP/";
    return isHttp
      ? "http: server gave HTTP response to HTTPS client"
      : "tls: first record does not look like a TLS handshake";
  } catch {
    // However the other side broke off, the client reads an end.
    return "EOF";
  }
}
