import type { Pod, Service } from "../../api/generated/kubernetes";
import { keyOf, type Stored } from "../../api/object";
import { podCondition } from "../pod-state";

export const LAST_CHANGE_TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

/** Remembers, per Service, when what its endpoints show last changed, to tell which change a sync is answering. */
export class TriggerTimes {
  readonly #known = new Map<string, Map<string, number>>();

  /** The earliest change that was not known at the last call; `undefined` when nothing is new. */
  take(service: Stored<Service>, pods: readonly Stored<Pod>[]): string | undefined {
    const key = keyOf(service);
    const before = this.#known.get(key);
    const now = new Map<string, number>([["", Date.parse(service.metadata.creationTimestamp)]]);
    for (const pod of pods) {
      const time = podCondition(pod, "Ready")?.lastTransitionTime;
      if (time !== undefined) now.set(keyOf(pod), Date.parse(time));
    }
    this.#known.set(key, now);
    const fresh = [...now].filter(([each, time]) => time > (before?.get(each) ?? 0)).map(([, time]) => time);
    if (fresh.length === 0) return undefined;
    return new Date(Math.min(...fresh)).toISOString().replace(/\.\d{3}Z$/, "Z");
  }

  forget(serviceKey: string): void {
    this.#known.delete(serviceKey);
  }
}
