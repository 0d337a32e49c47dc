import { describe, expect, it } from "vitest";
import { RecentResults } from "./recent-results";

describe("recent results", () => {
  it("makes a result once and lets the one go that was not asked for longest", () => {
    const results = new RecentResults<string>({ count: 2, letters: 10 });
    const made: string[] = [];
    const ask = (text: string) =>
      results.of(text, () => {
        made.push(text);
        return text.toUpperCase();
      });
    for (const text of ["a", "b", "a", "c", "a", "b"]) expect(ask(text)).toBe(text.toUpperCase());
    expect(made).toEqual(["a", "b", "c", "b"]);
  });

  it("keeps neither long texts nor failures", () => {
    const results = new RecentResults<number>({ count: 2, letters: 3 });
    let made = 0;
    for (const text of ["long", "long"]) results.of(text, () => ++made);
    expect(made).toBe(2);
    const fail = () =>
      results.of("bad", () => {
        throw new Error("no");
      });
    expect(fail).toThrow("no");
    expect(results.of("bad", () => 7)).toBe(7);
  });
});
