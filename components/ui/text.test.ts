import { describe, expect, it } from "vitest";
import messages from "@/content/messages/en.json";
import { adminStopReasonSchema, startStepSchema, stopReasonSchema } from "@/sandbox/protocol/codes";
import { isMessageKey, keyFor, plural, t } from "./text";

describe("the catalogue", () => {
  it("fills in values and leaves unknown places alone", () => {
    expect(t("task.number", { number: 2, total: 3 })).toBe("Task 2 of 3");
    expect(t("task.number", { number: 2 })).toBe("Task 2 of {total}");
  });

  it("chooses the form for one and for many", () => {
    expect(plural("course.lessons", 1)).toBe("1 lesson");
    expect(plural("course.lessons", 4)).toBe("4 lessons");
  });

  it("falls back for a code that it does not know yet", () => {
    expect(keyFor("stopReason", "idle", "stopReason.other")).toBe("stopReason.idle");
    expect(keyFor("stopReason", "from-the-future", "stopReason.other")).toBe("stopReason.other");
  });

  it("has a text for every reason, step and admin's choice that can cross a process", () => {
    const keys = [
      ...stopReasonSchema.options.map((reason) => `stopReason.${reason}`),
      ...startStepSchema.options.map((step) => `startStep.${step}`),
      ...adminStopReasonSchema.options.map((reason) => `admin.reason.${reason}`),
    ];
    expect(keys.filter((key) => !isMessageKey(key))).toEqual([]);
  });

  it("speaks calmly: no exclamation marks", () => {
    expect(Object.values(messages).filter((text) => text.includes("!"))).toEqual([]);
  });
});
