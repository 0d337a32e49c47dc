import type { Clock } from "../clock";
import type { KubeObject } from "../api/object";
import type { Informer } from "./informer";
import { WorkQueue } from "./work-queue";

export interface ControllerOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Makes the world as the object named by `key` wants it. Throwing puts the key back with back-off. */
  readonly sync: (key: string) => Promise<void>;
  /** No key is worked on before all of these hold their first list. */
  readonly informers: readonly Pick<Informer<KubeObject>, "synced">[];
  readonly workers?: number;
  readonly onError?: ErrorReporter;
}

/** Hears of each failed sync; the key is retried all the same. */
export type ErrorReporter = (controller: string, key: string, error: unknown) => void;

/** The run loop of a controller: handlers put keys on `queue`, workers hand them to `sync` one at a time per key. */
export class Controller {
  readonly queue: WorkQueue;
  readonly #options: ControllerOptions;
  #running: Promise<void> | undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.queue = new WorkQueue(options.clock);
  }

  /** Idempotent. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the syncs in flight have ended. */
  async stop(): Promise<void> {
    this.queue.shutDown();
    await this.#running;
  }

  /** Whether no key waits and none is in work; delayed keys do not count. */
  get idle(): boolean {
    return this.queue.length === 0;
  }

  async #run(): Promise<void> {
    await Promise.all(this.#options.informers.map((informer) => informer.synced()));
    await Promise.all(Array.from({ length: this.#options.workers ?? 1 }, () => this.#work()));
  }

  async #work(): Promise<void> {
    for (let key = await this.queue.get(); key !== undefined; key = await this.queue.get()) {
      const failures = this.queue.requeues(key);
      try {
        await this.#options.sync(key);
        // A sync that asked for its key again is not done with it: forgetting would make it try at once, for ever.
        if (this.queue.requeues(key) === failures) this.queue.forget(key);
      } catch (error) {
        this.#options.onError?.(this.#options.name, key, error);
        this.queue.addRateLimited(key);
      }
      this.queue.done(key);
    }
  }
}
