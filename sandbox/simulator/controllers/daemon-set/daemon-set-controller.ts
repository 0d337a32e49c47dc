import type { ControllerRevision, DaemonSet, Node, Pod } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { matchesLabels, selectorFrom, type Selector } from "../../api/labels";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { controllerOf } from "../../api/owner-references";
import { isConflict, isNamespaceTerminating, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import type { EventRecorder } from "../../client/event-recorder";
import { CONTROLLER_REVISIONS, DAEMON_SETS, PODS } from "../../client/resources";
import { recorderFor, type ControllerContext, type Runnable } from "../context";
import { currentRevision, POD_REVISION_LABEL, truncateHistory } from "../controller-revisions";
import { Expectations } from "../expectations";
import { claim, controllerKey, indexByController } from "../owned-objects";
import { inSlowStartBatches, PodControl, type Failed } from "../pod-control";
import { readySince } from "../pod-state";
import { daemonPodTemplate, targetNode } from "./daemon-pod";
import { planPlacement, planUpdate, type DaemonPlan, type DaemonView } from "./daemon-set-plan";
import { EndedPods } from "./ended-pods";
import { fitOf } from "./node-fit";
import { daemonSetStatus } from "./status";

/** At most so many pods are made or removed in one sync. */
const BURST = 250;

interface Outcome {
  readonly isNothing: boolean;
  readonly failed?: Failed;
}

/** Keeps one pod of a template on every node that may have one. */
export class DaemonSetController implements Runnable {
  readonly #context: ControllerContext;
  readonly #recorder: EventRecorder;
  readonly #pods: PodControl;
  readonly #expectations: Expectations;
  readonly #ended: EndedPods;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, client, clock, onError } = context;
    this.#recorder = recorderFor(context, "daemonset-controller");
    this.#pods = new PodControl(client, this.#recorder);
    this.#expectations = new Expectations(clock);
    this.#ended = new EndedPods(clock, this.#recorder);
    this.#controller = new Controller({
      name: "daemonset",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.daemonSets, informers.pods, informers.nodes, informers.controllerRevisions],
      workers: 2,
      onError,
    });
    indexByController(informers.pods);
    indexByController(informers.controllerRevisions);
    const { queue } = this.#controller;
    informers.daemonSets.addHandler({
      added: (daemonSet) => queue.add(keyOf(daemonSet)),
      updated: (_, daemonSet) => queue.add(keyOf(daemonSet)),
      deleted: (daemonSet) => queue.add(keyOf(daemonSet)),
    });
    informers.nodes.addHandler({
      added: (node) => this.#nodeChanged(undefined, node),
      updated: (before, node) => this.#nodeChanged(before, node),
      deleted: () => this.#enqueueAll(),
    });
    informers.pods.addHandler({
      added: (pod) => this.#podAdded(pod),
      updated: (before, pod) => this.#podUpdated(before, pod),
      deleted: (pod) => this.#podDeleted(pod),
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

  /** A node concerns the sets whose pods it now takes or refuses. */
  #nodeChanged(before: Stored<Node> | undefined, node: Stored<Node>): void {
    for (const daemonSet of this.#context.informers.daemonSets.list()) {
      if (before && equalJson(fitOf(daemonSet, before), fitOf(daemonSet, node))) continue;
      this.#controller.queue.add(keyOf(daemonSet));
    }
  }

  #enqueueAll(): void {
    for (const daemonSet of this.#context.informers.daemonSets.list()) this.#controller.queue.add(keyOf(daemonSet));
  }

  #podAdded(pod: Stored<Pod>): void {
    if (pod.metadata.deletionTimestamp) {
      this.#podDeleted(pod);
      return;
    }
    const key = controllerKey(pod, "DaemonSet");
    if (key !== undefined) {
      this.#expectations.creationObserved(key);
      this.#controller.queue.add(key);
    } else if (!controllerOf(pod)) {
      this.#enqueueMatching(pod);
    }
  }

  #podUpdated(before: Stored<Pod>, pod: Stored<Pod>): void {
    if (pod.metadata.deletionTimestamp) this.#podDeleted(pod);
    const keyBefore = controllerKey(before, "DaemonSet");
    const key = controllerKey(pod, "DaemonSet");
    if (keyBefore !== undefined && keyBefore !== key) this.#controller.queue.add(keyBefore);
    if (key !== undefined) this.#controller.queue.add(key);
    else if (!controllerOf(pod)) this.#enqueueMatching(pod);
  }

  #podDeleted(pod: Stored<Pod>): void {
    const key = controllerKey(pod, "DaemonSet");
    if (key === undefined) return;
    this.#expectations.deletionObserved(key, keyOf(pod));
    this.#controller.queue.add(key);
  }

  #enqueueMatching(pod: Stored<Pod>): void {
    for (const daemonSet of this.#context.informers.daemonSets.list(pod.metadata.namespace)) {
      const selector = selectorFrom(daemonSet.spec?.selector);
      if (selector && selector.length > 0 && matchesLabels(selector, pod.metadata.labels)) {
        this.#controller.queue.add(keyOf(daemonSet));
      }
    }
  }

  async #sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const daemonSet = this.#context.informers.daemonSets.get(namespace, name);
    if (!daemonSet) {
      this.#expectations.forget(key);
      return;
    }
    const selector = selectorFrom(daemonSet.spec?.selector);
    if (!selector || selector.length === 0) {
      const message = "This daemon set is selecting all pods. A non-empty selector is required.";
      this.#recorder.event(daemonSet, "Warning", "SelectingAll", message);
      return;
    }
    if (daemonSet.metadata.deletionTimestamp) return;
    try {
      await this.#reconcile(key, daemonSet, selector);
    } catch (error) {
      if (isConflict(error)) this.#controller.queue.addRateLimited(key);
      else if (!isNotFound(error) && !isNamespaceTerminating(error)) throw error;
    }
  }

  async #reconcile(key: string, daemonSet: Stored<DaemonSet>, selector: Selector): Promise<void> {
    const { client, informers } = this.#context;
    const { revision, all } = await currentRevision({
      client,
      owner: daemonSet,
      known: await claim(client, CONTROLLER_REVISIONS, informers.controllerRevisions, daemonSet, selector),
      labels: daemonSet.spec?.template.metadata?.labels ?? {},
      hashLabel: POD_REVISION_LABEL,
      collisionCount: daemonSet.status?.collisionCount ?? 0,
    });
    const hash = revision.metadata.labels?.[POD_REVISION_LABEL] ?? "";
    const view = await this.#view(daemonSet, selector, hash);
    let failure: Failed | undefined;
    if (this.#expectations.satisfied(key)) {
      failure = await this.#act(key, view);
      if (!failure) await this.#cleanUp(view, revision, all);
    }
    await this.#writeStatus(view);
    if (failure) throw failure.error;
    this.#requeueForAvailability(key, view);
  }

  async #view(daemonSet: Stored<DaemonSet>, selector: Selector, hash: string): Promise<DaemonView> {
    const { client, informers, clock } = this.#context;
    const podsOn = new Map<string, Stored<Pod>[]>();
    for (const pod of await claim(client, PODS, informers.pods, daemonSet, selector)) {
      const node = targetNode(pod);
      if (node === undefined) continue;
      podsOn.set(node, [...(podsOn.get(node) ?? []), pod]);
    }
    return { daemonSet, nodes: informers.nodes.list(), podsOn, hash, now: clock.now() };
  }

  /** Places pods; when all are in place, moves the update on. Returns the first error. */
  async #act(key: string, view: DaemonView): Promise<Failed | undefined> {
    const { isNothing, failed } = await this.#carryOut(key, view, planPlacement(view));
    if (!isNothing || view.daemonSet.spec?.updateStrategy?.type === "OnDelete") return failed;
    return (await this.#carryOut(key, view, planUpdate(view))).failed;
  }

  async #carryOut(key: string, { daemonSet, hash }: DaemonView, plan: DaemonPlan): Promise<Outcome> {
    const replaced = plan.ended.filter((pod) =>
      this.#ended.mayRemove(daemonSet, pod, (delayMs) => this.#controller.queue.addAfter(key, delayMs)),
    );
    const remove = [...plan.remove, ...replaced].slice(0, BURST);
    const create = plan.create.slice(0, BURST);
    if (remove.length + create.length === 0) return { isNothing: true };
    this.#expectations.expect(key, create.length, remove.map(keyOf));
    const creations = await inSlowStartBatches(create.length, (index) =>
      this.#pods.create(daemonSet, daemonPodTemplate(daemonSet, create[index] ?? "", hash)),
    );
    for (let lost = create.length - creations.done; lost > 0; lost--) this.#expectations.creationObserved(key);
    let failed: Failed | undefined = "error" in creations ? { error: creations.error } : undefined;
    const removals = remove.map(async (pod) => {
      try {
        await this.#pods.delete(daemonSet, pod);
      } catch (error) {
        this.#expectations.deletionObserved(key, keyOf(pod));
        failed ??= { error };
      }
    });
    await Promise.all(removals);
    return { isNothing: false, failed };
  }

  async #cleanUp(view: DaemonView, revision: Stored<ControllerRevision>, all: readonly Stored<ControllerRevision>[]) {
    const { daemonSet, podsOn } = view;
    const live = new Set([...podsOn.values()].flat().map((pod) => pod.metadata.labels?.[POD_REVISION_LABEL]));
    live.add(revision.metadata.labels?.[POD_REVISION_LABEL]);
    const limit = daemonSet.spec?.revisionHistoryLimit ?? 10;
    const isLive = ({ metadata }: Stored<ControllerRevision>) => live.has(metadata.labels?.[POD_REVISION_LABEL]);
    await truncateHistory(this.#context.client, all, limit, isLive);
  }

  async #writeStatus(view: DaemonView): Promise<void> {
    const { daemonSet } = view;
    const status = daemonSetStatus(view, daemonSet.metadata.generation);
    if (equalJson(daemonSet.status, status)) return;
    await this.#context.client.updateStatus(DAEMON_SETS, { ...daemonSet, status });
  }

  /** Ready pods become available by the passing of time alone. */
  #requeueForAvailability(key: string, { daemonSet, podsOn, now }: DaemonView): void {
    const minReadyMs = (daemonSet.spec?.minReadySeconds ?? 0) * 1000;
    if (minReadyMs === 0) return;
    const pods = [...podsOn.values()].flat();
    const waits = pods.map((pod) => (readySince(pod) ?? Infinity) + minReadyMs - now).filter((wait) => wait > 0);
    const next = Math.min(...waits);
    if (Number.isFinite(next)) this.#controller.queue.addAfter(key, next);
  }
}
