import { isJsonObject } from "../api/json";
import { SPECIAL_JSON } from "../schema/special-json";
import { existingType, typeOf, type Field, type SchemaType } from "../schema/types";

const CONTEXT = 3;

/**
 * The difference between two values of a type as the server shows it where it refuses an update: a unified diff of the
 * Go struct, one field to a line, with the fields that are not set.
 */
export function structDiff(typeName: string, before: unknown, after: unknown): string {
  const type = existingType(typeName);
  return unifiedDiff(dumpStruct(before, type, 0), dumpStruct(after, type, 0));
}

function dumpStruct(value: unknown, type: SchemaType, depth: number): string[] {
  const object = isJsonObject(value) ? value : {};
  const fields = [...type.fields.values()];
  const lines = fields.flatMap((field, index) => {
    const [first = "", ...rest] = dumpField(object[field.name], field, depth + 1);
    const all = [`${" ".repeat(depth + 1)}${JSON.stringify(goName(field.name))}: ${first}`, ...rest];
    return index < fields.length - 1 ? withComma(all) : all;
  });
  return ["{", ...lines, `${" ".repeat(depth)}}`];
}

function dumpField(value: unknown, field: Field, depth: number): string[] {
  if (value === undefined) return [zeroOf(field)];
  const inner = SPECIAL_JSON.has(field.type) ? undefined : typeOf(field.type);
  if (Array.isArray(value)) return dumpList(value, inner, depth);
  if (isJsonObject(value) && field.shape === "one" && inner) return dumpStruct(value, inner, depth);
  return JSON.stringify(value, undefined, 1)
    .split("\n")
    .map((line, index) => (index === 0 ? line : " ".repeat(depth) + line));
}

function dumpList(list: readonly unknown[], inner: SchemaType | undefined, depth: number): string[] {
  if (list.length === 0) return ["[]"];
  const pad = " ".repeat(depth + 1);
  const lines = list.flatMap((item, index) => {
    const [first = "", ...rest] = inner ? dumpStruct(item, inner, depth + 1) : [JSON.stringify(item)];
    const all = [pad + first, ...rest];
    return index < list.length - 1 ? withComma(all) : all;
  });
  return ["[", ...lines, `${" ".repeat(depth)}]`];
}

function zeroOf(field: Field): string {
  if (field.shape !== "one" || field.pointer) return "null";
  if (field.type === "string" || field.type === "bytes") return '""';
  if (field.type === "bool") return "false";
  return /^(int|double)/.test(field.type) ? "0" : "null";
}

function withComma(lines: readonly string[]): string[] {
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ""},`];
}

function goName(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** One or more hunks of what lies between the common beginning and the common end. */
function unifiedDiff(before: readonly string[], after: readonly string[]): string {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  if (start === before.length && start === after.length) return "";
  const from = Math.max(0, start - CONTEXT);
  const tail = Math.min(end, CONTEXT);
  const removed = before.slice(start, before.length - end);
  const added = after.slice(start, after.length - end);
  const head = before.slice(from, start);
  const rest = before.slice(before.length - end, before.length - end + tail);
  const size = (changed: readonly string[]): number => head.length + changed.length + rest.length;
  return [
    `@@ -${from + 1},${size(removed)} +${from + 1},${size(added)} @@`,
    ...head.map((line) => ` ${line}`),
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
    ...rest.map((line) => ` ${line}`),
    "",
  ].join("\n");
}
