import type { JobCondition, JobStatus } from "../../api/generated/kubernetes";
import { toTime } from "../../clock";

export type ConditionType = "Complete" | "Failed" | "FailureTarget" | "SuccessCriteriaMet" | "Suspended";

export function newCondition(
  type: ConditionType,
  status: "True" | "False",
  reason: string,
  message: string,
  now: number,
): JobCondition {
  const time = toTime(now);
  return { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message };
}

/**
 * Sets a condition where its status, reason or message differ; a condition that is not there is not made only to be
 * false. Returns whether something changed.
 */
export function ensureCondition(status: JobStatus, condition: JobCondition): boolean {
  const conditions = status.conditions ?? [];
  const before = conditions.find(({ type }) => type === condition.type);
  if (!before) {
    if (condition.status === "False") return false;
    status.conditions = [...conditions, condition];
    return true;
  }
  const { status: value, reason, message } = condition;
  if (before.status === value && before.reason === reason && before.message === message) return false;
  status.conditions = conditions.map((each) => (each === before ? condition : each));
  return true;
}
