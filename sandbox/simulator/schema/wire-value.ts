import type { Field } from "./types";

/** Whether Go's `omitempty` would leave a value out: zero scalars and empty lists and maps; a struct never is. */
export function isEmptyValue(value: unknown, field: Field): boolean {
  if (value === undefined || value === null) return true;
  if (field.omitZero) return typeof value === "object" ? Object.keys(value).length === 0 : value === "";
  if (field.shape !== "one") return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false;
}
