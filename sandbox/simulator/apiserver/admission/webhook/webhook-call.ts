import type { AdmissionregistrationV1WebhookClientConfig, Service } from "../../../api/generated/kubernetes";
import type { Clock } from "../../../clock";
import { HttpFormatError, MessageReader, type MessageHead } from "../../../containers/http/message";
import { ConnectionRefusedError, ConnectionTimeoutError } from "../../../network/network";
import { judgeChain, readCertificates, type Certificate, type Trust } from "../../../network/tls/certificate";
import { connectTls } from "../../../network/tls/client";
import { DerError } from "../../../network/tls/der";
import { TlsAlertError, TlsError } from "../../../network/tls/record-layer";
import type { Duplex } from "../../../pipe";
import { isIP } from "../../../registry/ip";
import { SERVICES } from "../../../registry/references";
import type { StrategyContext } from "../../../registry/strategy";
import type { Dialer } from "../../proxy/proxy";
import { trustFault } from "./trust-fault";

/** One webhook as it is to be called. */
export interface WebhookCall {
  readonly client: AdmissionregistrationV1WebhookClientConfig;
  readonly timeoutSeconds: number;
  /** The AdmissionReview, as JSON. */
  readonly body: string;
}

/** What came back, or why nothing did. */
export type WebhookAnswer =
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "answered"; readonly status: number; readonly body: string };

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

/** Calls a webhook on the cluster's own network, and nowhere else. */
export async function callWebhook(call: WebhookCall, context: CallContext): Promise<WebhookAnswer> {
  const { url, host: name } = urlOf(call);
  const failed = (why: string): WebhookAnswer => ({ kind: "failed", why: `Post ${JSON.stringify(url)}: ${why}` });
  const destination = resolve(call, context);
  if ("fault" in destination) return failed(destination.fault);
  const { host, port } = destination;
  const address = host === "localhost" ? "127.0.0.1" : host.replace(/^\[(.*)\]$/, "$1");
  if (!isIP(address)) return failed(`dial tcp: lookup ${host} on ${NODE_RESOLVER}: no such host`);
  const shown = host === "localhost" ? `[::1]:${port}` : `${host}:${port}`;
  const timeoutMs = call.timeoutSeconds * 1000;
  try {
    const connection = await context.dial({ address, port }, { timeoutMs });
    const post = (): Promise<WebhookAnswer> => converse(connection, { call, url, name, context });
    return await within(timeoutMs, context.clock, connection, post).catch((error: unknown) => failed(faultOf(error)));
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

/** What the connection failed with, in words to show. */
class CallFault extends Error {
  override readonly name = "CallFault";
}

const DEADLINE = "context deadline exceeded";

async function within<T>(ms: number, clock: Clock, connection: Duplex, work: () => Promise<T>): Promise<T> {
  const close = (): void => {
    connection.writer.end();
    connection.reader.cancel();
  };
  const working = work().finally(close);
  const deadline = new Promise<never>((_, reject) => {
    const timer = clock.schedule(ms, () => {
      reject(new CallFault(DEADLINE));
      close();
    });
    const cancel = (): void => timer.cancel();
    working.then(cancel, cancel);
  });
  return Promise.race([working, deadline]);
}

interface Conversation {
  readonly call: WebhookCall;
  readonly url: string;
  /** Whom the certificate has to name. */
  readonly name: string;
  readonly context: CallContext;
}

async function converse(connection: Duplex, { call, url, name, context }: Conversation): Promise<WebhookAnswer> {
  const stream = await secured(connection, name, call.client.caBundle, context.clock.now());
  const body = new TextEncoder().encode(call.body);
  const [, authority = "", target = "/"] = /^https:\/\/([^/?#]*)(.*)$/.exec(url) ?? [];
  const lines = [
    `POST ${target} HTTP/1.1`,
    `Host: ${authority}`,
    "User-Agent: kube-apiserver-admission",
    `Content-Length: ${body.byteLength}`,
    "Accept: application/json, */*",
    "Content-Type: application/json",
    "Connection: close",
    "",
    "",
  ];
  await stream.writer.write(new TextEncoder().encode(lines.join("\r\n")));
  await stream.writer.write(body);
  const reader = new MessageReader(stream.reader);
  const head = await reader.head();
  if (!head) throw new CallFault("EOF");
  return { kind: "answered", status: statusOf(head), body: await textOf(reader, head) };
}

/** TLS with a server whose certificate the bundle vouches for; without a bundle nobody does. */
async function secured(connection: Duplex, name: string, caBundle: string | undefined, now: number): Promise<Duplex> {
  const judged: { trust: Trust; leaf?: Certificate } = { trust: "ok" };
  const accepts = async (chain: readonly Certificate[]): Promise<boolean> => {
    judged.leaf = chain[0];
    judged.trust = await judgeChain(chain, authoritiesIn(caBundle), name, now);
    return judged.trust === "ok";
  };
  try {
    return await connectTls(connection, { name, accepts });
  } catch (error) {
    if (judged.trust !== "ok") throw new CallFault(trustFault(judged.trust, judged.leaf, name, now), { cause: error });
    throw error;
  }
}

function authoritiesIn(caBundle: string | undefined): Certificate[] {
  try {
    return caBundle ? readCertificates(atob(caBundle)) : [];
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}

const MAX_ANSWER_BYTES = 3 * 1024 * 1024;

async function textOf(reader: MessageReader, head: MessageHead): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of reader.body(head, true)) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > MAX_ANSWER_BYTES) throw new CallFault("http: response body too large");
  }
  return text + decoder.decode();
}

function statusOf({ start }: MessageHead): number {
  const [, status] = /^HTTP\/1\.[01] (\d{3})\b/.exec(start) ?? [];
  if (status === undefined) throw new HttpFormatError(start);
  return Number(status);
}

/** Whatever the other side did, in the words of Go's client. */
function faultOf(error: unknown): string {
  if (error instanceof CallFault) return error.message;
  if (error instanceof TlsAlertError) return "remote error: tls: handshake failure";
  if (error instanceof HttpFormatError) return `malformed HTTP response ${JSON.stringify(error.message)}`;
  if (!(error instanceof TlsError) || error.received.length === 0) return "EOF";
  const isHttp = new TextDecoder().decode(error.received.subarray(0, 5)) === "HTTP/";
  return isHttp
    ? "http: server gave HTTP response to HTTPS client"
    : "tls: first record does not look like a TLS handshake";
}
