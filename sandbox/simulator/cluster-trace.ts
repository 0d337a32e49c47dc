import type { Pod } from "./api/generated/kubernetes";
import type { Lister } from "./client/informer";
import { parseUrl } from "./containers/applets/web";
import { DEFAULT_DNS, podResolvConf } from "./kubelet/resolv-conf";
import type { Network, NetworkHost } from "./network/network";
import { traceRequest, type TraceSource, type TraceTarget } from "./network/trace";

export interface TraceParts {
  readonly network: Network;
  readonly pods: Lister<Pod>;
  readonly outside: NetworkHost;
  /** Nodes' places by name. */
  readonly nodes: ReadonlyMap<string, NetworkHost>;
}

/** Beside the paths of Kubernetes: who may get them is RBAC's to say, as for any path. */
export const TRACE_PATH = "/slipway/trace";

/**
 * `GET /slipway/trace?from=NAMESPACE/POD|NODE|outside&to=http://NAME:PORT|NAME:PORT&protocol=TCP|UDP`: the way of that
 * request as JSON (`Trace`). 400 says what is wrong with the question.
 */
export async function answerTrace(url: URL, parts: TraceParts): Promise<Response> {
  const from = url.searchParams.get("from") ?? "outside";
  const source = sourceNamed(from, parts);
  if (!source)
    return plain(400, `from: no pod, node or "outside" is called ${JSON.stringify(from)} and has an address\n`);
  const target = targetIn(url.searchParams.get("to") ?? "", url.searchParams.get("protocol") ?? "TCP");
  if (!target) return plain(400, "to: a name or address with a port is wanted, as web.shop:80 or http://web.shop\n");
  const body = `${JSON.stringify({ from, to: `${target.host}:${target.port}`, ...(await traceRequest(source, target)) })}\n`;
  return new Response(body, { headers: { "content-type": "application/json" } });
}

function sourceNamed(from: string, { network, pods, outside, nodes }: TraceParts): TraceSource | undefined {
  const machine = from === "outside" ? outside : nodes.get(from);
  if (machine) return { host: machine, resolvConf: DEFAULT_DNS.nodeResolvConf, hosts: "127.0.0.1 localhost\n" };
  const [namespace = "default", name = ""] = from.includes("/") ? from.split("/") : ["default", from];
  const pod = pods.get(namespace, name);
  const host = pod?.status?.podIP === undefined ? undefined : network.hostAt(pod.status.podIP);
  if (!pod || !host) return undefined;
  const aliases = (pod.spec?.hostAliases ?? []).map(({ ip, hostnames }) => `${ip} ${(hostnames ?? []).join(" ")}\n`);
  const hosts = `127.0.0.1 localhost\n${host.address} ${pod.spec?.hostname ?? name}\n${aliases.join("")}`;
  return { host, resolvConf: podResolvConf(pod, DEFAULT_DNS), hosts };
}

function targetIn(text: string, protocol: string): TraceTarget | undefined {
  const url = parseUrl(text);
  const wanted = protocol.toUpperCase();
  if (!url || text === "" || (wanted !== "TCP" && wanted !== "UDP")) return undefined;
  return { host: url.host, port: url.port, protocol: wanted };
}

function plain(status: number, text: string): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
