import type { Node, NodeCondition, Pod } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import type { EventRecorder } from "../../client/event-recorder";
import { NODES, PODS } from "../../client/resources";
import { toTime } from "../../clock";
import type { Heartbeats } from "../../heartbeats";
import { recorderFor, type ControllerContext, type Runnable } from "../context";

/** https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/ (node-monitor-grace-period) */
const GRACE_MS = 50_000;
const CONDITIONS = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];
const NODE_INDEX = "node";

/** Marks a node that is no longer heard of, and what runs on it, as not ready. */
export class NodeMonitorController implements Runnable {
  readonly #context: ControllerContext;
  readonly #heartbeats: Heartbeats;
  readonly #recorder: EventRecorder;
  readonly #controller: Controller;
  readonly #unsubscribe: () => void;

  constructor(context: ControllerContext, heartbeats: Heartbeats) {
    this.#context = context;
    this.#heartbeats = heartbeats;
    this.#recorder = recorderFor(context, "node-controller");
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "node-monitor",
      clock,
      sync: (name) => this.#sync(name),
      informers: [informers.nodes, informers.pods],
      onError,
    });
    informers.pods.addIndex(NODE_INDEX, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    this.#unsubscribe = heartbeats.onChange((node) => this.#controller.queue.add(node));
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    this.#unsubscribe();
    return this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  async #sync(name: string): Promise<void> {
    const { clock, informers } = this.#context;
    const since = this.#heartbeats.silentSince(name);
    const node = informers.nodes.get("", name);
    if (since === undefined || !node) return;
    const left = since + GRACE_MS - clock.now();
    if (left > 0) {
      this.#controller.queue.addAfter(name, left);
      return;
    }
    try {
      if (readyOf(node)?.status !== "Unknown") await this.#markUnknown(node);
      for (const pod of informers.pods.byIndex(NODE_INDEX, name)) await this.#markPod(pod);
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(name);
    }
  }

  async #markUnknown(node: Stored<Node>): Promise<void> {
    const { client, clock } = this.#context;
    const now = toTime(clock.now());
    const before = node.status?.conditions ?? [];
    const conditions = before.map((condition): NodeCondition => {
      if (!CONDITIONS.includes(condition.type)) return condition;
      const message = "Kubelet stopped posting node status.";
      return { ...condition, status: "Unknown", reason: "NodeStatusUnknown", message, lastTransitionTime: now };
    });
    await client.updateStatus(NODES, { ...node, status: { ...node.status, conditions } });
    const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
    this.#recorder.event(node, "Normal", "NodeNotReady", message);
  }

  async #markPod(pod: Stored<Pod>): Promise<void> {
    const ready = readyOf(pod);
    if (ready?.status !== "True") return;
    const { client, clock } = this.#context;
    const lastTransitionTime = toTime(clock.now());
    const conditions = (pod.status?.conditions ?? []).map((condition) =>
      condition.type === "Ready" ? { ...condition, status: "False", lastTransitionTime } : condition,
    );
    await client.updateStatus(PODS, { ...pod, status: { ...pod.status, conditions } });
    this.#recorder.event(pod, "Warning", "NodeNotReady", "Node is not ready");
  }
}

function readyOf({ status }: Node | Pod): { readonly status: string } | undefined {
  return status?.conditions?.find(({ type }) => type === "Ready");
}
