import type { EndpointSlice, Service } from "../api/generated/kubernetes";
import { keyOf, type Stored } from "../api/object";
import type { Informer } from "../client/informer";
import type { Clock } from "../clock";
import { toTime } from "../clock";
import type { Listener, NetworkHost } from "./network";
import { slicesOf } from "./service-proxy";
import { serveWeb } from "./web-server";

export interface HealthChecksOptions {
  readonly services: Informer<Service>;
  readonly endpointSlices: Informer<EndpointSlice>;
  /** The nodes' own places in the network. */
  readonly nodes: readonly NetworkHost[];
  readonly clock: Clock;
}

/** kube-proxy's own health, on every node. */
const PROXY_HEALTH_PORT = 10256;

/**
 * What load balancers ask nodes: `healthCheckNodePort` of Services with `externalTrafficPolicy: Local` tells whether
 * the node has an endpoint, port 10256 whether kube-proxy works.
 */
export class HealthChecks {
  readonly #options: HealthChecksOptions;
  readonly #listeners = new Map<string, { port: number; listeners: readonly Listener[] }>();
  readonly #ends: (() => void)[];

  constructor(options: HealthChecksOptions) {
    this.#options = options;
    const { services, nodes } = options;
    const healthz = nodes.map((node) => serveWeb(node, PROXY_HEALTH_PORT, (request) => this.#proxyHealth(request)));
    this.#ends = [
      ...healthz.map((listener) => () => listener.close()),
      services.addHandler({
        added: (service) => this.#changed(service),
        updated: (_, service) => this.#changed(service),
        deleted: (service) => this.#close(keyOf(service)),
      }),
    ];
  }

  stop(): void {
    for (const end of this.#ends) end();
    for (const key of [...this.#listeners.keys()]) this.#close(key);
  }

  #changed(service: Stored<Service>): void {
    const key = keyOf(service);
    const { type, externalTrafficPolicy, healthCheckNodePort } = service.spec ?? {};
    const port = type === "LoadBalancer" && externalTrafficPolicy === "Local" ? healthCheckNodePort : undefined;
    if (this.#listeners.get(key)?.port === port) return;
    this.#close(key);
    if (port === undefined) return;
    const { namespace = "", name } = service.metadata;
    const listeners = this.#options.nodes.map((node) =>
      serveWeb(node, port, () => Promise.resolve(this.#serviceHealth({ namespace, name }, node.label.name))),
    );
    this.#listeners.set(key, { port, listeners });
  }

  #close(key: string): void {
    for (const listener of this.#listeners.get(key)?.listeners ?? []) listener.close();
    this.#listeners.delete(key);
  }

  #serviceHealth(service: { namespace: string; name: string }, node: string): Response {
    const endpoints = slicesOf(this.#options.endpointSlices, service).flatMap((slice) => slice.endpoints ?? []);
    const localEndpoints = endpoints.filter(
      ({ nodeName, conditions }) => nodeName === node && conditions?.ready !== false,
    ).length;
    return json({ service, localEndpoints, serviceProxyHealthy: true }, localEndpoints > 0 ? 200 : 503);
  }

  #proxyHealth(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname !== "/healthz" && pathname !== "/livez") {
      return Promise.resolve(new Response("404 page not found\n", { status: 404 }));
    }
    const now = toTime(this.#options.clock.now());
    return Promise.resolve(json({ lastUpdated: now, currentTime: now, nodeEligible: true }, 200));
  }
}

function json(value: unknown, status: number): Response {
  const body = new TextEncoder().encode(JSON.stringify(value));
  const headers = { "content-type": "application/json", "x-content-type-options": "nosniff" };
  return new Response(body, { status, headers: { ...headers, "content-length": String(body.byteLength) } });
}
