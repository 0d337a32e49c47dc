import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { JournalEntry } from "./entry";
import { requireReadable } from "./formats";
import { TERMINAL_FORMAT } from "./terminal-entry";
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

/** One file for each version of terminals' entries that was ever stored, as it was written then. */
const SAMPLES = join(import.meta.dirname, "samples");
const sampleSchema = z.object({
  format: z.number(),
  entries: z.array(z.object({ whole: z.boolean(), data: z.base64() })),
});
const samples = readdirSync(SAMPLES).map((file) => {
  return sampleSchema.parse(JSON.parse(readFileSync(join(SAMPLES, file), "utf8")));
});

describe("a stored screen", () => {
  it("has a sample of each version, of today's too", () => {
    expect(samples.map(({ format }) => format).sort()).toEqual(
      Array.from({ length: TERMINAL_FORMAT }, (_, index) => index + 1),
    );
  });

  it.each(samples)("of version $format is shown again", ({ format, entries }) => {
    const kept = entries.map(({ whole, data }) =>
      entry("terminal", "", { part: "main", whole, format, data: Buffer.from(data, "base64") }),
    );
    requireReadable(kept, "simulated");
    const point = restorePoint([entry("cluster", "c"), ...kept]);
    expect(Buffer.from(point?.terminals["main"]?.scrollback ?? []).toString()).toBe(
      "$ kubectl get pods\r\n\u001b[1mNo resources\u001b[0m über\r\n$ vim\r\n\u001b[?1049h~",
    );
  });
});

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
