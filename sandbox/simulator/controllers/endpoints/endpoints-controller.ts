import type { Endpoints, Service } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { isAlreadyExists, isConflict, isNamespaceTerminating, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { ENDPOINTS } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";
import { enqueueServices, isHeadless, selectedPods, selectsPods } from "../endpoint-slice/service-pods";
import { LAST_CHANGE_TRIGGER_TIME, TriggerTimes } from "../endpoint-slice/trigger-time";
import { subsetsOf } from "./subsets";

const MANAGED_BY = "endpoints.kubernetes.io/managed-by";
const HEADLESS = "service.kubernetes.io/headless";

/** Keeps the (deprecated) Endpoints object of each Service with a selector equal to the pods it selects. */
export class EndpointsController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;
  readonly #triggerTimes = new TriggerTimes();

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "endpoint",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.services, informers.pods, informers.endpoints],
      workers: 5,
      onError,
    });
    enqueueServices(this.#controller.queue, informers.services, informers.pods);
    informers.endpoints.addHandler({ deleted: (endpoints) => this.#controller.queue.add(keyOf(endpoints)) });
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
    const service = informers.services.get(namespace, name);
    try {
      if (!service) {
        this.#triggerTimes.forget(key);
        await this.#removeOwn(namespace, name);
        return;
      }
      if (!selectsPods(service)) return;
      const pods = selectedPods(service, informers.pods);
      const before = informers.endpoints.get(namespace, name);
      const after = endpointsOf(service, before, subsetsOf(service, pods), this.#triggerTimes.take(service, pods));
      if (!before) await client.create(ENDPOINTS, after);
      else if (!isSame(before, after)) await client.update(ENDPOINTS, after);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      if (!isConflict(error) && !isAlreadyExists(error) && !isNotFound(error)) throw error;
      this.#controller.queue.addRateLimited(key);
    }
  }

  /** Endpoints go with their Service, even those a person made for it. */
  async #removeOwn(namespace: string, name: string): Promise<void> {
    const { informers, client } = this.#context;
    if (!informers.endpoints.get(namespace, name)) return;
    try {
      await client.delete(ENDPOINTS, { namespace, name });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function endpointsOf(
  service: Stored<Service>,
  before: Stored<Endpoints> | undefined,
  subsets: Endpoints["subsets"],
  trigger: string | undefined,
): Endpoints {
  const annotations = {
    ...before?.metadata.annotations,
    ...(trigger !== undefined && { [LAST_CHANGE_TRIGGER_TIME]: trigger }),
  };
  const labels: Record<string, string> = { ...service.metadata.labels, [MANAGED_BY]: "endpoint-controller" };
  if (isHeadless(service)) labels[HEADLESS] = "";
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      ...(before?.metadata ?? { name: service.metadata.name, namespace: service.metadata.namespace }),
      labels,
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    ...((subsets ?? []).length > 0 && { subsets }),
  };
}

/** A new trigger time alone is no reason to write. */
function isSame(before: Endpoints, after: Endpoints): boolean {
  return (
    equalJson(before.subsets ?? [], after.subsets ?? []) && equalJson(before.metadata?.labels, after.metadata?.labels)
  );
}
