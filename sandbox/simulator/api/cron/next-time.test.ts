import { describe, expect, it } from "vitest";
import { nextTime } from "./next-time";
import { parseSchedule } from "./schedule";
import { TimeZone } from "./zoned-time";

describe("the next time of a schedule", () => {
  it.each([
    ["*/5 * * * *", "2026-01-01T00:01:30Z", "2026-01-01T00:05:00Z"],
    ["0 12 * * 6", "2026-01-01T00:00:00Z", "2026-01-03T12:00:00Z"],
    ["0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["0 0 */10 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["0 0 13 * *", "2026-01-01T00:00:00Z", "2026-01-13T00:00:00Z"],
    ["30 3 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T03:30:00Z"],
    ["@monthly", "2026-12-05T00:00:00Z", "2027-01-01T00:00:00Z"],
    ["@every 1h30m", "2026-01-01T00:00:10Z", "2026-01-01T01:30:10Z"],
  ])("of %s after %s is %s", (text, after, expected) => {
    expect(next(text, after)).toEqual(expected);
  });

  it("is none for a day that never comes", () => {
    expect(next("0 0 31 2 *", "2026-01-01T00:00:00Z")).toBeUndefined();
  });

  it("goes by the clocks of the zone, skips the hour that is skipped and repeats the one that is repeated", () => {
    expect(next("30 9 * * *", "2026-07-01T00:00:00Z", "Europe/Berlin")).toBe("2026-07-01T07:30:00Z");
    expect(next("30 2 * * *", "2026-03-28T12:00:00Z", "Europe/Berlin")).toBe("2026-03-30T00:30:00Z");
    const first = next("30 2 * * *", "2026-10-24T12:00:00Z", "Europe/Berlin") ?? "";
    expect([first, next("30 2 * * *", first, "Europe/Berlin")]).toEqual([
      "2026-10-25T00:30:00Z",
      "2026-10-25T01:30:00Z",
    ]);
    expect(new TimeZone("Europe/Berlin").format(Date.parse(first))).toBe("2026-10-25T02:30:00+02:00");
  });
});

function next(text: string, after: string, zone?: string): string | undefined {
  const parsed = parseSchedule(text);
  if ("fault" in parsed) throw new Error(parsed.fault);
  const time = nextTime(parsed.schedule, Date.parse(after), new TimeZone(zone));
  return time === undefined ? undefined : new Date(time).toISOString().replace(".000", "");
}
