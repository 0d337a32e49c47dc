import { describe, expect, it } from "vitest";
import type { JournalEntry } from "./entry";
import { marksIn, passedMark, restorePoint } from "./restore-point";

let sequence = 0;

function entry(kind: JournalEntry["kind"], data: string, changes: Partial<JournalEntry> = {}): JournalEntry {
  sequence++;
  return { sequence, kind, part: "", format: 1, whole: true, mark: undefined, data: Buffer.from(data), ...changes };
}

const home = (name: string, places: Record<string, string> = {}): string =>
  `${JSON.stringify({ gone: [], places })}\n${name}`;

const texts = (saves: readonly string[] | undefined): string[] | undefined =>
  saves?.map((save) => Buffer.from(save, "base64").toString());

describe("a restore point", () => {
  it("is nothing without a cluster", () => {
    expect(restorePoint([])).toBeUndefined();
    expect(restorePoint([entry("home", home("a"))])).toBeUndefined();
  });

  it("begins with the last save that stands alone, of each kind and terminal", () => {
    const point = restorePoint([
      entry("cluster", "old"),
      entry("cluster", "whole"),
      entry("terminal", "one ", { part: "main" }),
      entry("cluster", "change", { whole: false }),
      entry("terminal", "two", { part: "main", whole: false }),
      entry("terminal", "other", { part: "2" }),
      entry("home", home("h", { main: "/home/learner/deep" })),
    ]);
    expect(texts(point?.cluster)).toEqual(["whole", "change"]);
    expect(Buffer.from(point?.terminals["main"]?.scrollback ?? []).toString()).toBe("one two");
    expect(point?.terminals["main"]?.directory).toBe("/home/learner/deep");
    expect(Object.keys(point?.terminals ?? {}).sort()).toEqual(["2", "main"]);
  });

  it("at a mark has cluster and home of that moment, and screens as they are now", () => {
    const mark = passedMark("first");
    const entries = [
      entry("cluster", "at the mark", { mark }),
      entry("home", home("at the mark"), { mark }),
      entry("terminal", "before ", { part: "main" }),
      entry("cluster", "later", { whole: false }),
      entry("home", home("later", { main: "/later" }), { whole: false }),
      entry("terminal", "after", { part: "main", whole: false }),
    ];
    expect(marksIn(entries)).toEqual([mark]);
    const point = restorePoint(entries, mark);
    expect(texts(point?.cluster)).toEqual(["at the mark"]);
    expect(point?.home.map((save) => Buffer.from(save).toString())).toEqual([home("at the mark")]);
    expect(Buffer.from(point?.terminals["main"]?.scrollback ?? []).toString()).toBe("before after");
    expect(point?.terminals["main"]?.directory).toBeUndefined();
    expect(texts(restorePoint(entries)?.cluster)).toEqual(["at the mark", "later"]);
  });

  it("keeps the end of a screen that printed more than a terminal holds", () => {
    const point = restorePoint([
      entry("cluster", "c"),
      entry("terminal", "a".repeat(200_000), { part: "main" }),
      entry("terminal", "b".repeat(200_000), { part: "main", whole: false }),
    ]);
    const scrollback = Buffer.from(point?.terminals["main"]?.scrollback ?? []).toString();
    expect(scrollback).toHaveLength(256 * 1024);
    expect(scrollback.endsWith("ab".slice(1).repeat(200_000))).toBe(true);
  });
});
