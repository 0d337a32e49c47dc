import { describe, expect, it } from "vitest";
import { formatSelector, matchesLabels, parseSelector, selectorFrom, selectorFromMap } from "./labels";

const matches = (selector: string, labels: Record<string, string>) => matchesLabels(parseSelector(selector), labels);

describe("label selectors", () => {
  it.each([
    ["app=web", true],
    ["app==web", true],
    ["app!=web", false],
    ["tier!=front", true],
    ["app in (api, web)", true],
    ["app notin (api)", true],
    ["tier notin (front)", true],
    ["app", true],
    ["!app", false],
    ["app=web,!tier", true],
    ["app=web,tier", false],
    ["size>3", true],
    ["size<5", false],
    ["", true],
  ])("reads %j", (selector, expected) => {
    expect(matches(selector, { app: "web", size: "5" })).toBe(expected);
  });

  it.each([
    ["env in dev", "unable to parse requirement: found 'dev' expected: '('"],
    ["a=b c", "found 'c', expected: ',' or 'end of string'"],
    ["=b", "found '=', expected: !, identifier, or 'end of string'"],
    ["a,=", "found '=', expected: identifier after ','"],
    ["!!a", "unable to parse requirement: found '!', expected: identifier"],
  ])("refuses %j", (selector, message) => {
    expect(() => parseSelector(selector)).toThrow(expect.objectContaining({ message }));
  });

  it("never takes an inherited property for a label", () => {
    expect(matches("constructor", {})).toBe(false);
  });

  it("tells a missing selector, which selects nothing, from an empty one, which selects all", () => {
    expect(selectorFrom(undefined)).toBeUndefined();
    expect(selectorFrom({})).toEqual([]);
    expect(selectorFromMap({})).toBeUndefined();
  });

  it("writes selectors sorted by key", () => {
    const selector = selectorFrom({
      matchLabels: { b: "1" },
      matchExpressions: [{ key: "a", operator: "In", values: ["y", "x"] }],
    });
    expect(formatSelector(selector ?? [])).toBe("a in (x,y),b=1");
  });
});
