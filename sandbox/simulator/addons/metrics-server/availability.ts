import type { APIServiceCondition, Pod } from "../../api/generated/kubernetes";
import type { Labels } from "../../api/labels";
import { equalJson } from "../../api/json";
import type { Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { API_SERVICES } from "../../client/resources";
import { toTime } from "../../clock";
import type { Runnable } from "../../controllers/context";
import type { AddonContext } from "../addon";
import { readyPod } from "../ready-pod";

export const API_SERVICE = "v1beta1.metrics.k8s.io";

/** Says on the APIService whether somebody answers behind it, as the API server's own check does. */
export class AvailabilityController implements Runnable {
  readonly #context: AddonContext;
  readonly #namespace: string;
  readonly #labels: Labels;
  readonly #controller: Controller;

  constructor(context: AddonContext, namespace: string, labels: Labels) {
    this.#context = context;
    this.#namespace = namespace;
    this.#labels = labels;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "apiservice-availability",
      clock,
      sync: () => this.#sync(),
      informers: [informers.pods],
      onError,
    });
    const look = (pod: Stored<Pod>): void => {
      if (pod.metadata.namespace === namespace) this.#controller.queue.add(API_SERVICE);
    };
    informers.pods.addHandler({ added: look, updated: (_, pod) => look(pod), deleted: look });
  }

  start(): void {
    this.#controller.queue.add(API_SERVICE);
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  async #sync(): Promise<void> {
    const { client, informers, clock } = this.#context;
    try {
      const service = await client.get(API_SERVICES, { namespace: "", name: API_SERVICE });
      const before = service.status?.conditions?.find(({ type }) => type === "Available");
      const verdict = readyPod(informers, this.#namespace, this.#labels) ? PASSED : MISSING;
      const since = before?.status === verdict.status ? before.lastTransitionTime : undefined;
      const condition: APIServiceCondition = { ...verdict, lastTransitionTime: since ?? toTime(clock.now()) };
      if (equalJson(condition, before)) return;
      await client.updateStatus(API_SERVICES, { ...service, status: { conditions: [condition] } });
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(API_SERVICE);
    }
  }
}

const PASSED = { type: "Available", status: "True", reason: "Passed", message: "all checks passed" };
const MISSING = {
  type: "Available",
  status: "False",
  reason: "MissingEndpoints",
  message: 'endpoints for service/metrics-server in "kube-system" have no addresses with port name "https"',
};
