import type { Endpoints, Node, Pod } from "../../api/generated/kubernetes";
import type { KubeObject, Stored } from "../../api/object";
import { badRequest, failure, notFound, type StatusError } from "../../api/status";
import type { Random } from "../../random";
import { SERVICES, type CollectionRef } from "../../registry/references";
import { strategyContext, type ServerContext } from "../server-context";

export interface Location {
  readonly scheme: "http" | "https";
  readonly address: string;
  readonly port: number;
}

/** Where the name in a proxy's path leads: `pod`, `pod:port` or `https:pod:port`. Throws what the API server answers. */
export function podLocation(server: ServerContext, namespace: string, id: string): Location {
  const { scheme, name, port } = parseId("pod", id);
  const pod = find(server, PODS, namespace, name);
  const declared = pod.spec?.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;
  const address = pod.status?.podIP;
  if (!address) throw badRequest("address not allowed");
  return { scheme, address, port: port === "" ? (declared ?? defaultPort(scheme)) : Number(port) };
}

/** One of the Service's ready endpoints, by chance; its port is given by number or by name. */
export function serviceLocation(server: ServerContext, namespace: string, id: string): Location {
  const { scheme, name, port } = parseId("service", id);
  const service = find(server, SERVICES, namespace, name);
  let portName = port;
  if (/^[+-]?\d+$/.test(port)) {
    const declared = service.spec?.ports?.find((each) => each.port === Number(port));
    if (!declared) throw unavailable(`no service port ${Number(port)} found for service ${JSON.stringify(name)}`);
    portName = declared.name ?? "";
  }
  const endpoints = strategyContext(server).lookup(ENDPOINTS, namespace, name);
  const found = (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    ports
      .filter((each) => (each.name ?? "") === portName)
      .flatMap((each) => addresses.map(({ ip }) => ({ address: ip, port: each.port }))),
  );
  const chosen = pick(server.random, found);
  if (!chosen) {
    const isEmpty = (endpoints?.subsets ?? []).length === 0;
    throw unavailable(`no endpoints available for service ${JSON.stringify(isEmpty ? name : id)}`);
  }
  return { scheme, ...chosen };
}

/** A port of the node's own network; without one its kubelet is meant. */
export function nodeLocation(server: ServerContext, id: string): Location | { readonly kubeletOf: string } {
  const { scheme, name, port } = parseId("node", id);
  const node = find(server, NODES, "", name);
  if (port === "" || port === String(KUBELET_PORT)) return { kubeletOf: name };
  const address = node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
  if (!address) throw badRequest("address not allowed");
  return { scheme, address, port: Number(port) };
}

const KUBELET_PORT = 10250;

function parseId(what: string, id: string): { scheme: Location["scheme"]; name: string; port: string } {
  const parts = id.split(":");
  const [scheme = "", name = "", port = ""] = parts.length === 3 ? parts : ["", ...parts];
  const isValid = parts.length <= 3 && name !== "" && ["", "http", "https"].includes(scheme);
  const isPort = what === "service" || port === "" || (/^\d{1,5}$/.test(port) && Number(port) <= 65535);
  if (!isValid || !isPort) throw badRequest(`invalid ${what} request ${JSON.stringify(id)}`);
  return { scheme: scheme === "https" ? "https" : "http", name, port };
}

function defaultPort(scheme: Location["scheme"]): number {
  return scheme === "https" ? 443 : 80;
}

const PODS: CollectionRef<Pod> = { group: "", name: "pods" };
const NODES: CollectionRef<Node> = { group: "", name: "nodes" };
const ENDPOINTS: CollectionRef<Endpoints> = { group: "", name: "endpoints" };

function find<T extends KubeObject>(
  server: ServerContext,
  collection: CollectionRef<T>,
  namespace: string,
  name: string,
): Stored<T> {
  const found = strategyContext(server).lookup(collection, namespace, name);
  if (!found) throw notFound(collection, name);
  return found;
}

function pick<T>(random: Random, items: readonly T[]): T | undefined {
  return items[Math.floor(random.next() * items.length)];
}

export function unavailable(message: string): StatusError {
  return failure(503, "ServiceUnavailable", message);
}
