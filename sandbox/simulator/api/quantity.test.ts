import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalQuantity, compareQuantities, milliValue, parseQuantity, wholeValue } from "./quantity";

describe("quantities", () => {
  it.each([
    ["0.5", "500m"],
    ["1000m", "1"],
    ["1.5Gi", "1536Mi"],
    ["1024Mi", "1Gi"],
    ["100Ki", "100Ki"],
    ["1000", "1k"],
    ["123e3", "123e3"],
    ["0", "0"],
    ["0.0001m", "100n"],
    ["-2", "-2"],
    [".5", "500m"],
    ["512", "512"],
  ])("writes %s as %s", (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each(["", "abc", "1x", "1..2", "--1", "1e", "Ki"])("does not take %j for an amount", (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  it("writes a canonical amount the same way again, and of the same size", () => {
    const suffix = fc.constantFrom("", "m", "k", "M", "Ki", "Mi", "Gi");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), suffix, (number, unit) => {
        const once = canonicalQuantity(`${number}${unit}`);
        expect(canonicalQuantity(once)).toBe(once);
        expect(compareQuantities(once, `${number}${unit}`)).toBe(0);
      }),
    );
  });

  it("counts CPU in thousandths and bytes in whole ones, rounded up", () => {
    expect([milliValue("250m"), milliValue("2"), milliValue("1u")]).toEqual([250, 2000, 1]);
    expect([wholeValue("1Ki"), wholeValue("1500m")]).toEqual([1024, 2]);
  });
});
