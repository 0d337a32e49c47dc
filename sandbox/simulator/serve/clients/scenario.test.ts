import { describe, expect, it } from "vitest";
import { mismatch, parseScenario } from "./scenario";

describe("a scenario", () => {
  it("is cases of commands with their output, exit code and more lines", () => {
    const text = "# one\n$ cat <<E\n> a\n> E\na\n\n~ false\n[exit 1]\n\n# two\n$ true\n";
    expect(parseScenario(text)).toEqual([
      {
        title: "one",
        steps: [
          { line: 2, command: "cat <<E\na\nE", isRetried: false, expected: ["a"], exit: 0 },
          { line: 7, command: "false", isRetried: true, expected: [], exit: 1 },
        ],
      },
      { title: "two", steps: [{ line: 11, command: "true", isRetried: false, expected: [], exit: 0 }] },
    ]);
  });

  it.each(["$ true\n", "# one\nstray\n"])("is not %j", (text) => {
    expect(() => parseScenario(text)).toThrow(/^line \d: /);
  });

  it("matches lines, what may be in them, and any lines between", () => {
    expect(mismatch(["NAME  AGE", "web-…  …s"], "NAME      AGE\nweb-abc   12s\n")).toBeUndefined();
    expect(mismatch(["⋮", "b", "⋮"], "a\na\nb\n")).toBeUndefined();
    expect(mismatch(["a.c (1)"], "a.c (1)")).toBeUndefined();
    expect(mismatch([], "")).toBeUndefined();
  });

  it("does not match other text, more text or less", () => {
    expect(mismatch(["abc"], "a.c")).toBe("expected:\nabc\n\ngot:\na.c");
    expect(mismatch(["a.c"], "abc")).toBeDefined();
    expect(mismatch(["a"], "a\nb")).toBeDefined();
    expect(mismatch(["a", "b"], "a")).toBeDefined();
    expect(mismatch(["a b"], "a   b")).toBeDefined();
    expect(mismatch(["⋮", "b"], "a\nb\nc")).toBeDefined();
    expect(mismatch([], "a")).toBeDefined();
  });
});
