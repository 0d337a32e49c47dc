import type { Deployment, Pod, ReplicaSet } from "../../api/generated/kubernetes";
import { matchesLabels, selectorFrom } from "../../api/labels";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { controllerOf } from "../../api/owner-references";
import { isAlreadyExists, isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import type { EventRecorder } from "../../client/event-recorder";
import { REPLICA_SETS } from "../../client/resources";
import { recorderFor, type ControllerContext, type Runnable } from "../context";
import { claim, controllerKey, indexByController, ownedBy } from "../owned-objects";
import { recreate } from "./recreate";
import { isRolling } from "./replica-sets";
import { rollForward } from "./rolling";
import { Rollout } from "./rollout";
import { isScaling, scaleOnly } from "./scaling";
import { conditionOf, newCondition, progressDeadlineMs, withCondition } from "./status";

/** Drives Deployments: one ReplicaSet for each template, and the way from one to the next. */
export class DeploymentController implements Runnable {
  readonly #context: ControllerContext;
  readonly #recorder: EventRecorder;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock } = context;
    this.#recorder = recorderFor(context, "deployment-controller");
    this.#controller = new Controller({
      name: "deployment",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.deployments, informers.replicaSets, informers.pods],
      workers: 5,
      onError: context.onError,
    });
    indexByController(informers.replicaSets);
    indexByController(informers.pods);
    const { queue } = this.#controller;
    informers.deployments.addHandler({
      added: (deployment) => queue.add(keyOf(deployment)),
      updated: (_, deployment) => queue.add(keyOf(deployment)),
      deleted: (deployment) => queue.add(keyOf(deployment)),
    });
    informers.replicaSets.addHandler({
      added: (replicaSet) => this.#replicaSetChanged(replicaSet),
      updated: (before, replicaSet) => {
        const keyBefore = controllerKey(before, "Deployment");
        if (keyBefore !== undefined && keyBefore !== controllerKey(replicaSet, "Deployment")) queue.add(keyBefore);
        this.#replicaSetChanged(replicaSet);
      },
      deleted: (replicaSet) => this.#replicaSetChanged(replicaSet),
    });
    informers.pods.addHandler({ deleted: (pod) => this.#podDeleted(pod) });
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

  #replicaSetChanged(replicaSet: Stored<ReplicaSet>): void {
    const key = controllerKey(replicaSet, "Deployment");
    if (key !== undefined) this.#controller.queue.add(key);
    if (controllerOf(replicaSet)) return;
    for (const deployment of this.#context.informers.deployments.list(replicaSet.metadata.namespace)) {
      const selector = selectorFrom(deployment.spec?.selector);
      if (selector && selector.length > 0 && matchesLabels(selector, replicaSet.metadata.labels)) {
        this.#controller.queue.add(keyOf(deployment));
      }
    }
  }

  /** Recreate waits for the last old pod to go, which no ReplicaSet change tells. */
  #podDeleted(pod: Stored<Pod>): void {
    const owner = controllerOf(pod);
    if (owner?.kind !== "ReplicaSet") return;
    const { informers } = this.#context;
    const replicaSet = informers.replicaSets.get(pod.metadata.namespace ?? "", owner.name);
    const key = replicaSet && controllerKey(replicaSet, "Deployment");
    if (key === undefined) return;
    const { namespace, name } = splitKey(key);
    const deployment = informers.deployments.get(namespace, name);
    if (deployment && !isRolling(deployment)) this.#controller.queue.add(key);
  }

  async #sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const deployment = this.#context.informers.deployments.get(namespace, name);
    if (!deployment) return;
    try {
      await this.#reconcile(key, deployment);
    } catch (error) {
      // Deleted meanwhile, seen too early, or a name that is taken: the cache will tell.
      if (isConflict(error) || isAlreadyExists(error)) this.#controller.queue.addRateLimited(key);
      else if (!isNotFound(error)) throw error;
    }
  }

  async #reconcile(key: string, deployment: Stored<Deployment>): Promise<void> {
    const { informers, client, clock } = this.#context;
    const selector = selectorFrom(deployment.spec?.selector);
    if (!selector || selector.length === 0) {
      const message = "This deployment is selecting all pods. A non-empty selector is required.";
      this.#recorder.event(deployment, "Warning", "SelectingAll", message);
      return;
    }
    const rollout = new Rollout(deployment, {
      client,
      clock,
      recorder: this.#recorder,
      replicaSets: await claim(client, REPLICA_SETS, informers.replicaSets, deployment, selector),
      podsOf: (replicaSet) => ownedBy(informers.pods, replicaSet),
      again: (delayMs) => this.#controller.queue.addAfter(key, delayMs),
    });
    if (deployment.metadata.deletionTimestamp) return;
    await notePause(rollout);
    if (deployment.spec?.paused || isScaling(rollout)) return scaleOnly(rollout);
    return isRolling(deployment) ? rollForward(rollout) : recreate(rollout);
  }
}

/** A paused rollout is not stuck: its Progressing condition says so instead of running into the deadline. */
async function notePause(rollout: Rollout): Promise<void> {
  const { deployment, clock } = rollout;
  if (progressDeadlineMs(deployment) === undefined) return;
  const reason = conditionOf(deployment.status, "Progressing")?.reason;
  if (reason === "ProgressDeadlineExceeded") return;
  const isPaused = deployment.spec?.paused === true;
  if (isPaused === (reason === "DeploymentPaused")) return;
  const condition = isPaused
    ? newCondition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", clock.now())
    : newCondition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", clock.now());
  await rollout.writeStatus(withCondition(deployment.status ?? {}, condition));
}
