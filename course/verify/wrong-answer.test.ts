import { expect, it } from "vitest";
import { parseWrongAnswer } from "./wrong-answer";

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
