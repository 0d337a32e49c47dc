import type { IPAddress, Service } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { isAlreadyExists, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { IP_ADDRESSES } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";

const MANAGED_BY = "ipaddress.kubernetes.io/managed-by";
const ALLOCATOR = "ipallocator.k8s.io";

/**
 * Keeps an IPAddress for each cluster IP, as the API server's allocator does: with the Service it comes and goes, and
 * deleted by hand it comes back. https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
 */
export class ServiceAddressController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    const { services, ipAddresses } = informers;
    services.addIndex(BY_ADDRESS, addressesOf);
    this.#controller = new Controller({
      name: "service-address",
      clock,
      sync: (address) => this.#sync(address),
      informers: [services, ipAddresses],
      onError,
    });
    const { queue } = this.#controller;
    const enqueue = (service: Service): void => {
      for (const address of addressesOf(service)) queue.add(address);
    };
    services.addHandler({
      added: enqueue,
      updated: (old, service) => {
        enqueue(old);
        enqueue(service);
      },
      deleted: enqueue,
    });
    ipAddresses.addHandler({ deleted: ({ metadata }) => queue.add(metadata.name) });
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  async #sync(address: string): Promise<void> {
    const { informers, client } = this.#context;
    const [service] = informers.services.byIndex(BY_ADDRESS, address);
    const present = informers.ipAddresses.get("", address);
    if (present && (!service || !isOf(present, service))) {
      // One that somebody made by hand is not the allocator's to take away.
      if (present.metadata.labels?.[MANAGED_BY] !== ALLOCATOR) return;
      await client.delete(IP_ADDRESSES, { namespace: "", name: address }).catch(ignore(isNotFound));
      return;
    }
    if (!service || present) return;
    await client.create(IP_ADDRESSES, addressObject(address, service)).catch(ignore(isAlreadyExists));
  }
}

const BY_ADDRESS = "clusterIP";

function addressesOf({ spec }: Service): string[] {
  return (spec?.clusterIPs ?? []).filter((address) => address !== "" && address !== "None");
}

function isOf({ spec }: IPAddress, { metadata }: Stored<Service>): boolean {
  const { name, namespace, resource } = spec.parentRef;
  return resource === "services" && name === metadata.name && namespace === metadata.namespace;
}

function addressObject(address: string, { metadata }: Stored<Service>): IPAddress {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "IPAddress",
    metadata: {
      name: address,
      labels: {
        "ipaddress.kubernetes.io/ip-family": address.includes(":") ? "IPv6" : "IPv4",
        [MANAGED_BY]: ALLOCATOR,
      },
    },
    spec: { parentRef: { name: metadata.name, namespace: metadata.namespace, resource: "services" } },
  };
}

function ignore(isExpected: (error: unknown) => boolean): (error: unknown) => void {
  return (error) => {
    if (!isExpected(error)) throw error;
  };
}
