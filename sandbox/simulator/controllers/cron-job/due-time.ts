import type { CronJob } from "../../api/generated/kubernetes";
import { nextTime } from "../../api/cron/next-time";
import type { Schedule } from "../../api/cron/schedule";
import type { TimeZone } from "../../api/cron/zoned-time";
import type { Stored } from "../../api/object";

/** When a CronJob is due, in epoch milliseconds. */
export interface DueTime {
  /** The latest time that has come and was not acted on; `undefined` when none has. */
  readonly due: number | undefined;
  /** When to look again; `undefined` for a schedule that has no next time. */
  readonly next: number | undefined;
  /** How many times have come since the CronJob last ran. */
  readonly missed: number;
}

/** Of several times that passed unseen only the last counts; those before the starting deadline count not at all. */
export function dueTime(cronJob: Stored<CronJob>, schedule: Schedule, zone: TimeZone, now: number): DueTime {
  const { status, metadata, spec } = cronJob;
  let from = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp);
  if (spec.startingDeadlineSeconds !== undefined) from = Math.max(from, now - spec.startingDeadlineSeconds * 1000);
  const first = nextTime(schedule, from, zone);
  if (first === undefined || first > now) return { due: undefined, next: first, missed: 0 };
  const second = nextTime(schedule, first, zone);
  if (second === undefined || second > now) return { due: first, next: second, missed: 1 };
  const interval = second - first;
  const missed = Math.floor((now - first) / interval) + 1;
  // Near the end first, so that years of missed minutes need not be walked.
  let due = first;
  let next = nextTime(schedule, Math.max(first, first + (missed - 2) * interval), zone);
  for (; next !== undefined && next <= now; next = nextTime(schedule, next, zone)) due = next;
  return { due, next, missed };
}
