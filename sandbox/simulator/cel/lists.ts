import { EvaluationError, type Environment } from "@marcbachmann/cel-js";

/** Functions on lists and sets. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library */
export function registerLists(environment: Environment): void {
  environment
    .registerFunction("list<A>.sum(): A", (list: readonly unknown[]) => list.reduce(add, 0n))
    .registerFunction("list<A>.min(): A", (list: readonly unknown[]) => best(list, "min", -1))
    .registerFunction("list<A>.max(): A", (list: readonly unknown[]) => best(list, "max", 1))
    .registerFunction("list<A>.isSorted(): bool", (list: readonly unknown[]) =>
      list.every((each, index) => index === 0 || compare(list[index - 1], each) <= 0),
    )
    .registerFunction("list<A>.indexOf(A): int", (list: readonly unknown[], value: unknown) =>
      BigInt(list.findIndex((each) => isEqual(each, value))),
    )
    .registerFunction("list<A>.lastIndexOf(A): int", (list: readonly unknown[], value: unknown) =>
      BigInt(list.findLastIndex((each) => isEqual(each, value))),
    )
    .registerFunction("list<A>.slice(int, int): list<A>", (list: readonly unknown[], from: bigint, to: bigint) =>
      list.slice(Number(from), Number(to)),
    )
    .registerFunction("list<A>.distinct(): list<A>", (list: readonly unknown[]) =>
      list.filter((each, index) => list.findIndex((other) => isEqual(other, each)) === index),
    )
    .registerFunction("list<A>.sort(): list<A>", (list: readonly unknown[]) => [...list].sort(compare))
    .registerFunction("list<A>.reverse(): list<A>", (list: readonly unknown[]) => [...list].reverse())
    .registerType("kubernetes.Sets", Sets)
    .registerConstant("sets", "kubernetes.Sets", new Sets())
    .registerFunction("kubernetes.Sets.contains(list, list): bool", (_sets: Sets, all: unknown[], some: unknown[]) =>
      some.every((each) => has(all, each)),
    )
    .registerFunction("kubernetes.Sets.intersects(list, list): bool", (_sets: Sets, a: unknown[], b: unknown[]) =>
      a.some((each) => has(b, each)),
    )
    .registerFunction(
      "kubernetes.Sets.equivalent(list, list): bool",
      (_sets: Sets, a: unknown[], b: unknown[]) => a.every((each) => has(b, each)) && b.every((each) => has(a, each)),
    );
}

/** Only the name space of `sets.contains` and its like. */
class Sets {
  readonly name = "sets";
}

function has(list: readonly unknown[], value: unknown): boolean {
  return list.some((each) => isEqual(each, value));
}

function add(sum: unknown, value: unknown): unknown {
  if (typeof value === "bigint" && typeof sum === "bigint") return sum + value;
  if (typeof value === "number") return Number(sum) + value;
  throw new EvaluationError("no such overload");
}

function best(list: readonly unknown[], name: string, sign: number): unknown {
  if (list.length === 0) throw new EvaluationError(`${name} called on empty list`);
  return list.reduce((found, each) => (compare(each, found) * sign > 0 ? each : found));
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  const isNumeric = (value: unknown): value is number | bigint =>
    typeof value === "number" || typeof value === "bigint";
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  throw new EvaluationError("no such overload");
}

/** Whether two values are the same to the language: numbers by their amount, the rest by their parts. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    const isMixed =
      typeof a !== typeof b && [a, b].every((each) => typeof each === "number" || typeof each === "bigint");
    return isMixed ? Number(a) === Number(b) : a === b;
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((each, index) => isEqual(each, b[index]));
  }
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && isEqual(value, right.get(key)));
}
