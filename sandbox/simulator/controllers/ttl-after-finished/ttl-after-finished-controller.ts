import type { Job } from "../../api/generated/kubernetes";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { JOBS } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";
import { isFinished } from "../job/job-view";

/**
 * Deletes finished Jobs, and their pods with them, when their time to live is over.
 * https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
 */
export class TtlAfterFinishedController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "ttl-after-finished",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.jobs],
      onError,
    });
    const jobChanged = (job: Stored<Job>) => {
      if (!job.metadata.deletionTimestamp && expiry(job) !== undefined) this.#controller.queue.add(keyOf(job));
    };
    informers.jobs.addHandler({ added: jobChanged, updated: (_, job) => jobChanged(job) });
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

  async #sync(key: string): Promise<void> {
    const { informers, client, clock } = this.#context;
    const { namespace, name } = splitKey(key);
    const job = informers.jobs.get(namespace, name);
    const at = job && expiry(job);
    if (!job || at === undefined || job.metadata.deletionTimestamp) return;
    if (at > clock.now()) {
      this.#controller.queue.addAfter(key, at - clock.now());
      return;
    }
    const { uid } = job.metadata;
    try {
      await client.delete(JOBS, { namespace, name }, { propagationPolicy: "Foreground", preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}

/** When a finished Job is to go, in epoch milliseconds; `undefined` while it runs or may stay. */
function expiry(job: Job): number | undefined {
  const ttl = job.spec?.ttlSecondsAfterFinished;
  if (ttl === undefined || !isFinished(job)) return undefined;
  const last = job.status?.conditions?.find(({ type }) => type === "Complete" || type === "Failed");
  return Date.parse(last?.lastTransitionTime ?? "") + ttl * 1000;
}
