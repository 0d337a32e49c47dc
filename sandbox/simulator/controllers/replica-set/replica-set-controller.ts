import { selectorFrom } from "../../api/labels";
import { keyOf, splitKey, type Stored } from "../../api/object";
import type { Pod, ReplicaSet } from "../../api/generated/kubernetes";
import { matchesLabels } from "../../api/labels";
import { controllerOf, isControlledBy } from "../../api/owner-references";
import { isConflict, isNamespaceTerminating, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { PODS } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";
import { recorderFor } from "../context";
import { Expectations } from "../expectations";
import { claim, controllerKey, indexByController, ownedBy } from "../owned-objects";
import { inSlowStartBatches, PodControl } from "../pod-control";
import { isPodActive, readySince } from "../pod-state";
import { inDeletionOrder } from "./ranking";
import type { ReplicaKind } from "./replica-kind";
import { replicaSetStatus, sameStatus, type ReplicaFailure } from "./status";

/** At most so many pods are made or removed in one sync. */
const BURST = 500;

/** From this size on, changes of pods are gathered before a ReplicaSet is looked at again. */
const MANY = 50;
/** Milliseconds of gathering for each pod: a twentieth of a second for a thousand. */
const BATCH_MS_PER_POD = 0.05;

/** Keeps as many pods of a template running as `spec.replicas` says. */
export class ReplicaSetController implements Runnable {
  readonly #context: ControllerContext;
  readonly #kind: ReplicaKind;
  readonly #pods: PodControl;
  readonly #expectations: Expectations;
  readonly #controller: Controller;

  constructor(context: ControllerContext, kind: ReplicaKind) {
    this.#context = context;
    this.#kind = kind;
    const { informers, client, clock } = context;
    this.#pods = new PodControl(client, recorderFor(context, kind.component));
    this.#expectations = new Expectations(clock);
    this.#controller = new Controller({
      name: kind.kind.toLowerCase(),
      clock,
      sync: (key) => this.#sync(key),
      informers: [kind.synced, informers.pods],
      workers: 5,
      onError: context.onError,
    });
    indexByController(informers.pods);
    indexByController(informers.replicaSets);
    const { queue } = this.#controller;
    kind.onChange(
      (replicaSet) => queue.add(keyOf(replicaSet)),
      (replicaSet) => {
        this.#expectations.forget(keyOf(replicaSet));
        queue.add(keyOf(replicaSet));
      },
    );
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

  #podAdded(pod: Stored<Pod>): void {
    if (pod.metadata.deletionTimestamp) {
      this.#podDeleted(pod);
      return;
    }
    const key = controllerKey(pod, this.#kind.kind);
    if (key !== undefined) {
      this.#expectations.creationObserved(key);
      this.#controller.queue.add(key);
    } else if (!controllerOf(pod)) {
      this.#enqueueMatching(pod);
    }
  }

  #podUpdated(before: Stored<Pod>, pod: Stored<Pod>): void {
    if (pod.metadata.deletionTimestamp) this.#podDeleted(pod);
    const keyBefore = controllerKey(before, this.#kind.kind);
    const key = controllerKey(pod, this.#kind.kind);
    if (keyBefore !== undefined && keyBefore !== key) this.#controller.queue.add(keyBefore);
    if (key !== undefined) this.#enqueueForStatus(key, pod);
    else if (!controllerOf(pod)) this.#enqueueMatching(pod);
  }

  /** News of many pods at once is worth one look at all of them, not one each. */
  #enqueueForStatus(key: string, pod: Stored<Pod>): void {
    const { namespace, name } = splitKey(key);
    const replicas = this.#kind.get(namespace, name)?.spec?.replicas ?? 0;
    if (replicas < MANY || pod.metadata.deletionTimestamp) this.#controller.queue.add(key);
    else this.#controller.queue.addAfter(key, replicas * BATCH_MS_PER_POD);
  }

  #podDeleted(pod: Stored<Pod>): void {
    const key = controllerKey(pod, this.#kind.kind);
    if (key === undefined) return;
    this.#expectations.deletionObserved(key, keyOf(pod));
    this.#controller.queue.add(key);
  }

  #enqueueMatching(pod: Stored<Pod>): void {
    for (const replicaSet of this.#kind.list(pod.metadata.namespace)) {
      const selector = selectorFrom(replicaSet.spec?.selector);
      if (selector && selector.length > 0 && matchesLabels(selector, pod.metadata.labels)) {
        this.#controller.queue.add(keyOf(replicaSet));
      }
    }
  }

  async #sync(key: string): Promise<void> {
    const { informers, client, clock } = this.#context;
    const { namespace, name } = splitKey(key);
    const replicaSet = this.#kind.get(namespace, name);
    if (!replicaSet) {
      this.#expectations.forget(key);
      return;
    }
    const selector = selectorFrom(replicaSet.spec?.selector);
    if (!selector) return;
    const mayAct = this.#expectations.satisfied(key);
    const all = await claim(client, PODS, informers.pods, replicaSet, selector);
    const active = all.filter(isPodActive);
    let failure: ReplicaFailure | undefined;
    if (mayAct && !replicaSet.metadata.deletionTimestamp) failure = await this.#manage(key, replicaSet, active);
    await this.#writeStatus(replicaSet, active, all, failure);
    if (failure && !isNamespaceTerminating(failure.error)) throw failure.error;
    this.#requeueForAvailability(key, replicaSet, active, clock.now());
  }

  /** Makes what is missing or removes what is too much. */
  async #manage(
    key: string,
    replicaSet: Stored<ReplicaSet>,
    active: readonly Stored<Pod>[],
  ): Promise<ReplicaFailure | undefined> {
    const wanted = replicaSet.spec?.replicas ?? 1;
    const template = replicaSet.spec?.template;
    const missing = Math.min(wanted - active.length, BURST);
    if (missing > 0 && template) {
      this.#expectations.expectCreations(key, missing);
      const { done, error } = await inSlowStartBatches(missing, () => this.#pods.create(replicaSet, template));
      for (let failed = missing - done; failed > 0; failed--) this.#expectations.creationObserved(key);
      return error === undefined ? undefined : { reason: "FailedCreate", error };
    }
    const surplus = Math.min(active.length - wanted, BURST);
    if (surplus <= 0) return undefined;
    const order = inDeletionOrder(active, this.#related(replicaSet), this.#context.clock.now());
    const leaving = order.slice(0, surplus);
    this.#expectations.expectDeletions(key, leaving.map(keyOf));
    const results = await Promise.allSettled(
      leaving.map(async (pod) => {
        try {
          await this.#pods.delete(replicaSet, pod);
        } catch (error) {
          this.#expectations.deletionObserved(key, keyOf(pod));
          throw error;
        }
      }),
    );
    const failed = results.find((result) => result.status === "rejected");
    return failed && { reason: "FailedDelete", error: failed.reason };
  }

  /** The active pods of all ReplicaSets with the same owner. */
  #related(replicaSet: Stored<ReplicaSet>): readonly Stored<Pod>[] {
    const { informers } = this.#context;
    const owner = controllerOf(replicaSet);
    const family = owner
      ? informers.replicaSets
          .list(replicaSet.metadata.namespace)
          .filter((other) => controllerOf(other)?.uid === owner.uid)
      : [replicaSet];
    return family.flatMap((member) => ownedBy(informers.pods, member).filter((pod) => isControlledBy(pod, member)));
  }

  async #writeStatus(
    replicaSet: Stored<ReplicaSet>,
    active: readonly Stored<Pod>[],
    all: readonly Stored<Pod>[],
    failure: ReplicaFailure | undefined,
  ): Promise<void> {
    const status = replicaSetStatus(replicaSet, active, all, failure, this.#context.clock.now());
    if (sameStatus(replicaSet.status, status)) return;
    try {
      await this.#kind.writeStatus(replicaSet, status);
    } catch (error) {
      if (isNotFound(error)) return;
      // The newer object is on its way to the cache and brings another sync; until then nothing is lost.
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(keyOf(replicaSet));
    }
  }

  /** Ready pods become available by the passing of time alone: look again when the next one does. */
  #requeueForAvailability(key: string, replicaSet: Stored<ReplicaSet>, active: readonly Stored<Pod>[], now: number) {
    const minReadyMs = (replicaSet.spec?.minReadySeconds ?? 0) * 1000;
    if (minReadyMs === 0) return;
    const waits = active.map((pod) => (readySince(pod) ?? Infinity) + minReadyMs - now).filter((wait) => wait > 0);
    const next = Math.min(...waits);
    if (Number.isFinite(next)) this.#controller.queue.addAfter(key, next);
  }
}
