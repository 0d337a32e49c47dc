/**
 * Amounts of resources: `500m`, `1Gi`, `2e3`.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */

export const QUANTITY_RULE =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const PATTERN = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/;

type Form = "binary" | "decimal" | "exponent";

/** An exact amount: `nano` counts billionths, the smallest step the API keeps. */
export interface Quantity {
  readonly nano: bigint;
  readonly form: Form;
}

const NANO = 1_000_000_000n;
const ZERO: Quantity = { nano: 0n, form: "decimal" };
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: readonly (readonly [suffix: string, power: number])[] = [
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
];

/** `undefined` when the text is no quantity. Smaller parts than a billionth round up, away from zero. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [, sign, digits = "", suffix = ""] = match;
  const [whole = "", fraction = ""] = digits.split(".");
  let numerator = BigInt((whole + fraction).replace(/^$/, "0")) * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  const form = formOf(suffix);
  if (form === "binary") numerator *= 1024n ** BigInt(BINARY.indexOf(suffix));
  else {
    const power = form === "exponent" ? Number(suffix.slice(1)) : (DECIMAL.find(([name]) => name === suffix)?.[1] ?? 0);
    if (Math.abs(power) > 30) return undefined;
    if (power >= 0) numerator *= 10n ** BigInt(power);
    else denominator *= 10n ** BigInt(-power);
  }
  const nano = numerator / denominator + (numerator % denominator === 0n ? 0n : 1n);
  return { nano: sign === "-" ? -nano : nano, form };
}

function formOf(suffix: string): Form {
  if (/^[eE][+-]?\d+$/.test(suffix)) return "exponent";
  return suffix.endsWith("i") ? "binary" : "decimal";
}

/** The one way the API writes an amount: the largest suffix that leaves a whole number. */
export function formatQuantity({ nano, form }: Quantity): string {
  if (nano === 0n) return "0";
  const isWhole = nano % NANO === 0n;
  // Below 1024, and with a fraction, the binary form falls back to the decimal one.
  if (form === "binary" && isWhole && abs(nano) >= 1024n * NANO) {
    let amount = nano / NANO;
    let step = 0;
    while (amount % 1024n === 0n && step < BINARY.length - 1) {
      amount /= 1024n;
      step++;
    }
    return `${amount}${BINARY[step] ?? ""}`;
  }
  let amount = nano;
  let step = 0;
  while (amount % 1000n === 0n && step < DECIMAL.length - 1) {
    amount /= 1000n;
    step++;
  }
  const [suffix, power] = DECIMAL[step] ?? ["", 0];
  return form === "exponent" ? `${amount}${power === 0 ? "" : `e${power}`}` : `${amount}${suffix}`;
}

/** The canonical text; the text itself when it is no quantity (validation says so then). */
export function canonicalQuantity(text: string): string {
  const quantity = parseQuantity(text);
  return quantity ? formatQuantity(quantity) : text;
}

/** Rewrites a list of resources in place. */
export function canonicalQuantities(list: Record<string, string> | undefined): void {
  if (!list) return;
  for (const [name, amount] of Object.entries(list)) list[name] = canonicalQuantity(amount);
}

/** Negative, zero or positive. What is no quantity counts as zero. */
export function compareQuantities(a: string, b: string): number {
  const difference = nanoOf(a) - nanoOf(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum; a zero takes on the other's form. */
export function addQuantities(a: string, b: string): string {
  return combine(a, b, 1n);
}

export function subtractQuantities(a: string, b: string): string {
  return combine(a, b, -1n);
}

function combine(a: string, b: string, sign: bigint): string {
  const left = parseQuantity(a) ?? ZERO;
  const right = parseQuantity(b) ?? ZERO;
  return formatQuantity({ nano: left.nano + sign * right.nano, form: left.nano === 0n ? right.form : left.form });
}

/** Thousandths, rounded up: how CPU is counted. */
export function milliValue(text: string): number {
  const nano = nanoOf(text);
  return Number(nano / 1_000_000n + (nano % 1_000_000n > 0n ? 1n : 0n));
}

/** Whole units, rounded up: how bytes and pods are counted. */
export function wholeValue(text: string): number {
  const nano = nanoOf(text);
  return Number(nano / NANO + (nano % NANO > 0n ? 1n : 0n));
}

function nanoOf(text: string): bigint {
  return parseQuantity(text)?.nano ?? 0n;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
