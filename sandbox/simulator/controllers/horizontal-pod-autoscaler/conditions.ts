import type { V2HorizontalPodAutoscalerCondition } from "../../api/generated/kubernetes";
import { toTime } from "../../clock";

/** Whether it holds, the reason and the message. */
export type Verdict = readonly [holds: boolean, reason: string, message: string];

export type ConditionType = "AbleToScale" | "ScalingActive" | "ScalingLimited";

/** The conditions of one look at an autoscaler, over those it had; times change with the status only. */
export class Conditions {
  readonly #before: readonly V2HorizontalPodAutoscalerCondition[];
  readonly #now: number;
  readonly #verdicts = new Map<string, Verdict>();

  constructor(before: readonly V2HorizontalPodAutoscalerCondition[], now: number) {
    this.#before = before;
    this.#now = now;
  }

  set(type: ConditionType, verdict: Verdict): void {
    this.#verdicts.set(type, verdict);
  }

  list(): V2HorizontalPodAutoscalerCondition[] {
    const types = new Set([...this.#before.map(({ type }) => type), ...this.#verdicts.keys()]);
    return [...types].flatMap((type) => {
      const old = this.#before.find((each) => each.type === type);
      const verdict = this.#verdicts.get(type);
      if (!verdict) return old ?? [];
      const [holds, reason, message] = verdict;
      const status = holds ? "True" : "False";
      const since = old?.status === status ? old.lastTransitionTime : undefined;
      return { type, status, lastTransitionTime: since ?? toTime(this.#now), reason, message };
    });
  }
}
