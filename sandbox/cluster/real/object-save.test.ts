import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { movedTo, SAVE_FORMAT, savedObjects } from "./object-save";

/** One file for each version of the format that was ever stored, as it was written then: all of a namespace, then a change. */
const SAMPLES = join(import.meta.dirname, "samples");
const sampleSchema = z.object({ format: z.number(), saves: z.array(z.string()) });
const samples = readdirSync(SAMPLES).map((file) => {
  return sampleSchema.parse(JSON.parse(readFileSync(join(SAMPLES, file), "utf8")));
});

describe("a stored save of a real cluster's objects", () => {
  it("has a sample of each version, of today's too", () => {
    expect(samples.map(({ format }) => format).sort()).toEqual(
      Array.from({ length: SAVE_FORMAT }, (_, index) => index + 1),
    );
  });

  it.each(samples)("of version $format can be read, and moved to another namespace", ({ saves }) => {
    const saved = savedObjects(saves);
    expect(saved).toMatchObject({ ca: { cert: "a certificate", key: "its key" }, namespace: "room" });
    expect([...saved.objects.keys()].sort()).toEqual(
      ["changed", "kept", "later"].map((name) => `/api/v1/room/${name}`),
    );
    expect(saved.objects.get("/api/v1/room/changed")).toMatchObject({ kind: "ConfigMap", data: { v: "new" } });
    expect(saved.gone).toEqual(["/api/v1/room/gone"]);
    expect(movedTo("other", saved).objects.get("/api/v1/other/kept")?.metadata.namespace).toBe("other");
  });

  it("that is damaged, or not whole, is refused", () => {
    const [whole = "", change = ""] = samples[0]?.saves ?? [];
    for (const saves of [[change], [whole.slice(0, 80)], [whole, "x"]]) {
      expect(() => savedObjects(saves)).toThrow(/restore-failed/);
    }
  });
});
