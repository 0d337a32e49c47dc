import type { Job, JobCondition, JobStatus, Pod } from "../../api/generated/kubernetes";
import { cloneJson } from "../../api/json";
import type { Stored } from "../../api/object";
import type { Client } from "../../client/client";
import type { EventRecorder } from "../../client/event-recorder";
import { JOBS } from "../../client/resources";
import { toTime, type Clock } from "../../clock";
import type { Expectations } from "../expectations";
import type { Failed, PodControl } from "../pod-control";
import { isPodActive } from "../pod-state";
import { recordAfter, type FailureRecord } from "./back-off";
import { ensureCondition, newCondition } from "./conditions";
import { judgeFailure } from "./failure-policy";
import { parseIndexes } from "./indexes";
import * as ask from "./job-view";
import { managePods, removePods } from "./manage-pods";
import { outcomeOf, untilDeadline, type Tally } from "./outcome";
import { failedIndexesAfter, heldPods } from "./per-index";
import { trackPods } from "./tracking";

export interface JobSyncParts {
  readonly key: string;
  readonly client: Client;
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  readonly podControl: PodControl;
  readonly expectations: Expectations;
  /** UIDs of pods whose finalizer was taken off, until the cache shows it. */
  readonly released: Set<string>;
  readonly pods: readonly Stored<Pod>[];
  readonly failures: FailureRecord;
  /** Asks for another sync when nothing else would bring one. */
  readonly again: (delayMs: number) => void;
  /** Keeps the failure record for the next sync. */
  readonly remember: (record: FailureRecord) => void;
}

/**
 * One sync of one Job: its pods as they are now, and the status as it grows. The order is Kubernetes': how the Job
 * stands, pods made or removed, finished pods counted in two steps (listed in the status, then released), the end.
 */
export class JobSync {
  readonly parts: JobSyncParts;
  /** As last written. */
  job: Stored<Job>;
  status: JobStatus;
  readonly active: readonly Stored<Pod>[];
  /** Finished and not counted before. */
  readonly finished: readonly Stored<Pod>[];
  readonly failures: FailureRecord;
  readonly succeeded: number;
  readonly failed: number;
  readonly succeededIndexes: ReadonlySet<number> | undefined;
  readonly failedIndexes: ReadonlySet<number> | undefined;
  /** The failed pods that stay until their index has a new one, by index. */
  readonly held: ReadonlyMap<number, Stored<Pod>>;
  readonly counts: ask.PodCounts;

  constructor(job: Stored<Job>, parts: JobSyncParts) {
    this.job = job;
    this.parts = parts;
    this.status = cloneJson(job.status ?? {});
    this.active = parts.pods.filter(isPodActive);
    this.counts = ask.countsOf(parts.pods);
    this.finished = parts.pods.filter((pod) => this.#isNewlyFinished(pod));
    this.failures = recordAfter(parts.failures, this.finished);
    const uncounted = job.status?.uncountedTerminatedPods;
    const fresh = (listed: readonly string[] | undefined, wanted: (pod: Pod) => boolean) =>
      this.finished.filter((pod) => wanted(pod) && !listed?.includes(pod.metadata.uid));
    const succeededNow = fresh(uncounted?.succeeded, ask.hasSucceeded);
    const failedNow = fresh(uncounted?.failed, (pod) => ask.hasFailed(pod, job)).filter(
      (pod) => judgeFailure(job.spec?.podFailurePolicy, pod).counts,
    );
    this.failed = (job.status?.failed ?? 0) + (uncounted?.failed?.length ?? 0) + failedNow.length;
    if (ask.isIndexed(job)) {
      const indexes = parseIndexes(job.status?.completedIndexes, job.spec?.completions ?? 0);
      for (const pod of succeededNow) indexes.add(ask.completionIndex(pod) ?? 0);
      this.succeededIndexes = indexes;
      this.succeeded = indexes.size;
    } else {
      this.succeeded = (job.status?.succeeded ?? 0) + (uncounted?.succeeded?.length ?? 0) + succeededNow.length;
    }
    if (ask.limitsEachIndex(job)) this.failedIndexes = failedIndexesAfter(job, this.finished);
    this.held = ask.limitsEachIndex(job) ? heldPods(this) : new Map();
  }

  get now(): number {
    return this.parts.clock.now();
  }

  async run(): Promise<void> {
    const { job, status, parts } = this;
    const mayAct = parts.expectations.satisfied(parts.key);
    if (!status.startTime && !ask.isSuspended(job)) status.startTime = toTime(this.now);
    const started = { ...job, status };
    const outcome = outcomeOf(started, parts.pods, this.#tally, this.now);
    let end: JobCondition | undefined;
    let failure: Failed | undefined;
    if (outcome) {
      const { done, failed } = await removePods(this, this.active);
      failure = failed;
      // What the cache does not show yet may still have to be cleared up.
      if (done === this.active.length && mayAct) end = outcome;
    } else {
      const deadline = untilDeadline(started, this.now);
      if (deadline !== undefined) parts.again(deadline);
      if (mayAct && !job.metadata.deletionTimestamp) failure = await managePods(this);
      if (this.#isComplete) {
        const message = "Reached expected number of succeeded pods";
        end = newCondition("SuccessCriteriaMet", "True", "CompletionsReached", message, this.now);
      } else if (mayAct && !job.metadata.deletionTimestamp) {
        this.#noteSuspension();
      }
    }
    status.active = this.counts.active || undefined;
    status.ready = this.counts.ready;
    status.terminating = this.counts.terminating;
    await trackPods(this, end);
    if (failure) throw failure.error;
  }

  /** Writes the status as it stands. */
  async write(): Promise<void> {
    this.job = await this.parts.client.updateStatus(JOBS, { ...this.job, status: cloneJson(this.status) });
    this.status = cloneJson(this.job.status ?? {});
    this.parts.remember(this.failures);
  }

  get #tally(): Tally {
    return { failed: this.failed, succeededIndexes: this.succeededIndexes, failedIndexes: this.failedIndexes };
  }

  get #isComplete(): boolean {
    const completions = this.job.spec?.completions;
    if (this.counts.active > 0) return false;
    return completions === undefined ? this.succeeded > 0 : this.succeeded >= completions;
  }

  #isNewlyFinished(pod: Stored<Pod>): boolean {
    const { job, parts } = this;
    if (!ask.isTracked(pod) || parts.released.has(pod.metadata.uid)) return false;
    if (!ask.hasSucceeded(pod) && !ask.hasFailed(pod, job)) return false;
    const { succeeded = [], failed = [] } = job.status?.uncountedTerminatedPods ?? {};
    if (succeeded.includes(pod.metadata.uid) || failed.includes(pod.metadata.uid)) return false;
    if (!ask.isIndexed(job)) return true;
    const index = ask.completionIndex(pod);
    return index !== undefined && index < (job.spec?.completions ?? 0);
  }

  #noteSuspension(): void {
    const { job, status, now } = this;
    const { recorder } = this.parts;
    if (ask.isSuspended(job)) {
      const condition = newCondition("Suspended", "True", "JobSuspended", "Job suspended", now);
      if (ensureCondition(status, condition)) recorder.event(job, "Normal", "Suspended", "Job suspended");
    } else if (ensureCondition(status, newCondition("Suspended", "False", "JobResumed", "Job resumed", now))) {
      recorder.event(job, "Normal", "Resumed", "Job resumed");
      // The deadline counts from here.
      status.startTime = toTime(now);
    }
  }
}
