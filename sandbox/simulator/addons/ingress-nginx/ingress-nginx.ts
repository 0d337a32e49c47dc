import type { Ingress, IngressLoadBalancerIngress } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import type { EventRecorder } from "../../client/event-recorder";
import { INGRESSES } from "../../client/resources";
import { recorderFor, type Runnable } from "../../controllers/context";
import { isServed } from "../../network/ingress/ingress-table";
import type { Addon, AddonContext } from "../addon";
import { readyPod } from "../ready-pod";
import { CONTROLLER_LABELS, INGRESS_NGINX_OBJECTS, NAME, NAMESPACE } from "./manifest";

/** The ingress controller of kind's guide; its pod routes, and this part writes what it would into the Ingresses. */
export const ingressNginx: Addon = {
  objects: INGRESS_NGINX_OBJECTS,
  make: (context) => new IngressStatusController(context),
};

/** Writes where Ingresses are reached: the Service's load balancer, or the node whose ports the controller has. */
class IngressStatusController implements Runnable {
  readonly #context: AddonContext;
  readonly #recorder: EventRecorder;
  readonly #controller: Controller;
  /** Generations that were taken up, by UID. */
  readonly #taken = new Map<string, number | undefined>();

  constructor(context: AddonContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    const { ingresses, ingressClasses, services, pods } = informers;
    this.#recorder = recorderFor(context, "nginx-ingress-controller");
    this.#controller = new Controller({
      name: "ingress-nginx",
      clock,
      sync: (key) => this.#sync(key),
      informers: [ingresses, ingressClasses, services, pods],
      onError,
    });
    const { queue } = this.#controller;
    ingresses.addHandler({
      added: (ingress) => queue.add(keyOf(ingress)),
      updated: (_, ingress) => queue.add(keyOf(ingress)),
      deleted: (ingress) => void this.#taken.delete(ingress.metadata.uid),
    });
    const all = (): void => ingresses.list().forEach((ingress) => queue.add(keyOf(ingress)));
    ingressClasses.addHandler({ added: all, updated: all, deleted: all });
    const own = ({ metadata }: { metadata: { namespace?: string } }): void => {
      if (metadata.namespace === NAMESPACE) all();
    };
    for (const informer of [services, pods]) {
      informer.addHandler({ added: own, updated: (_, object) => own(object), deleted: own });
    }
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
    const { informers, client } = this.#context;
    const { namespace, name } = splitKey(key);
    const ingress = informers.ingresses.get(namespace, name);
    const pod = readyPod(informers, NAMESPACE, CONTROLLER_LABELS);
    if (!ingress || !pod || !isServed(ingress, informers.ingressClasses.list())) return;
    this.#announce(ingress);
    const published = this.#addresses(pod.status?.hostIP);
    if (equalJson(ingress.status?.loadBalancer?.ingress ?? [], published)) return;
    try {
      await client.updateStatus(INGRESSES, { ...ingress, status: { loadBalancer: { ingress: published } } });
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(key);
    }
  }

  /** Once for each change of what an Ingress says. */
  #announce(ingress: Stored<Ingress>): void {
    const { uid, generation } = ingress.metadata;
    if (this.#taken.has(uid) && this.#taken.get(uid) === generation) return;
    this.#taken.set(uid, generation);
    this.#recorder.event(ingress, "Normal", "Sync", "Scheduled for sync");
  }

  #addresses(hostIP: string | undefined): IngressLoadBalancerIngress[] {
    const service = this.#context.informers.services.get(NAMESPACE, NAME);
    const balancers = (service?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [{ ip }] : []));
    return balancers.length > 0 ? balancers : hostIP ? [{ ip: hostIP }] : [];
  }
}
