import { addQuantities, compareQuantities, subtractQuantities } from "./quantity";

/** Quantities by resource name, as `requests`, `limits` and `hard` are written. */
export type Amounts = Readonly<Record<string, string>>;

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return { ...a, ...mapAmounts(b, (name, amount) => addQuantities(a[name] ?? "0", amount)) };
}

export function subtractAmounts(a: Amounts, b: Amounts): Amounts {
  return { ...a, ...mapAmounts(b, (name, amount) => subtractQuantities(a[name] ?? "0", amount)) };
}

/** The larger of both, name by name. */
export function maxAmounts(a: Amounts, b: Amounts): Amounts {
  return {
    ...a,
    ...mapAmounts(b, (name, amount) => (compareQuantities(amount, a[name] ?? "0") > 0 ? amount : (a[name] ?? "0"))),
  };
}

export function maskAmounts(amounts: Amounts, names: readonly string[]): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => names.includes(name)));
}

export function withoutZeros(amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([, amount]) => compareQuantities(amount, "0") !== 0));
}

/** The names of which `amounts` has more than `most` allows; what `most` does not name is free. */
export function exceeded(amounts: Amounts, most: Amounts): string[] {
  return Object.entries(amounts)
    .filter(([name, amount]) => most[name] !== undefined && compareQuantities(amount, most[name]) > 0)
    .map(([name]) => name);
}

/** `pods=1,requests.cpu=100m` */
export function formatAmounts(amounts: Amounts): string {
  return Object.keys(amounts)
    .sort()
    .map((name) => `${name}=${amounts[name] ?? "0"}`)
    .join(",");
}

function mapAmounts(amounts: Amounts, edit: (name: string, amount: string) => string): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, edit(name, amount)]));
}
