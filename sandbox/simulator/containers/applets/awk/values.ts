/** Text that came from outside and looks like a number: it compares as one, and prints as it was. */
export class NumericText {
  readonly text: string;
  readonly value: number;

  constructor(text: string, value: number) {
    this.text = text;
    this.value = value;
  }
}

/** `undefined` is a variable never set: "" and 0 at once. */
export type Value = number | string | NumericText | undefined;

const LEADING_NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/;

/** A value as read from input: numeric where it looks like a number. */
export function fromInput(text: string): Value {
  const match = LEADING_NUMBER.exec(text);
  return match && /^\s*$/.test(text.slice(match[0].length)) ? new NumericText(text, Number(match[0])) : text;
}

export function toNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (value === undefined) return 0;
  if (value instanceof NumericText) return value.value;
  return Number(LEADING_NUMBER.exec(value)?.[0] ?? 0);
}

/** Whole numbers print as such; others by `format`, which is CONVFMT or OFMT. */
export function toText(value: Value, format: (value: number) => string): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  if (value instanceof NumericText) return value.text;
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value).toString();
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return format(value);
}

export function isTrue(value: Value): boolean {
  if (typeof value === "number") return value !== 0;
  if (value instanceof NumericText) return value.value !== 0;
  return value !== undefined && value !== "";
}

/** Below zero, zero or above. Two numbers compare as numbers, anything else as text. */
export function compare(left: Value, right: Value, format: (value: number) => string): number {
  if (typeof left !== "string" && typeof right !== "string") {
    const [a, b] = [toNumber(left), toNumber(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  const [a, b] = [toText(left, format), toText(right, format)];
  return a < b ? -1 : a > b ? 1 : 0;
}
