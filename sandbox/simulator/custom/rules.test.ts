import { describe, expect, it } from "vitest";
import type { JSONSchemaProps, ValidationRule } from "../api/generated/kubernetes";
import { ruleFaults } from "./rules";

const schema = (...rules: ValidationRule[]): JSONSchemaProps => ({
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: { min: { type: "integer" }, max: { type: "integer" }, name: { type: "string" } },
      "x-kubernetes-validations": rules,
    },
  },
});
const texts = (rule: ValidationRule, spec: object, old?: object): string[] =>
  ruleFaults({ spec }, schema(rule), old && { spec: old }).map(({ text }) => text);

describe("the rules of a schema", () => {
  it("say their message, or the rule where there is none", () => {
    const rule = "self.min <= self.max";
    expect(texts({ rule, message: "min is too big" }, { min: 3, max: 2 })).toEqual([
      'spec: Invalid value: "object": min is too big',
    ]);
    expect(texts({ rule }, { min: 3, max: 2 })).toEqual([`spec: Invalid value: "object": failed rule: ${rule}`]);
    expect(texts({ rule }, { min: 2, max: 2 })).toEqual([]);
  });

  it("make messages of what they see, and point at a field", () => {
    const rule = { rule: "self.min > 0", messageExpression: "'min is ' + string(self.min)", fieldPath: ".min" };
    expect(texts(rule, { min: -1 })).toEqual(['spec.min: Invalid value: "object": min is -1']);
  });

  it("compare with what was there before, when there was something", () => {
    const rule = { rule: "self.name == oldSelf.name", message: "name is immutable" };
    expect(texts(rule, { name: "a" })).toEqual([]);
    expect(texts(rule, { name: "b" }, { name: "a" })).toEqual(['spec: Invalid value: "object": name is immutable']);
  });

  it("say what they stumble over", () => {
    expect(texts({ rule: "self.max > 0" }, { min: 1 })).toEqual([
      'spec: Invalid value: "object": no such key: max evaluating rule: self.max > 0',
    ]);
  });
});
