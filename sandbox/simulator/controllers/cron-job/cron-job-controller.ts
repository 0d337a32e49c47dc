import type { CronJob, Job } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import type { EventRecorder } from "../../client/event-recorder";
import { CRON_JOBS } from "../../client/resources";
import { recorderFor, type ControllerContext, type Runnable } from "../context";
import { controllerKey, indexByController, ownedBy } from "../owned-objects";
import { CronJobSync } from "./cron-job-sync";

/** Makes Jobs at the times a schedule names. */
export class CronJobController implements Runnable {
  readonly #context: ControllerContext;
  readonly #recorder: EventRecorder;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#recorder = recorderFor(context, "cronjob-controller");
    this.#controller = new Controller({
      name: "cronjob",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.cronJobs, informers.jobs],
      workers: 5,
      onError,
    });
    indexByController(informers.jobs);
    const { queue } = this.#controller;
    informers.cronJobs.addHandler({
      added: (cronJob) => queue.add(keyOf(cronJob)),
      updated: (_, cronJob) => queue.add(keyOf(cronJob)),
      deleted: (cronJob) => queue.add(keyOf(cronJob)),
    });
    informers.jobs.addHandler({
      added: (job) => this.#jobChanged(job),
      updated: (_, job) => this.#jobChanged(job),
      deleted: (job) => this.#jobChanged(job),
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

  #jobChanged(job: Stored<Job>): void {
    const key = controllerKey(job, "CronJob");
    if (key !== undefined) this.#controller.queue.add(key);
  }

  async #sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const cronJob = this.#context.informers.cronJobs.get(namespace, name);
    if (!cronJob) return;
    try {
      await this.#reconcile(key, cronJob);
    } catch (error) {
      if (isConflict(error)) this.#controller.queue.addRateLimited(key);
      else if (!isNotFound(error)) throw error;
    }
  }

  async #reconcile(key: string, cronJob: Stored<CronJob>): Promise<void> {
    const { client, informers, clock } = this.#context;
    const parts = { client, recorder: this.#recorder, jobs: ownedBy(informers.jobs, cronJob), now: clock.now() };
    const { status, waitMs } = await new CronJobSync(cronJob, parts).run();
    if (!equalJson(cronJob.status ?? {}, status)) await client.updateStatus(CRON_JOBS, { ...cronJob, status });
    if (waitMs !== undefined) this.#controller.queue.addAfter(key, waitMs);
  }
}
