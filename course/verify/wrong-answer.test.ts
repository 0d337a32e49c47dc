import { expect, it } from "vitest";
import { isAsPromised, parseWrongAnswer } from "./wrong-answer";

it("reads the task and the message a wrong answer must get", () => {
  expect(parseWrongAnswer("w.sh", "#@ task expose\n#@ says Service `web` has no selector.\ntrue\n")).toEqual({
    file: "w.sh",
    taskId: "expose",
    says: "Service `web` has no selector.",
  });
});

it("names the file that does not say them", () => {
  expect(() => parseWrongAnswer("w.sh", "true\n")).toThrow(/^w\.sh: it must say/);
});

it("holds a message against what was promised, but for the parts that differ each time", () => {
  expect(isAsPromised("Pod `shop-*` is starting.", "Pod `shop-87d8-2n8wc` is starting.")).toBe(true);
  expect(isAsPromised("Pod `shop-*` is starting.", "Pod `web-1` is starting.")).toBe(false);
  expect(isAsPromised("`a.b` is (1)", "`a.b` is (1)")).toBe(true);
  expect(isAsPromised("`a.b`", "`axb`")).toBe(false);
});
