import { floatText, pad } from "../format";
import { formatDate } from "../date-format";
import type { Matcher } from "../regex";
import { splitFields } from "./record";
import { fromInput, toNumber, type Value } from "./values";
import type { AwkArray } from "./variables";

/** What the functions need of the program that calls them. */
export interface FunctionContext {
  text(value: Value): string;
  matcher(source: string): Matcher;
  now(): number;
  /** Between 0 and 1. */
  random(): number;
}

/** Functions of values alone. Positions count from 1. */
export const plainFunctions: Readonly<
  Record<string, ((context: FunctionContext, args: readonly Value[]) => Value) | undefined>
> = {
  length: (context, [value]) => context.text(value).length,
  substr: (context, [value, start, count]) => {
    const text = context.text(value);
    // A start before the first character is moved to it, and the count stays, as busybox has it.
    const first = Math.max(Math.round(toNumber(start)), 1) - 1;
    return text.slice(first, count === undefined ? undefined : first + Math.max(Math.round(toNumber(count)), 0));
  },
  index: (context, [text, part]) => context.text(text).indexOf(context.text(part)) + 1,
  tolower: (context, [text]) => context.text(text).toLowerCase(),
  toupper: (context, [text]) => context.text(text).toUpperCase(),
  int: (_, [value]) => Math.trunc(toNumber(value)),
  sqrt: (_, [value]) => Math.sqrt(toNumber(value)),
  exp: (_, [value]) => Math.exp(toNumber(value)),
  log: (_, [value]) => Math.log(toNumber(value)),
  sin: (_, [value]) => Math.sin(toNumber(value)),
  cos: (_, [value]) => Math.cos(toNumber(value)),
  atan2: (_, [y, x]) => Math.atan2(toNumber(y), toNumber(x)),
  rand: (context) => context.random(),
  systime: (context) => Math.floor(context.now() / 1000),
  strftime: (context, [format, seconds]) =>
    formatDate(
      seconds === undefined ? context.now() : toNumber(seconds) * 1000,
      format === undefined ? "%c" : context.text(format),
    ),
  sprintf: (context, [format, ...values]) => awkPrintf(context.text(format), values, (value) => context.text(value)),
};

/** Fills `array` with the parts of `text`, from 1; their number. */
export function splitInto(array: AwkArray, text: string, separator: string): number {
  const parts = splitFields(text, separator);
  array.clear();
  for (const [index, part] of parts.entries()) array.set(String(index + 1), fromInput(part));
  return parts.length;
}

/** `printf`: unlike the shell's, the format is used once, and values need not be text. */
export function awkPrintf(format: string, values: readonly Value[], text: (value: Value) => string): string {
  let next = 0;
  return format.replace(
    /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]*([diouxXeEfFgGcs%])/g,
    (_whole, flags: string, width: string | undefined, precision: string | undefined, conversion: string) => {
      if (conversion === "%") return "%";
      const size = width === "*" ? toNumber(values[next++]) : Number(width ?? 0);
      const digits =
        precision === undefined ? undefined : precision === "*" ? toNumber(values[next++]) : Number(precision || 0);
      return pad(converted(conversion, values[next++], digits, flags, text), size, flags, conversion);
    },
  );
}

function converted(
  conversion: string,
  value: Value,
  precision: number | undefined,
  flags: string,
  text: (value: Value) => string,
): string {
  if (conversion === "s") return text(value).slice(0, precision);
  if (conversion === "c")
    return typeof value === "number" ? String.fromCharCode(value & 0xff) : text(value).slice(0, 1);
  const number = toNumber(value);
  const signed = (shown: string): string =>
    shown.startsWith("-") ? shown : flags.includes("+") ? `+${shown}` : flags.includes(" ") ? ` ${shown}` : shown;
  if (conversion === "d" || conversion === "i") {
    const whole = Math.trunc(number);
    const digits = (Number.isFinite(whole) ? BigInt(Math.abs(whole)).toString() : "0").padStart(precision ?? 1, "0");
    return signed(whole < 0 ? `-${digits}` : digits);
  }
  const base = { o: 8, u: 10, x: 16, X: 16 }[conversion];
  if (base !== undefined) {
    const digits = BigInt.asUintN(64, BigInt(Number.isFinite(number) ? Math.trunc(number) : 0))
      .toString(base)
      .padStart(precision ?? 1, "0");
    const marked =
      flags.includes("#") && number !== 0 ? ({ o: "0", x: "0x", X: "0x" }[conversion] ?? "") + digits : digits;
    return conversion === "X" ? marked.toUpperCase() : marked;
  }
  return signed(floatText(conversion, number, Math.min(precision ?? 6, 100)));
}
