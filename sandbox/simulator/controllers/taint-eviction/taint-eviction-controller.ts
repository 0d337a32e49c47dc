import type { Node, Pod, Taint } from "../../api/generated/kubernetes";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { isNotFound } from "../../api/status";
import { matchesTaint } from "../../api/taints";
import type { Client } from "../../client/client";
import { Controller } from "../../client/controller";
import type { EventRecorder } from "../../client/event-recorder";
import { PODS } from "../../client/resources";
import { toTime } from "../../clock";
import { recorderFor, type ControllerContext, type Runnable } from "../context";

const NODE_INDEX = "node";

/**
 * Deletes pods from nodes with a NoExecute taint, at once or when what they tolerate has lasted long enough.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
export class TaintEvictionController implements Runnable {
  readonly #context: ControllerContext;
  readonly #recorder: EventRecorder;
  readonly #controller: Controller;
  /** Since when each node has each of its taints, in epoch milliseconds: a taint need not say it itself. */
  readonly #since = new Map<string, ReadonlyMap<string, number>>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#recorder = recorderFor(context, "taint-eviction-controller");
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "taint-eviction",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.pods, informers.nodes],
      onError,
    });
    const { queue } = this.#controller;
    informers.pods.addIndex(NODE_INDEX, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    const nodeChanged = (node: Stored<Node>) => {
      this.#noteTaints(node);
      if (noExecute(node).length === 0) return;
      for (const pod of informers.pods.byIndex(NODE_INDEX, node.metadata.name)) queue.add(keyOf(pod));
    };
    informers.nodes.addHandler({
      added: nodeChanged,
      updated: (_, node) => nodeChanged(node),
      deleted: (node) => void this.#since.delete(node.metadata.name),
    });
    informers.pods.addHandler({
      added: (pod) => queue.add(keyOf(pod)),
      updated: (before, pod) => {
        if (before.spec?.nodeName !== pod.spec?.nodeName) queue.add(keyOf(pod));
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
    const { informers, client, clock } = this.#context;
    const { namespace, name } = splitKey(key);
    const pod = informers.pods.get(namespace, name);
    const node = pod?.spec?.nodeName ? informers.nodes.get("", pod.spec.nodeName) : undefined;
    if (!pod || !node || pod.metadata.deletionTimestamp) return;
    const since = this.#since.get(node.metadata.name) ?? new Map<string, number>();
    const until = toleratedUntil(pod, noExecute(node), since, clock.now());
    if (until === Infinity) return;
    if (until > clock.now()) {
      this.#controller.queue.addAfter(key, until - clock.now());
      return;
    }
    this.#recorder.event(pod, "Normal", "TaintManagerEviction", `Marking for deletion Pod ${key}`);
    try {
      await markDisruption(client, pod, clock.now());
      await client.delete(PODS, { namespace, name }, { preconditions: { uid: pod.metadata.uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #noteTaints(node: Stored<Node>): void {
    const before = this.#since.get(node.metadata.name);
    const now = this.#context.clock.now();
    const since = noExecute(node).map((taint): [string, number] => {
      const added = taint.timeAdded ? Date.parse(taint.timeAdded) : (before?.get(nameOf(taint)) ?? now);
      return [nameOf(taint), added];
    });
    this.#since.set(node.metadata.name, new Map(since));
  }
}

function nameOf({ key, value = "" }: Taint): string {
  return `${key}=${value}`;
}

function noExecute(node: Node): Taint[] {
  return (node.spec?.taints ?? []).filter((taint) => taint.effect === "NoExecute");
}

/** Until when the pod may stay, in epoch milliseconds: for ever where it tolerates every taint without a limit. */
function toleratedUntil(pod: Pod, taints: readonly Taint[], since: ReadonlyMap<string, number>, now: number): number {
  let until = Infinity;
  for (const taint of taints) {
    const tolerations = (pod.spec?.tolerations ?? []).filter((toleration) => matchesTaint(toleration, taint));
    if (tolerations.length === 0) return now;
    const from = since.get(nameOf(taint)) ?? now;
    for (const { tolerationSeconds } of tolerations) {
      if (tolerationSeconds !== undefined) until = Math.min(until, from + Math.max(0, tolerationSeconds) * 1000);
    }
  }
  return until;
}

/** Says on the pod that it goes for no fault of its own. */
async function markDisruption(client: Client, { metadata, status }: Stored<Pod>, now: number): Promise<void> {
  if (status?.conditions?.some(({ type }) => type === "DisruptionTarget")) return;
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByTaintManager",
    message: "Taint manager: deleting due to NoExecute taint",
    lastTransitionTime: toTime(now),
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
  };
  const key = { namespace: metadata.namespace ?? "", name: metadata.name };
  const body = { metadata: { uid: metadata.uid }, status: { conditions: [condition] } };
  await client.patch(PODS, key, { type: "strategic", body, subresource: "status" });
}
