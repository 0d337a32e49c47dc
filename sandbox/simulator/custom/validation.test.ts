import { describe, expect, it } from "vitest";
import type { JSONSchemaProps } from "../api/generated/kubernetes";
import { validateValue } from "./validation";

const texts = (value: unknown, schema: JSONSchemaProps, old?: unknown): string[] =>
  validateValue(value, schema, "", old).map(({ text }) => text);
const field = (schema: JSONSchemaProps): JSONSchemaProps => ({ type: "object", properties: { a: schema } });

describe("validation by schema", () => {
  it.each<[string, unknown, JSONSchemaProps, string]>([
    ["a missing field", {}, { type: "object", required: ["a"] }, "a: Required value"],
    [
      "another type",
      { a: "x" },
      field({ type: "integer" }),
      'a: Invalid value: "string": a in body must be of type integer: "string"',
    ],
    [
      "a null",
      { a: null },
      field({ type: "string" }),
      'a: Invalid value: "null": a in body must be of type string: "null"',
    ],
    [
      "too little",
      { a: 0 },
      field({ type: "integer", minimum: 1 }),
      "a: Invalid value: 0: a in body should be greater than or equal to 1",
    ],
    [
      "as much as may not be",
      { a: 5 },
      field({ type: "integer", maximum: 5, exclusiveMaximum: true }),
      "a: Invalid value: 5: a in body should be less than 5",
    ],
    [
      "an unknown word",
      { a: "z" },
      field({ type: "string", enum: ["x", "y"] }),
      'a: Unsupported value: "z": supported values: "x", "y"',
    ],
    [
      "a text off its pattern",
      { a: "9" },
      field({ type: "string", pattern: "^[a-z]+$" }),
      "a: Invalid value: \"9\": a in body should match '^[a-z]+$'",
    ],
    [
      "a text too long",
      { a: "abc" },
      field({ type: "string", maxLength: 2 }),
      "a: Too long: may not be more than 2 bytes",
    ],
    [
      "too many items",
      { a: [1, 2] },
      field({ type: "array", maxItems: 1, items: { type: "integer" } }),
      "a: Too many: 2: must have at most 1 item",
    ],
    [
      "an item twice in a set",
      { a: ["x", "x"] },
      field({ type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } }),
      'a[1]: Duplicate value: "x"',
    ],
    [
      "a date that is none",
      { a: "soon" },
      field({ type: "string", format: "date-time" }),
      'a: Invalid value: "soon": a in body must be of type date-time: "soon"',
    ],
    [
      "no alternative",
      { a: 1 },
      field({ type: "integer", oneOf: [{ minimum: 2 }] }),
      '<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found none valid',
    ],
  ])("refuses %s", (_, value, schema, text) => {
    expect(texts(value, schema)[0]).toBe(text);
  });

  it("names items by index and values of maps by key", () => {
    const schema = field({ type: "array", items: { type: "object", additionalProperties: { type: "string" } } });
    expect(validateValue({ a: [{}, { k: 1 }] }, schema).map((error) => error.field)).toEqual(["a[1].k"]);
  });

  it("takes either kind of an int-or-string and a null that is allowed", () => {
    const either = field({ "x-kubernetes-int-or-string": true });
    expect([texts({ a: 1 }, either), texts({ a: "1" }, either)]).toEqual([[], []]);
    expect(texts({ a: true }, either)).toHaveLength(1);
    expect(texts({ a: null }, field({ type: "string", nullable: true }))).toEqual([]);
  });

  it("lets pass what was wrong before and has not changed", () => {
    const schema: JSONSchemaProps = {
      type: "object",
      properties: { a: { type: "integer", minimum: 1 }, b: { type: "string" } },
    };
    expect(texts({ a: 0, b: "new" }, schema, { a: 0, b: "old" })).toEqual([]);
    expect(texts({ a: -1, b: "new" }, schema, { a: 0, b: "old" })).toHaveLength(1);
  });
});
