import type { Pod, StatefulSet, StatefulSetStatus } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { matchesLabels, selectorFrom, type Selector } from "../../api/labels";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { controllerOf } from "../../api/owner-references";
import { isAlreadyExists, isConflict, isNamespaceTerminating, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import type { EventRecorder } from "../../client/event-recorder";
import { CONTROLLER_REVISIONS, PODS, STATEFUL_SETS } from "../../client/resources";
import { recorderFor, type ControllerContext, type Runnable } from "../context";
import { currentRevision, templateOf, truncateHistory } from "../controller-revisions";
import { claim, controllerKey, indexByController } from "../owned-objects";
import type { Failed } from "../pod-control";
import { readySince } from "../pod-state";
import { ClaimIsLeavingError, Claims } from "./claims";
import { ordinalOf, revisionOf } from "./identity";
import { StatefulPods } from "./pods";
import { stepStatefulSet } from "./stateful-set-sync";
import { statefulSetStatus, type Revisions } from "./status";

const HASH_LABEL = "controller.kubernetes.io/hash";

/** Keeps pods that each have a name, a place and claims of their own. */
export class StatefulSetController implements Runnable {
  readonly #context: ControllerContext;
  readonly #recorder: EventRecorder;
  readonly #claims: Claims;
  readonly #pods: StatefulPods;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, client, clock, onError } = context;
    this.#recorder = recorderFor(context, "statefulset-controller");
    this.#claims = new Claims(client, informers.persistentVolumeClaims);
    this.#pods = new StatefulPods(client, this.#recorder, this.#claims);
    this.#controller = new Controller({
      name: "statefulset",
      clock,
      sync: (key) => this.#sync(key),
      informers: [
        informers.statefulSets,
        informers.pods,
        informers.controllerRevisions,
        informers.persistentVolumeClaims,
      ],
      workers: 5,
      onError,
    });
    indexByController(informers.pods);
    indexByController(informers.controllerRevisions);
    const { queue } = this.#controller;
    informers.statefulSets.addHandler({
      added: (set) => queue.add(keyOf(set)),
      updated: (_, set) => queue.add(keyOf(set)),
      deleted: (set) => queue.add(keyOf(set)),
    });
    informers.pods.addHandler({
      added: (pod) => this.#podChanged(pod),
      updated: (before, pod) => {
        const key = controllerKey(before, "StatefulSet");
        if (key !== undefined && key !== controllerKey(pod, "StatefulSet")) queue.add(key);
        this.#podChanged(pod);
      },
      deleted: (pod) => this.#podChanged(pod),
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

  #podChanged(pod: Stored<Pod>): void {
    const key = controllerKey(pod, "StatefulSet");
    if (key !== undefined) this.#controller.queue.add(key);
    if (controllerOf(pod)) return;
    for (const set of this.#context.informers.statefulSets.list(pod.metadata.namespace)) {
      const selector = selectorFrom(set.spec?.selector);
      if (selector && selector.length > 0 && matchesLabels(selector, pod.metadata.labels)) {
        this.#controller.queue.add(keyOf(set));
      }
    }
  }

  async #sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const set = this.#context.informers.statefulSets.get(namespace, name);
    const selector = selectorFrom(set?.spec?.selector);
    if (!set || !selector) return;
    try {
      await this.#reconcile(key, set, selector);
    } catch (error) {
      // Seen too early, or what is to go first is still there: the cache will tell.
      if (isConflict(error) || isAlreadyExists(error) || error instanceof ClaimIsLeavingError)
        this.#controller.queue.addRateLimited(key);
      else if (!isNotFound(error) && !isNamespaceTerminating(error)) throw error;
    }
  }

  async #reconcile(key: string, set: Stored<StatefulSet>, selector: Selector): Promise<void> {
    const { client, informers, clock } = this.#context;
    const isMember = (pod: Stored<Pod>) => ordinalOf(set, pod) !== undefined;
    const pods = await claim(client, PODS, informers.pods, set, selector, isMember);
    const { revision, all, collisionCount } = await currentRevision({
      client,
      owner: set,
      known: await claim(client, CONTROLLER_REVISIONS, informers.controllerRevisions, set, selector),
      labels: set.spec?.template.metadata?.labels ?? {},
      hashLabel: HASH_LABEL,
      collisionCount: set.status?.collisionCount ?? 0,
    });
    const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? revision;
    const revisions = { current: current.metadata.name, update: revision.metadata.name, collisionCount };
    let failure: Failed | undefined;
    try {
      await stepStatefulSet({
        set,
        pods,
        revisions,
        currentTemplate: templateOf(current) ?? set.spec?.template ?? {},
        podControl: this.#pods,
        claims: this.#claims,
        recorder: this.#recorder,
        now: clock.now(),
      });
    } catch (error) {
      failure = { error };
    }
    await this.#writeStatus(set, pods, revisions);
    if (failure) throw failure.error;
    const live = new Set([revisions.current, revisions.update, ...pods.map(revisionOf)]);
    const limit = set.spec?.revisionHistoryLimit ?? 10;
    await truncateHistory(client, all, limit, ({ metadata }) => live.has(metadata.name));
    this.#requeueForAvailability(key, set, pods);
  }

  async #writeStatus(set: Stored<StatefulSet>, pods: readonly Stored<Pod>[], revisions: Revisions): Promise<void> {
    const { client, clock } = this.#context;
    const status: StatefulSetStatus = statefulSetStatus(set, pods, revisions, clock.now());
    if (!equalJson(set.status, status)) await client.updateStatus(STATEFUL_SETS, { ...set, status });
  }

  /** Ready pods become available by the passing of time alone. */
  #requeueForAvailability(key: string, set: Stored<StatefulSet>, pods: readonly Stored<Pod>[]): void {
    const minReadyMs = (set.spec?.minReadySeconds ?? 0) * 1000;
    if (minReadyMs === 0) return;
    const now = this.#context.clock.now();
    const waits = pods.map((pod) => (readySince(pod) ?? Infinity) + minReadyMs - now).filter((wait) => wait > 0);
    const next = Math.min(...waits);
    if (Number.isFinite(next)) this.#controller.queue.addAfter(key, next);
  }
}
