import type { Calendar, Schedule } from "./schedule";
import type { TimeZone, WallTime } from "./zoned-time";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A schedule without a time in so many years (31 February) has none. */
const YEARS = 5;

/**
 * The first time after `after` that fits, in epoch milliseconds; `undefined` when there is none within five years. What
 * falls into the hour that clocks skip in spring is left out; what falls into the hour they repeat comes twice.
 */
export function nextTime(schedule: Schedule, after: number, zone: TimeZone): number | undefined {
  if ("everyMs" in schedule) return Math.floor(after / 1000) * 1000 + schedule.everyMs;
  let time = Math.floor(after / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const lastYear = zone.wallTime(time).year + YEARS;
  for (;;) {
    const wall = zone.wallTime(time);
    if (wall.year > lastYear) return undefined;
    if (!schedule.months.has(wall.month)) time = later(time, zone.startOfDay(wall.year, wall.month + 1, 1));
    else if (!fitsDay(schedule, wall)) time = later(time, zone.startOfDay(wall.year, wall.month, wall.day + 1));
    else if (!schedule.hours.has(wall.hour)) time += HOUR_MS - wall.minute * MINUTE_MS;
    else if (!schedule.minutes.has(wall.minute)) time += MINUTE_MS;
    else return time;
  }
}

function fitsDay({ days, weekdays, fitsEitherDay }: Calendar, { day, weekday }: WallTime): boolean {
  const [byDay, byWeekday] = [days.has(day), weekdays.has(weekday)];
  return fitsEitherDay ? byDay || byWeekday : byDay && byWeekday;
}

/** Never stands still, whatever a zone's history holds. */
function later(time: number, wanted: number): number {
  return wanted > time ? wanted : time + HOUR_MS;
}
