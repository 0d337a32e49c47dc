import { isTimeZone } from "./zoned-time";

/** When something is due: at minutes of the calendar, or again and again after the same time. */
export type Schedule = Calendar | { readonly everyMs: number };

/** The values that fit, by field. A day fits by both of its fields; where both are restricted one of them is enough. */
export interface Calendar {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  readonly fitsEitherDay: boolean;
}

export type Parsed = { readonly schedule: Schedule } | { readonly fault: string };

/**
 * Reads a cron expression, or says why it cannot in the words of the parser that Kubernetes uses.
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
export function parseSchedule(text: string): Parsed {
  if (text === "") return { fault: "empty spec string" };
  let spec = text;
  if (/^(TZ|CRON_TZ)=/.test(spec)) {
    const zone = spec.slice(spec.indexOf("=") + 1).split(" ")[0] ?? "";
    if (!isTimeZone(zone)) return { fault: `provided bad location ${zone}: unknown time zone ${zone}` };
    spec = spec.slice(spec.indexOf(" ")).trim();
  }
  if (spec.startsWith("@")) return parseDescriptor(spec);
  const fields = spec.split(/\s+/).filter((field) => field !== "");
  if (fields.length !== FIELDS.length) {
    return { fault: `expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(" ")}]` };
  }
  const read: Field[] = [];
  for (const [index, bounds] of FIELDS.entries()) {
    const field = parseField(fields[index] ?? "", bounds);
    if ("fault" in field) return field;
    read.push(field);
  }
  const [minutes, hours, days, months, weekdays] = read;
  if (!minutes || !hours || !days || !months || !weekdays) return { fault: "empty spec string" };
  return {
    schedule: {
      minutes: minutes.values,
      hours: hours.values,
      days: days.values,
      months: months.values,
      weekdays: weekdays.values,
      fitsEitherDay: !days.isAny && !weekdays.isAny,
    },
  };
}

export function scheduleFault(text: string): string | undefined {
  const parsed = parseSchedule(text);
  return "fault" in parsed ? parsed.fault : undefined;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];
const DESCRIPTORS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const UNITS_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 36e5 };

function parseDescriptor(text: string): Parsed {
  const known = DESCRIPTORS[text];
  if (known !== undefined) return parseSchedule(known);
  if (!text.startsWith("@every ")) return { fault: `unrecognized descriptor: ${text}` };
  const duration = text.slice("@every ".length);
  if (!/^[-+]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(duration) && duration !== "0") {
    return { fault: `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}` };
  }
  let ms = 0;
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) {
    ms += Number(amount) * (UNITS_MS[unit ?? ""] ?? 0);
  }
  // Whole seconds, one at least.
  return { schedule: { everyMs: Math.max(1000, Math.floor((duration.startsWith("-") ? -ms : ms) / 1000) * 1000) } };
}

interface Field {
  readonly values: Set<number>;
  /** Whether it is a star, which leaves the choice of days to the other field. */
  readonly isAny: boolean;
}

function parseField(text: string, bounds: Bounds): Field | { fault: string } {
  const values = new Set<number>();
  let isAny = false;
  for (const part of text.split(",").filter((each) => each !== "")) {
    const range = parseRange(part, bounds);
    if ("fault" in range) return range;
    for (let value = range.start; value <= range.end; value += range.step) values.add(value);
    isAny ||= range.isAny;
  }
  return { values, isAny };
}

type Read = { readonly number: number } | { readonly fault: string };

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly isAny: boolean;
}

/** One of `*`, `n`, `n-m`, each with an optional `/step`. */
function parseRange(text: string, bounds: Bounds): Range | { fault: string } {
  const [range = "", ...steps] = text.split("/");
  const [low = "", ...highs] = range.split("-");
  const isStar = low === "*" || low === "?";
  let start: Read = { number: bounds.min };
  let end: Read = { number: bounds.max };
  if (!isStar) {
    start = readNumber(low, bounds);
    if ("fault" in start) return start;
    if (highs.length > 1) return { fault: `too many hyphens: ${text}` };
    end = highs[0] === undefined ? start : readNumber(highs[0], bounds);
    if ("fault" in end) return end;
  }
  if (steps.length > 1) return { fault: `too many slashes: ${text}` };
  const step = steps[0] === undefined ? { number: 1 } : readNumber(steps[0]);
  if ("fault" in step) return step;
  if (steps[0] !== undefined && highs.length === 0) end = { number: bounds.max };
  if (start.number < bounds.min) {
    return { fault: `beginning of range (${start.number}) below minimum (${bounds.min}): ${text}` };
  }
  if (end.number > bounds.max) return { fault: `end of range (${end.number}) above maximum (${bounds.max}): ${text}` };
  if (start.number > end.number) {
    return { fault: `beginning of range (${start.number}) beyond end of range (${end.number}): ${text}` };
  }
  if (step.number === 0) return { fault: `step of range should be a positive number: ${text}` };
  return { start: start.number, end: end.number, step: step.number, isAny: isStar && step.number === 1 };
}

function readNumber(text: string, bounds?: Bounds): Read {
  const named = text === "" ? -1 : (bounds?.names.indexOf(text.toLowerCase()) ?? -1);
  if (named >= 0) return { number: named };
  if (!/^[-+]?\d+$/.test(text)) {
    return { fault: `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax` };
  }
  const number = Number(text);
  return number < 0 ? { fault: `negative number (${number}) not allowed: ${text}` } : { number };
}
