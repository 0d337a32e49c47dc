/**
 * Why a cron expression cannot be read, in the words of the parser that Kubernetes uses; `undefined` when it can.
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
export function scheduleFault(text: string): string | undefined {
  if (text === "") return "empty spec string";
  let spec = text;
  if (/^(TZ|CRON_TZ)=/.test(spec)) {
    const zone = spec.slice(spec.indexOf("=") + 1).split(" ")[0] ?? "";
    if (!isTimeZone(zone)) return `provided bad location ${zone}: unknown time zone ${zone}`;
    spec = spec.slice(spec.indexOf(" ")).trim();
  }
  if (spec.startsWith("@")) return descriptorFault(spec);
  const fields = spec.split(/\s+/).filter((field) => field !== "");
  if (fields.length !== FIELDS.length) {
    return `expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(" ")}]`;
  }
  for (const [index, bounds] of FIELDS.entries()) {
    for (const range of (fields[index] ?? "").split(",").filter((each) => each !== "")) {
      const fault = rangeFault(range, bounds);
      if (fault) return fault;
    }
  }
  return undefined;
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
const DESCRIPTORS = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

function descriptorFault(text: string): string | undefined {
  if (DESCRIPTORS.includes(text)) return undefined;
  if (!text.startsWith("@every ")) return `unrecognized descriptor: ${text}`;
  const duration = text.slice("@every ".length);
  if (/^[-+]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(duration) || duration === "0") return undefined;
  return `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`;
}

type Read = { readonly number: number } | { readonly fault: string };

/** One of `*`, `n`, `n-m`, each with an optional `/step`. */
function rangeFault(text: string, bounds: Bounds): string | undefined {
  const [range = "", ...steps] = text.split("/");
  const [low = "", ...highs] = range.split("-");
  let start: Read = { number: bounds.min };
  let end: Read = { number: bounds.max };
  if (low !== "*" && low !== "?") {
    start = readNumber(low, bounds);
    if ("fault" in start) return start.fault;
    if (highs.length > 1) return `too many hyphens: ${text}`;
    end = highs[0] === undefined ? start : readNumber(highs[0], bounds);
    if ("fault" in end) return end.fault;
  }
  if (steps.length > 1) return `too many slashes: ${text}`;
  const step = steps[0] === undefined ? { number: 1 } : readNumber(steps[0]);
  if ("fault" in step) return step.fault;
  if (steps[0] !== undefined && highs.length === 0) end = { number: bounds.max };
  if (start.number < bounds.min) {
    return `beginning of range (${start.number}) below minimum (${bounds.min}): ${text}`;
  }
  if (end.number > bounds.max) return `end of range (${end.number}) above maximum (${bounds.max}): ${text}`;
  if (start.number > end.number) {
    return `beginning of range (${start.number}) beyond end of range (${end.number}): ${text}`;
  }
  return step.number === 0 ? `step of range should be a positive number: ${text}` : undefined;
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
