import type { CustomResourceColumnDefinition } from "../api/generated/kubernetes";
import { age } from "../registry/duration";
import { nameCell } from "../registry/cells";
import type { Cell, Column, Printer } from "../registry/strategy";
import { parseJsonPath } from "./json-path";

/** The table of a custom resource: its name, then the columns that its definition adds; without any, its age. */
export function customPrinter(definitions: readonly CustomResourceColumnDefinition[] | undefined): Printer {
  const added = (definitions && definitions.length > 0 ? definitions : [AGE]).map((definition) => ({
    column: columnOf(definition),
    type: definition.type,
    path: parseJsonPath(definition.jsonPath),
  }));
  return {
    columns: [{ name: "Name", type: "string", format: "name", priority: 0 }, ...added.map(({ column }) => column)],
    row: (object, now) => [nameCell(object), ...added.map(({ type, path }) => cellOf(path?.(object)[0], type, now))],
  };
}

const AGE: CustomResourceColumnDefinition = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };

function columnOf({ name, type, format = "", priority = 0 }: CustomResourceColumnDefinition): Column {
  const known = TYPES.find((each) => each === type) ?? "string";
  return { name, type: known, format: format === "name" ? "name" : "", priority: priority > 0 ? 1 : 0 };
}

const TYPES = ["string", "integer", "date", "boolean", "number"] as const;

/** A value of another type than its column's shows as nothing. */
function cellOf(value: unknown, type: string, now: number): Cell {
  if (value === undefined || value === null) return null;
  switch (type) {
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      if (typeof value !== "string") return null;
      return Number.isNaN(Date.parse(value)) ? "<invalid>" : age(value, now);
    default:
      return typeof value === "string" ? value : JSON.stringify(value);
  }
}
