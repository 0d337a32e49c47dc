import type { EndpointSlice, Service } from "../api/generated/kubernetes";
import type { Informer } from "../client/informer";
import type { Random } from "../random";
import type { Connection, NetworkHost, SocketAddress } from "./network";
import { slicesOf } from "./service-proxy";
import { Endpoints } from "./service-table";

/** One port of a Service, by its number. */
export interface ServicePortName {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

/** A TCP port of a Service, for somebody who wants to choose one. */
export interface ServiceListing extends ServicePortName {
  readonly type: string;
  /** The port's name, where it has one. */
  readonly name: string | undefined;
  /** How many endpoints are ready to answer. */
  readonly ready: number;
}

/** Services as one who watches the cluster from a browser opens them. */
export interface ServiceAccess {
  /** Every TCP port of every Service that has a place in the cluster, by namespace and name. */
  list(): readonly ServiceListing[];
  /**
   * Connects from the control plane to one of the Service's ready endpoints, as the API server's own proxy does: no
   * Service rule is on the way, policies are. Rejects as `NetworkHost.connect` does.
   * @throws NoSuchServiceError, NoEndpointsError
   */
  dial(target: ServicePortName, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<Connection>;
}

export class NoSuchServiceError extends Error {
  override readonly name = "NoSuchServiceError";
}
export class NoEndpointsError extends Error {
  override readonly name = "NoEndpointsError";
}

export interface ServiceDoorParts {
  readonly services: Informer<Service>;
  readonly endpointSlices: Informer<EndpointSlice>;
  /** The machine that the API server runs on. */
  readonly host: NetworkHost;
  readonly random: Random;
}

export class ServiceDoor implements ServiceAccess {
  readonly #parts: ServiceDoorParts;

  constructor(parts: ServiceDoorParts) {
    this.#parts = parts;
  }

  list(): readonly ServiceListing[] {
    const all = this.#parts.services.list().flatMap(({ metadata, spec }): ServiceListing[] => {
      const place = { namespace: metadata.namespace ?? "", service: metadata.name };
      const type = spec?.type ?? "ClusterIP";
      if (type === "ExternalName") return [];
      return (spec?.ports ?? [])
        .filter(({ protocol = "TCP" }) => protocol === "TCP")
        .map(({ port, name }) => ({ ...place, port, type, name, ready: this.#ready({ ...place, port }, name).length }));
    });
    return all.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  }

  async dial(target: ServicePortName, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<Connection> {
    const { services, random, host } = this.#parts;
    const service = services.get(target.namespace, target.service);
    const port = service?.spec?.ports?.find(
      ({ port: number, protocol = "TCP" }) => number === target.port && protocol === "TCP",
    );
    const words = `${target.namespace}/${target.service}:${target.port}`;
    if (!port || service?.spec?.type === "ExternalName") throw new NoSuchServiceError(`no Service port ${words}`);
    const ready = this.#ready(target, port.name);
    const chosen = ready[random.below(Math.max(1, ready.length))];
    if (!chosen) throw new NoEndpointsError(`nothing is ready behind ${words}`);
    return await host.connect({ address: chosen.address, port: chosen.port }, options);
  }

  #ready({ namespace, service }: ServicePortName, portName = ""): readonly SocketAddress[] {
    const slices = slicesOf(this.#parts.endpointSlices, { namespace, name: service });
    return new Endpoints(slices, portName, "TCP").usable.filter(({ ready }) => ready);
  }
}

function orderOf({ namespace, service, port }: ServicePortName): string {
  return `${namespace}/${service}/${String(port).padStart(5, "0")}`;
}
