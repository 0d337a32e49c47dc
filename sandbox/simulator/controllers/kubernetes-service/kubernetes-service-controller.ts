import type { Endpoints, EndpointSlice, Service } from "../../api/generated/kubernetes";
import { isAlreadyExists } from "../../api/status";
import { Controller } from "../../client/controller";
import { ENDPOINT_SLICES, ENDPOINTS, SERVICES } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";

const NAMESPACE = "default";
const NAME = "kubernetes";

/** Where the API server is reached from inside the cluster. */
export interface ApiServerAddress {
  /** The first address of the Service range. */
  readonly clusterIP: string;
  readonly address: string;
  readonly port: number;
}

/** Keeps the Service `kubernetes` and its endpoints, which the API server itself owns: deleted, they come back. */
export class KubernetesServiceController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;
  readonly #address: ApiServerAddress;

  constructor(context: ControllerContext, address: ApiServerAddress) {
    this.#context = context;
    this.#address = address;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "kubernetes-service",
      clock,
      sync: () => this.#sync(),
      informers: [informers.services, informers.endpoints, informers.endpointSlices],
      onError,
    });
    const deleted = (object: Service | Endpoints | EndpointSlice) => {
      const { name, namespace } = object.metadata ?? {};
      if (namespace === NAMESPACE && name === NAME) this.#controller.queue.addAfter(NAME, RECREATE_MS);
    };
    informers.services.addHandler({ deleted });
    informers.endpoints.addHandler({ deleted });
    informers.endpointSlices.addHandler({ deleted });
  }

  start(): void {
    this.#controller.queue.add(NAME);
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  async #sync(): Promise<void> {
    const { informers, client } = this.#context;
    if (!informers.services.get(NAMESPACE, NAME)) await ignoreExisting(client.create(SERVICES, service(this.#address)));
    if (!informers.endpoints.get(NAMESPACE, NAME))
      await ignoreExisting(client.create(ENDPOINTS, endpoints(this.#address)));
    if (!informers.endpointSlices.get(NAMESPACE, NAME)) {
      await ignoreExisting(client.create(ENDPOINT_SLICES, endpointSlice(this.#address)));
    }
  }
}

/** The real API server looks every ten seconds; a learner need not wait that long to see it come back. */
const RECREATE_MS = 500;

async function ignoreExisting(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

function service({ clusterIP, port }: ApiServerAddress): Service {
  return {
    metadata: { name: NAME, namespace: NAMESPACE, labels: { component: "apiserver", provider: "kubernetes" } },
    spec: {
      clusterIP,
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: port }],
      sessionAffinity: "None",
      type: "ClusterIP",
    },
  };
}

function endpoints({ address, port }: ApiServerAddress): Endpoints {
  return {
    metadata: { name: NAME, namespace: NAMESPACE, labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: "https", port, protocol: "TCP" }] }],
  };
}

function endpointSlice({ address, port }: ApiServerAddress): EndpointSlice {
  return {
    metadata: { name: NAME, namespace: NAMESPACE, labels: { "kubernetes.io/service-name": NAME } },
    addressType: "IPv4",
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: "https", port, protocol: "TCP" }],
  };
}
