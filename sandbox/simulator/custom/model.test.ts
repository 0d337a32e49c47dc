import { describe, expect, it } from "vitest";
import type { JSONSchemaProps } from "../api/generated/kubernetes";
import { customModel } from "./model";

const SCHEMA: JSONSchemaProps = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        length: { type: "integer" },
        colour: { type: "string", default: "blue" },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        parts: { type: "array", items: { type: "object", properties: { size: { type: "integer", default: 1 } } } },
      },
    },
  },
};

describe("a custom resource's objects", () => {
  const model = customModel(SCHEMA);
  const spec = (value: object): unknown => model.decode({ spec: value }, "Ignore").object.spec;

  it("lose fields that the schema does not know, but for places that keep them", () => {
    expect(spec({ sails: 2, colour: "red", free: { any: { thing: 1 } } })).toEqual({
      colour: "red",
      free: { any: { thing: 1 } },
    });
  });

  it("get defaults, also inside lists and instead of nulls", () => {
    expect(spec({ colour: null, parts: [{}, { size: 3 }] })).toEqual({
      colour: "blue",
      parts: [{ size: 1 }, { size: 3 }],
    });
  });

  it("tell of unknown and repeated fields", () => {
    const text = '{"metadata": {"nmae": "x"}, "spec": {"length": 1, "length": 2, "parts": [{"kind": 1}]}}';
    expect(model.decodeText(text, "Warn").messages).toEqual([
      'duplicate field "spec.length"',
      'unknown field "metadata.nmae"',
      'unknown field "spec.parts[0].kind"',
    ]);
    expect(() => model.decode({ spec: { sails: 2 } }, "Strict")).toThrow(
      'strict decoding error: unknown field "spec.sails"',
    );
  });
});
