import { keyOf, splitKey, type Stored } from "../api/object";
import type { Pod } from "../api/generated/kubernetes";
import type { WorkQueue } from "../client/work-queue";
import type { SharedInformers } from "../client/shared-informers";
import type { Clock } from "../clock";
import type { Plugin } from "./filters/filter";
import { mayHelp, type ClusterEvent } from "./queueing-hints";
import { podRequests } from "./resource-requests";

/** Waits between attempts at one pod: https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/ */
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 10_000;
/** A pod is tried again after this long whatever has changed. */
const FLUSH_MS = 5 * 60_000;

interface Refused {
  readonly attempts: number;
  readonly at: number;
  readonly refusedBy: ReadonlySet<Plugin>;
}

/** Pods that fit nowhere, each tried again when what refused it may think otherwise. */
export class UnschedulablePods {
  readonly #queue: WorkQueue;
  readonly #clock: Clock;
  readonly #informers: SharedInformers;
  readonly #pods = new Map<string, Refused>();

  constructor(queue: WorkQueue, clock: Clock, informers: SharedInformers) {
    this.#queue = queue;
    this.#clock = clock;
    this.#informers = informers;
  }

  add(pod: Stored<Pod>, refusedBy: ReadonlySet<Plugin>): void {
    const key = keyOf(pod);
    this.#pods.set(key, { attempts: (this.#pods.get(key)?.attempts ?? 0) + 1, at: this.#clock.now(), refusedBy });
    this.#queue.addAfter(key, FLUSH_MS);
  }

  delete(pod: Stored<Pod>): void {
    this.#pods.delete(keyOf(pod));
  }

  /** Tries again, each after its back-off, the pods that may fit after `event`. */
  retry(event: ClusterEvent): void {
    const namespaceOf = (name: string) => this.#informers.namespaces.get("", name);
    for (const [key, { attempts, at, refusedBy }] of this.#pods) {
      const { namespace, name } = splitKey(key);
      const pod = this.#informers.pods.get(namespace, name);
      if (!pod) continue;
      const candidate = { pod, requests: podRequests(pod) };
      if (![...refusedBy].some((plugin) => mayHelp(plugin, candidate, event, namespaceOf))) continue;
      const backOff = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LAST_RETRY_MS);
      this.#queue.addAfter(key, Math.max(0, at + backOff - this.#clock.now()));
    }
  }
}
