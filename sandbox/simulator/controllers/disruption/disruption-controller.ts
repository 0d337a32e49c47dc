import type { LabelSelector, Pod, PodDisruptionBudget } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { matchesLabels, selectorFrom } from "../../api/labels";
import { keyOf, splitKey, type KubeObject, type Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import type { EventRecorder } from "../../client/event-recorder";
import type { Informer } from "../../client/informer";
import { POD_DISRUPTION_BUDGETS } from "../../client/resources";
import { recorderFor, type ControllerContext, type Runnable } from "../context";
import { messageOf } from "../pod-control";
import { budgetStatus, DISRUPTION_MS, expectedOf, failedStatus, pendingDisruptions } from "./budget";
import { ownerScale } from "./owner-scale";

/** Says of each budget how many of its pods may be evicted now. */
export class DisruptionController implements Runnable {
  readonly #context: ControllerContext;
  readonly #recorder: EventRecorder;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    const { podDisruptionBudgets, pods, replicaSets, deployments, statefulSets, replicationControllers } = informers;
    this.#recorder = recorderFor(context, "controllermanager");
    this.#controller = new Controller({
      name: "disruption",
      clock,
      sync: (key) => this.#sync(key),
      informers: [podDisruptionBudgets, pods, replicaSets, deployments, statefulSets, replicationControllers],
      onError,
    });
    const { queue } = this.#controller;
    podDisruptionBudgets.addHandler({
      added: (budget) => queue.add(keyOf(budget)),
      updated: (_, budget) => queue.add(keyOf(budget)),
    });
    pods.addHandler({
      added: (pod) => this.#podChanged(pod),
      updated: (before, pod) => {
        if (!equalJson(before.metadata.labels, pod.metadata.labels)) this.#podChanged(before);
        this.#podChanged(pod);
      },
      deleted: (pod) => this.#podChanged(pod),
    });
    this.#follow(deployments);
    this.#follow(replicaSets);
    this.#follow(statefulSets);
    this.#follow(replicationControllers);
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

  #podChanged(pod: Stored<Pod>): void {
    for (const budget of this.#context.informers.podDisruptionBudgets.list(pod.metadata.namespace)) {
      const selector = selectorFrom(budget.spec?.selector);
      if (selector && matchesLabels(selector, pod.metadata.labels)) this.#controller.queue.add(keyOf(budget));
    }
  }

  /** A workload of another size changes what its pods' budgets expect. */
  #follow<T extends KubeObject & { spec?: { replicas?: number } }>(owners: Informer<T>): void {
    owners.addHandler({
      updated: (before, after) => {
        if (before.spec?.replicas === after.spec?.replicas) return;
        for (const budget of this.#context.informers.podDisruptionBudgets.list(after.metadata.namespace)) {
          this.#controller.queue.add(keyOf(budget));
        }
      },
    });
  }

  async #sync(key: string): Promise<void> {
    const { informers, clock } = this.#context;
    const { namespace, name } = splitKey(key);
    const budget = informers.podDisruptionBudgets.get(namespace, name);
    if (!budget) return;
    const selector = selectorFrom(budget.spec?.selector);
    const pods = selector
      ? informers.pods.list(namespace).filter(({ metadata }) => matchesLabels(selector, metadata.labels))
      : [];
    if (pods.length === 0) this.#recorder.event(budget, "Normal", "NoPods", "No matching pods found");
    const now = clock.now();
    let status;
    try {
      const expected = expectedOf(budget, pods.length, () => this.#scaleOf(budget, pods));
      const { pending, overdue } = pendingDisruptions(budget, pods, now);
      for (const pod of overdue) {
        const message = `Pod was expected by PDB ${namespace}/${name} to be deleted but it wasn't`;
        this.#recorder.event(pod, "Warning", "NotDeleted", message);
      }
      status = budgetStatus(budget, pods, expected, pending, now);
      const waits = Object.values(pending).map((since) => Date.parse(since) + DISRUPTION_MS + 1 - now);
      if (waits.length > 0) this.#controller.queue.addAfter(key, Math.min(...waits));
    } catch (error) {
      const message = `Failed to calculate the number of expected pods: ${messageOf(error)}`;
      this.#recorder.event(budget, "Warning", "CalculateExpectedPodCountFailed", message);
      status = failedStatus(budget, messageOf(error), now);
    }
    if (equalJson(budget.status, status)) return;
    try {
      await this.#context.client.updateStatus(POD_DISRUPTION_BUDGETS, { ...budget, status });
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(key);
    }
  }

  #scaleOf(budget: Stored<PodDisruptionBudget>, pods: readonly Stored<Pod>[]): number {
    const { size, unmanaged } = ownerScale(pods, this.#context.informers);
    if (unmanaged.length > 0) {
      const message =
        `Pods selected by this PodDisruptionBudget (selector: ${asGo(budget.spec?.selector)}) were found to be ` +
        "unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined " +
        'behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
      this.#recorder.event(budget, "Warning", "UnmanagedPods", message);
    }
    return size;
  }
}

/** A selector as the server's messages write it. */
function asGo(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = (selector?.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],}`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join("")}},MatchExpressions:[]LabelSelectorRequirement{${expressions.map((each) => `${each},`).join("")}},}`;
}
