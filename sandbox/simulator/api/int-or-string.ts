import type { IntOrString } from "./generated/kubernetes";

/** `5` or `"25%"` of a total. Percentages round up or down as the rule at hand says (surge up, unavailable down). */
export function resolveIntOrPercent(value: IntOrString | undefined, total: number, rounding: "up" | "down"): number {
  if (value === undefined) return 0;
  if (typeof value === "number") return value;
  const percent = percentOf(value);
  if (percent === undefined) return 0;
  const exact = (percent * total) / 100;
  return rounding === "up" ? Math.ceil(exact) : Math.floor(exact);
}

/** The number in `"25%"`; `undefined` when it is not a percentage. */
export function percentOf(value: IntOrString): number | undefined {
  if (typeof value !== "string") return undefined;
  const match = /^(\d+)%$/.exec(value);
  return match ? Number(match[1]) : undefined;
}
