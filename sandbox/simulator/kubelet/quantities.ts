import { formatQuantity, parseQuantity } from "../api/quantity";

/** The sum in the first amount's form; what is no quantity counts as nothing. */
export function addQuantities(a: string, b: string): string {
  const [first, second] = [parseQuantity(a), parseQuantity(b)];
  if (!first || !second) return first ? a : b;
  return formatQuantity({ nano: first.nano + second.nano, form: first.form });
}

/** `amount / divisor`, rounded up to a whole number, as resourceFieldRef gives it. */
export function divideQuantity(amount: string, divisor: string): string {
  const [dividend, by] = [parseQuantity(amount)?.nano ?? 0n, parseQuantity(divisor)?.nano ?? 0n];
  // A divisor of "0" is the API's default for "1".
  const unit = by === 0n ? 1_000_000_000n : by;
  return String((dividend + unit - 1n) / unit);
}
