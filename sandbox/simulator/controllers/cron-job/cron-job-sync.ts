import type { CronJob, CronJobStatus, Job, ObjectReference } from "../../api/generated/kubernetes";
import { nextTime } from "../../api/cron/next-time";
import { parseSchedule } from "../../api/cron/schedule";
import { isTimeZone, TimeZone } from "../../api/cron/zoned-time";
import { cloneJson } from "../../api/json";
import type { Stored } from "../../api/object";
import { isAlreadyExists, isNamespaceTerminating, isNotFound } from "../../api/status";
import type { Client } from "../../client/client";
import { referenceTo } from "../../client/event-reference";
import type { EventRecorder } from "../../client/event-recorder";
import { CRON_JOBS, JOBS } from "../../client/resources";
import { toTime } from "../../clock";
import { conditionOf, isFinished } from "../job/job-view";
import { messageOf } from "../pod-control";
import { dueTime } from "./due-time";
import { jobName, scheduledJob } from "./scheduled-job";

export interface CronJobSyncParts {
  readonly client: Client;
  readonly recorder: EventRecorder;
  /** The CronJob's Jobs. */
  readonly jobs: readonly Stored<Job>[];
  readonly now: number;
}

/** One sync of one CronJob. Returns the status it has then and how long to wait for the next time, if there is one. */
export class CronJobSync {
  readonly #cronJob: Stored<CronJob>;
  readonly #parts: CronJobSyncParts;
  readonly #status: CronJobStatus;

  constructor(cronJob: Stored<CronJob>, parts: CronJobSyncParts) {
    this.#cronJob = cronJob;
    this.#parts = parts;
    this.#status = cloneJson(cronJob.status ?? {});
  }

  async run(): Promise<{ status: CronJobStatus; waitMs: number | undefined }> {
    await this.#noteFinished();
    this.#noteMissing();
    const waitMs = await this.#start();
    await this.#forgetOld();
    return {
      status: cloneJson({ ...this.#status, active: this.#status.active?.length ? this.#status.active : undefined }),
      waitMs,
    };
  }

  async #noteFinished(): Promise<void> {
    const { jobs } = this.#parts;
    for (const job of jobs) {
      const isActive = this.#isActive(({ uid }) => uid === job.metadata.uid);
      if (!isActive && !isFinished(job)) {
        if (await this.#isKnownToServer(job)) continue;
        const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
        this.#tell("Warning", "UnexpectedJob", message);
      } else if (isActive && isFinished(job)) {
        const condition = conditionOf(job, "Complete") ? "Complete" : "Failed";
        this.#forget(job.metadata.uid);
        this.#tell("Normal", "SawCompletedJob", `Saw completed job: ${job.metadata.name}, condition: ${condition}`);
      }
      const completed = conditionOf(job, "Complete") ? job.status?.completionTime : undefined;
      const last = this.#status.lastSuccessfulTime;
      if (completed && (!last || Date.parse(completed) > Date.parse(last))) this.#status.lastSuccessfulTime = completed;
    }
  }

  /** Noted by a sync whose status the cache does not show yet. */
  async #isKnownToServer(job: Stored<Job>): Promise<boolean> {
    const { namespace = "", name } = this.#cronJob.metadata;
    const { status } = await this.#parts.client.get(CRON_JOBS, { namespace, name });
    return status?.active?.some(({ uid }) => uid === job.metadata.uid) ?? false;
  }

  #noteMissing(): void {
    for (const { uid = "", name = "" } of this.#status.active ?? []) {
      if (this.#parts.jobs.some((job) => job.metadata.uid === uid)) continue;
      this.#forget(uid);
      this.#tell("Normal", "MissingJob", `Active job went missing: ${name}`);
    }
  }

  async #start(): Promise<number | undefined> {
    const { metadata, spec } = this.#cronJob;
    const { now } = this.#parts;
    if (metadata.deletionTimestamp || spec.suspend) return undefined;
    if (spec.timeZone !== undefined && !isTimeZone(spec.timeZone)) {
      const message = `invalid timeZone: ${JSON.stringify(spec.timeZone)}: unknown time zone ${spec.timeZone}`;
      this.#tell("Warning", "UnknownTimeZone", message);
      return undefined;
    }
    const zone = new TimeZone(spec.timeZone);
    const parsed = parseSchedule(spec.schedule);
    if ("fault" in parsed) {
      this.#tell(
        "Warning",
        "UnparseableSchedule",
        `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${parsed.fault}`,
      );
      return undefined;
    }
    const { due, next, missed } = dueTime(this.#cronJob, parsed.schedule, zone, now);
    if (missed > MANY) {
      const message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
      this.#tell("Warning", "TooManyMissedTimes", message);
    }
    if (due !== undefined) await this.#startDue(due, zone);
    const following = due === undefined ? next : nextTime(parsed.schedule, now, zone);
    return following === undefined ? undefined : following + AFTER_MS - now;
  }

  async #startDue(due: number, zone: TimeZone): Promise<void> {
    const { spec } = this.#cronJob;
    const deadlineMs = (spec.startingDeadlineSeconds ?? Infinity) * 1000;
    if (due + deadlineMs < this.#parts.now) {
      const time = new Date(due).toUTCString().replace("GMT", "+0000");
      this.#tell("Warning", "MissSchedule", `Missed scheduled time to start a job: ${time}`);
      return;
    }
    const name = jobName(this.#cronJob, due);
    const last = this.#status.lastScheduleTime;
    if (this.#isActive((active) => active.name === name) || (last && Date.parse(last) === due)) return;
    if (spec.concurrencyPolicy === "Forbid" && this.#status.active?.length) {
      const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
      this.#tell("Normal", "JobAlreadyActive", message);
      return;
    }
    if (spec.concurrencyPolicy === "Replace") await this.#removeActive();
    await this.#create(due, zone);
  }

  async #create(due: number, zone: TimeZone): Promise<void> {
    const { client } = this.#parts;
    let job: Stored<Job>;
    try {
      job = await client.create(JOBS, scheduledJob(this.#cronJob, due, zone));
      this.#tell("Normal", "SuccessfulCreate", `Created job ${job.metadata.name}`);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      if (!isAlreadyExists(error)) {
        this.#tell("Warning", "FailedCreate", `Error creating job: ${messageOf(error)}`);
        throw error;
      }
      // Made by a sync that could not note it; the time is not to be tried again.
      const key = { namespace: this.#cronJob.metadata.namespace ?? "", name: jobName(this.#cronJob, due) };
      job = await client.get(JOBS, key);
    }
    this.#status.active = [...(this.#status.active ?? []), referenceTo(job)];
    this.#status.lastScheduleTime = toTime(due);
  }

  async #removeActive(): Promise<void> {
    for (const { uid } of [...(this.#status.active ?? [])]) {
      const job = this.#parts.jobs.find(({ metadata }) => metadata.uid === uid);
      if (job) await this.#remove(job);
    }
  }

  /** Removes the oldest Jobs that finished, beyond the limits of the history. */
  async #forgetOld(): Promise<void> {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = this.#cronJob.spec;
    const succeeded = this.#parts.jobs.filter((job) => conditionOf(job, "Complete"));
    const failed = this.#parts.jobs.filter((job) => conditionOf(job, "Failed"));
    for (const [jobs, limit] of [
      [succeeded, successfulJobsHistoryLimit],
      [failed, failedJobsHistoryLimit],
    ] as const) {
      if (limit === undefined) continue;
      const oldest = [...jobs].sort(byStart).slice(0, Math.max(0, jobs.length - limit));
      for (const job of oldest) if (!job.metadata.deletionTimestamp) await this.#remove(job);
    }
  }

  async #remove(job: Stored<Job>): Promise<void> {
    const { namespace = "", name, uid } = job.metadata;
    try {
      await this.#parts.client.delete(JOBS, { namespace, name }, { propagationPolicy: "Background" });
    } catch (error) {
      if (!isNotFound(error)) {
        this.#tell("Warning", "FailedDelete", `Deleted job: ${messageOf(error)}`);
        throw error;
      }
    }
    this.#forget(uid);
    this.#tell("Normal", "SuccessfulDelete", `Deleted job ${name}`);
  }

  #isActive(predicate: (reference: ObjectReference) => boolean): boolean {
    return (this.#status.active ?? []).some(predicate);
  }

  #forget(uid: string): void {
    this.#status.active = (this.#status.active ?? []).filter((reference) => reference.uid !== uid);
  }

  #tell(type: "Normal" | "Warning", reason: string, message: string): void {
    this.#parts.recorder.event(this.#cronJob, type, reason, message);
  }
}

/** So many missed times are worth a warning. */
const MANY = 100;

/** A little after the time itself, so that clocks that differ do not find it too early. */
const AFTER_MS = 100;

function byStart(a: Stored<Job>, b: Stored<Job>): number {
  const start = ({ status, metadata }: Stored<Job>) => Date.parse(status?.startTime ?? metadata.creationTimestamp);
  return start(a) - start(b) || (a.metadata.name < b.metadata.name ? -1 : 1);
}
