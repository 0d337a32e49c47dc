import type { CheckMessage } from "../protocol/check-messages";
import type { CheckOf, Scalar } from "../protocol/checks";
import { findOrExplain } from "./explain-missing";
import { isTerminating } from "./facts";
import { readFieldPath } from "./field-path";
import type { Snapshot } from "./snapshot";

export function checkExists(check: CheckOf<"exists">, snapshot: Snapshot): CheckMessage | undefined {
  const found = findOrExplain(snapshot, check.object);
  return "message" in found ? found.message : undefined;
}

export function checkAbsent(check: CheckOf<"absent">, snapshot: Snapshot): CheckMessage | undefined {
  const object = snapshot.find(check.object);
  if (!object) return undefined;
  const { kind, name } = check.object;
  return { code: isTerminating(object) ? "object-terminating" : "object-still-there", params: { kind, name } };
}

export function checkField(check: CheckOf<"field">, snapshot: Snapshot): CheckMessage | undefined {
  const found = findOrExplain(snapshot, check.object);
  if ("message" in found) return found.message;
  const value = readFieldPath(found.object, check.path);
  const params = { kind: check.object.kind, name: check.object.name, path: check.path };
  if (check.present === false) return value === undefined ? undefined : { code: "field-present", params };
  if (value === undefined || value === null) {
    return check.notEquals === undefined ? { code: "field-missing", params } : undefined;
  }
  if (check.present === true) return undefined;
  const actual = show(value);
  return checkValue(check, value, { ...params, actual });
}

function checkValue(
  check: CheckOf<"field">,
  value: unknown,
  params: Record<string, string | number>,
): CheckMessage | undefined {
  const { equals, notEquals, oneOf, matches, atLeast, atMost } = check;
  if (equals !== undefined) {
    return same(value, equals) ? undefined : { code: "field-not-equal", params: { ...params, expected: show(equals) } };
  }
  if (notEquals !== undefined) return same(value, notEquals) ? { code: "field-equal", params } : undefined;
  if (oneOf !== undefined) {
    if (oneOf.some((option) => same(value, option))) return undefined;
    return { code: "field-not-one-of", params: { ...params, expected: oneOf.map(show).join(", ") } };
  }
  // The pattern is the author's, the text an API field of bounded size.
  if (matches !== undefined)
    return new RegExp(matches, "u").test(show(value)) ? undefined : { code: "field-no-match", params };
  const number = typeof value === "number" ? value : Number.NaN;
  if (Number.isNaN(number)) return { code: "field-not-a-number", params };
  if (atLeast !== undefined && number < atLeast)
    return { code: "field-too-small", params: { ...params, expected: atLeast } };
  if (atMost !== undefined && number > atMost)
    return { code: "field-too-large", params: { ...params, expected: atMost } };
  return undefined;
}

/** `80` in a file and `"80"` in an object are different fields (int-or-string), so types count. */
function same(value: unknown, expected: Scalar): boolean {
  return value === expected;
}

function show(value: unknown): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 500);
}
