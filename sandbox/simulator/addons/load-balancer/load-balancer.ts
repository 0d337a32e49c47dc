import type { Service } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import type { EventRecorder } from "../../client/event-recorder";
import { SERVICES } from "../../client/resources";
import { recorderFor, type Runnable } from "../../controllers/context";
import type { Addon, AddonContext } from "../addon";

const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";
const NETWORK = "172.18.255.";
const [FIRST, LAST] = [200, 250];

/** Gives each Service of type LoadBalancer an address, as a cloud's service controller does. */
export const loadBalancer: Addon = { objects: [], make: (context) => new LoadBalancerController(context) };

class LoadBalancerController implements Runnable {
  readonly #context: AddonContext;
  readonly #recorder: EventRecorder;
  readonly #controller: Controller;

  constructor(context: AddonContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#recorder = recorderFor(context, "service-controller");
    // One worker: two Services must not get one address.
    this.#controller = new Controller({
      name: "load-balancer",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.services],
      onError,
    });
    const { queue } = this.#controller;
    informers.services.addHandler({
      added: (service) => queue.add(keyOf(service)),
      updated: (_, service) => queue.add(keyOf(service)),
      deleted: (service) => {
        if (addressOf(service) !== undefined) this.#retryWaiting();
      },
    });
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

  async #sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const service = this.#context.informers.services.get(namespace, name);
    if (!service) return;
    try {
      const wants = service.spec?.type === "LoadBalancer" && !service.spec.loadBalancerClass;
      if (!wants || service.metadata.deletionTimestamp) await this.#release(service);
      else await this.#ensure(service);
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(key);
    }
  }

  async #ensure(service: Stored<Service>): Promise<void> {
    if (addressOf(service) !== undefined) return;
    const { client } = this.#context;
    const address = this.#freeAddress(service);
    this.#recorder.event(service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer");
    if (address === undefined) {
      const why = "Error syncing load balancer: failed to ensure load balancer: no address is free";
      this.#recorder.event(service, "Warning", "SyncLoadBalancerFailed", why);
      return;
    }
    const held = await this.#withFinalizer(service);
    const status = { ...held.status, loadBalancer: { ingress: [{ ip: address, ipMode: "VIP" }] } };
    await client.updateStatus(SERVICES, { ...held, status });
    this.#recorder.event(service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer");
  }

  /** Only what was given from here is taken back. */
  async #release(service: Stored<Service>): Promise<void> {
    const finalizers = service.metadata.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) return;
    const { client } = this.#context;
    this.#recorder.event(service, "Normal", "DeletingLoadBalancer", "Deleting load balancer");
    let current = service;
    if (!equalJson(service.status?.loadBalancer, {})) {
      current = await client.updateStatus(SERVICES, { ...service, status: { ...service.status, loadBalancer: {} } });
    }
    const kept = finalizers.filter((each) => each !== FINALIZER);
    const metadata = { ...current.metadata, finalizers: kept.length > 0 ? kept : undefined };
    await client.update(SERVICES, { ...current, metadata });
    this.#recorder.event(service, "Normal", "DeletedLoadBalancer", "Deleted load balancer");
    this.#retryWaiting();
  }

  async #withFinalizer(service: Stored<Service>): Promise<Stored<Service>> {
    const finalizers = service.metadata.finalizers ?? [];
    if (finalizers.includes(FINALIZER)) return service;
    const metadata = { ...service.metadata, finalizers: [...finalizers, FINALIZER] };
    return this.#context.client.update(SERVICES, { ...service, metadata });
  }

  /** The address the Service asks for, if it is one of ours and free, else the first free one. */
  #freeAddress(service: Stored<Service>): string | undefined {
    const services = this.#context.informers.services.list();
    const taken = new Set(services.filter((each) => keyOf(each) !== keyOf(service)).map(addressOf));
    const all = Array.from({ length: LAST - FIRST + 1 }, (_, at) => `${NETWORK}${FIRST + at}`);
    const asked = service.spec?.loadBalancerIP;
    return asked ? all.find((each) => each === asked && !taken.has(each)) : all.find((each) => !taken.has(each));
  }

  #retryWaiting(): void {
    for (const service of this.#context.informers.services.list()) {
      if (service.spec?.type === "LoadBalancer" && addressOf(service) === undefined) {
        this.#controller.queue.add(keyOf(service));
      }
    }
  }
}

function addressOf({ status }: Service): string | undefined {
  return status?.loadBalancer?.ingress?.[0]?.ip;
}
