import type { Node, Pod } from "../../api/generated/kubernetes";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { PODS } from "../../client/resources";
import { toTime } from "../../clock";
import type { ControllerContext, Runnable } from "../context";
import { isPodTerminal } from "../pod-state";

const NODE_INDEX = "node";
/** A node that is gone may come back under its name: its pods are left alone this long. */
const QUARANTINE_MS = 40_000;
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

/**
 * Takes away pods that nobody else will: those of nodes that are gone or out of service.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection
 */
export class PodGcController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;
  /** When each node was seen gone, in epoch milliseconds. */
  readonly #goneSince = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "pod-gc",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.pods, informers.nodes],
      onError,
    });
    const { queue } = this.#controller;
    informers.pods.addIndex(NODE_INDEX, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    const nodeChanged = (node: Stored<Node>) => {
      this.#goneSince.delete(node.metadata.name);
      if (isOutOfService(node)) this.#enqueuePodsOf(node.metadata.name);
    };
    informers.nodes.addHandler({
      added: nodeChanged,
      updated: (_, node) => nodeChanged(node),
      deleted: (node) => this.#enqueuePodsOf(node.metadata.name),
    });
    informers.pods.addHandler({
      added: (pod) => queue.add(keyOf(pod)),
      updated: (before, pod) => {
        const isNews =
          before.spec?.nodeName !== pod.spec?.nodeName ||
          before.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp;
        if (isNews) queue.add(keyOf(pod));
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

  #enqueuePodsOf(node: string): void {
    for (const pod of this.#context.informers.pods.byIndex(NODE_INDEX, node)) this.#controller.queue.add(keyOf(pod));
  }

  async #sync(key: string): Promise<void> {
    const { informers, clock } = this.#context;
    const { namespace, name } = splitKey(key);
    const pod = informers.pods.get(namespace, name);
    if (!pod) return;
    const nodeName = pod.spec?.nodeName ?? "";
    if (nodeName === "") {
      if (pod.metadata.deletionTimestamp) await this.#remove(pod, "PodGC: unscheduled pod is terminating");
      return;
    }
    const node = informers.nodes.get("", nodeName);
    if (node) {
      const isLeft = pod.metadata.deletionTimestamp && isOutOfService(node);
      if (isLeft) await this.#remove(pod, "PodGC: node is out of service");
      return;
    }
    const since = this.#goneSince.get(nodeName) ?? clock.now();
    this.#goneSince.set(nodeName, since);
    const left = since + QUARANTINE_MS - clock.now();
    if (left > 0) this.#controller.queue.addAfter(key, left);
    else await this.#remove(pod, "PodGC: node no longer exists");
  }

  /** The pod is marked as failed first, so that whoever counts it knows why it went. */
  async #remove(pod: Stored<Pod>, message: string): Promise<void> {
    const { client, clock } = this.#context;
    const { namespace = "", name, uid, generation } = pod.metadata;
    try {
      if (!isPodTerminal(pod)) {
        const condition = {
          type: "DisruptionTarget",
          status: "True",
          reason: "DeletionByPodGC",
          message,
          observedGeneration: generation,
          lastTransitionTime: toTime(clock.now()),
        };
        const body = { status: { phase: "Failed", conditions: [condition] } };
        await client.patch(PODS, { namespace, name }, { type: "strategic", body, subresource: "status" });
      }
      await client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}

function isOutOfService(node: Node): boolean {
  const isReady = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  return !isReady && (node.spec?.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE);
}
