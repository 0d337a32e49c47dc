/** A moment as a clock on the wall of a time zone shows it. Months count from 1, weekdays from Sunday, 0. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

export function isTimeZone(name: string): boolean {
  if (name === "" || name === "UTC" || name === "Local") return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    // The only thing it throws for is a zone it does not know.
    return false;
  }
}

/** A time zone by its IANA name; nodes of a cluster live in UTC, so `Local` does too. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat | undefined;

  constructor(name = "UTC") {
    if (name === "" || name === "UTC" || name === "Local") return;
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  wallTime(ms: number): WallTime {
    const local = new Date(ms + this.offsetAt(ms));
    return {
      year: local.getUTCFullYear(),
      month: local.getUTCMonth() + 1,
      day: local.getUTCDate(),
      weekday: local.getUTCDay(),
      hour: local.getUTCHours(),
      minute: local.getUTCMinutes(),
    };
  }

  /** Milliseconds the zone is ahead of UTC at that moment. */
  offsetAt(ms: number): number {
    if (!this.#format) return 0;
    const parts = new Map(this.#format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
    return wall - Math.floor(ms / 1000) * 1000;
  }

  /** The first moment of a day, in epoch milliseconds; days beyond the month's end run on into the next. */
  startOfDay(year: number, month: number, day: number): number {
    const wall = Date.UTC(year, month - 1, day);
    const guess = wall - this.offsetAt(wall);
    return wall - this.offsetAt(guess);
  }

  /** RFC 3339 with the zone's offset. */
  format(ms: number): string {
    const offset = this.offsetAt(ms);
    const text = new Date(ms + offset).toISOString().replace(/\.\d{3}Z$/, "");
    if (!this.#format || offset === 0) return `${text}Z`;
    const minutes = Math.abs(offset) / 60_000;
    const two = (value: number) => String(value).padStart(2, "0");
    return `${text}${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }
}
