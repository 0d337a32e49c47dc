import { describe, expect, it } from "vitest";
import { firstFree, formatIndexes, parseIndexes } from "./indexes";

describe("sets of completion indexes", () => {
  it.each([
    [[], ""],
    [[3], "3"],
    [[0, 1], "0,1"],
    [[7, 0, 1, 2, 4], "0-2,4,7"],
  ])("writes %j as %j and reads it back", (indexes, text) => {
    expect(formatIndexes(indexes)).toBe(text);
    expect([...parseIndexes(text, 10)]).toEqual([...indexes].sort());
  });

  it("leaves out what lies beyond the last index", () => {
    expect([...parseIndexes("1,3-5,9", 5)]).toEqual([1, 3, 4]);
  });

  it("finds the lowest free indexes", () => {
    expect(firstFree(2, 5, new Set([0, 2]))).toEqual([1, 3]);
  });
});
