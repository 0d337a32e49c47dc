import type { Job, Pod } from "../../api/generated/kubernetes";
import { matchesLabels, selectorFrom } from "../../api/labels";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { controllerOf } from "../../api/owner-references";
import { isConflict, isNamespaceTerminating, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import type { EventRecorder } from "../../client/event-recorder";
import { PODS } from "../../client/resources";
import { recorderFor, type ControllerContext, type Runnable } from "../context";
import { Expectations } from "../expectations";
import { claim, controllerKey, indexByController } from "../owned-objects";
import { PodControl } from "../pod-control";
import { NO_FAILURES, type FailureRecord } from "./back-off";
import { isFinished, isTracked } from "./job-view";
import { JobSync } from "./job-sync";
import { release } from "./tracking";

/** Changes of pods are gathered for this long before the Job is looked at again. */
const BATCH_MS = 1000;

/** Keys of pods whose Job is gone, among the keys of Jobs. */
const ORPHAN = "orphan:";

/** Runs pods until enough of them have succeeded. */
export class JobController implements Runnable {
  readonly #context: ControllerContext;
  readonly #recorder: EventRecorder;
  readonly #pods: PodControl;
  readonly #expectations: Expectations;
  readonly #controller: Controller;
  readonly #released = new Set<string>();
  readonly #failures = new Map<string, FailureRecord>();

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, client, clock, onError } = context;
    this.#recorder = recorderFor(context, "job-controller");
    this.#pods = new PodControl(client, this.#recorder);
    this.#expectations = new Expectations(clock);
    this.#controller = new Controller({
      name: "job",
      clock,
      sync: (key) => (key.startsWith(ORPHAN) ? this.#syncOrphan(key.slice(ORPHAN.length)) : this.#sync(key)),
      informers: [informers.jobs, informers.pods],
      workers: 5,
      onError,
    });
    indexByController(informers.pods);
    const { queue } = this.#controller;
    informers.jobs.addHandler({
      added: (job) => queue.add(keyOf(job)),
      updated: (_, job) => queue.add(keyOf(job)),
      deleted: (job) => this.#jobDeleted(job),
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

  #jobDeleted(job: Stored<Job>): void {
    this.#controller.queue.add(keyOf(job));
    for (const pod of this.#context.informers.pods.byIndex("controller", job.metadata.uid)) this.#noteOrphan(pod);
  }

  #podAdded(pod: Stored<Pod>): void {
    if (pod.metadata.deletionTimestamp) {
      this.#podUpdated(pod, pod);
      return;
    }
    const key = controllerKey(pod, "Job");
    if (key !== undefined) {
      this.#expectations.creationObserved(key);
      this.#enqueueLater(key);
    } else if (!controllerOf(pod)) {
      this.#enqueueMatching(pod);
    }
    this.#noteOrphan(pod);
  }

  #podUpdated(before: Stored<Pod>, pod: Stored<Pod>): void {
    if (!isTracked(pod)) this.#released.delete(pod.metadata.uid);
    const key = controllerKey(pod, "Job");
    const keyBefore = controllerKey(before, "Job");
    if (keyBefore !== undefined && keyBefore !== key) this.#enqueueLater(keyBefore);
    if (key !== undefined) {
      if (pod.metadata.deletionTimestamp) this.#expectations.deletionObserved(key, keyOf(pod));
      this.#enqueueLater(key);
    } else if (!controllerOf(pod)) {
      this.#enqueueMatching(pod);
    }
    this.#noteOrphan(pod);
  }

  #podDeleted(pod: Stored<Pod>): void {
    this.#released.delete(pod.metadata.uid);
    const key = controllerKey(pod, "Job");
    if (key === undefined) return;
    this.#expectations.deletionObserved(key, keyOf(pod));
    this.#enqueueLater(key);
  }

  #enqueueLater(key: string): void {
    this.#controller.queue.addAfter(key, BATCH_MS);
  }

  #enqueueMatching(pod: Stored<Pod>): void {
    for (const job of this.#context.informers.jobs.list(pod.metadata.namespace)) {
      const selector = selectorFrom(job.spec?.selector);
      if (selector && selector.length > 0 && matchesLabels(selector, pod.metadata.labels)) {
        this.#enqueueLater(keyOf(job));
      }
    }
  }

  /** A pod that nobody will count any more must not be held back. */
  #noteOrphan(pod: Stored<Pod>): void {
    if (!isTracked(pod) || !this.#isOrphan(pod)) return;
    this.#controller.queue.addAfter(ORPHAN + keyOf(pod), BATCH_MS);
  }

  #isOrphan(pod: Stored<Pod>): boolean {
    const owner = controllerOf(pod);
    if (owner && owner.kind !== "Job") return false;
    if (!owner) return true;
    return this.#context.informers.jobs.get(pod.metadata.namespace ?? "", owner.name)?.metadata.uid !== owner.uid;
  }

  async #syncOrphan(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const pod = this.#context.informers.pods.get(namespace, name);
    if (pod && isTracked(pod) && this.#isOrphan(pod)) await release(this.#context.client, pod);
  }

  async #sync(key: string): Promise<void> {
    const { informers, client, clock } = this.#context;
    const { namespace, name } = splitKey(key);
    const job = informers.jobs.get(namespace, name);
    if (!job) {
      this.#expectations.forget(key);
      this.#failures.delete(key);
      return;
    }
    if (isFinished(job)) {
      this.#failures.delete(key);
      return;
    }
    const { managedBy } = job.spec ?? {};
    if (managedBy !== undefined && managedBy !== "kubernetes.io/job-controller") return;
    const selector = selectorFrom(job.spec?.selector);
    if (!selector) return;
    try {
      await new JobSync(job, {
        key,
        client,
        clock,
        recorder: this.#recorder,
        podControl: this.#pods,
        expectations: this.#expectations,
        released: this.#released,
        pods: await claim(client, PODS, informers.pods, job, selector),
        failures: this.#failures.get(key) ?? NO_FAILURES,
        again: (delayMs) => this.#controller.queue.addAfter(key, delayMs),
        remember: (record) => this.#failures.set(key, record),
      }).run();
    } catch (error) {
      if (isConflict(error)) this.#controller.queue.addRateLimited(key);
      else if (!isNotFound(error) && !isNamespaceTerminating(error)) throw error;
    }
  }
}
