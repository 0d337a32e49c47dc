import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { restoredFrom, SAVE_FORMAT } from "./cluster-save";

/** One file for each version of the format that was ever stored, as it was written then. */
const SAMPLES = join(import.meta.dirname, "samples");
const sampleSchema = z.object({ format: z.number(), saves: z.array(z.string()) });
const samples = readdirSync(SAMPLES).map((file) => {
  return sampleSchema.parse(JSON.parse(readFileSync(join(SAMPLES, file), "utf8")));
});

describe("a stored save of a cluster", () => {
  it("has a sample of each version, of today's too", () => {
    expect(samples.map(({ format }) => format).sort()).toEqual(
      Array.from({ length: SAVE_FORMAT }, (_, index) => index + 1),
    );
  });

  it.each(samples)("of version $format can be restored", ({ saves }) => {
    const { ca, snapshot } = restoredFrom(saves);
    expect(ca).toEqual({ cert: "a certificate", key: "its key" });
    expect(snapshot.revision).toBe(15);
    const objects = snapshot.collections.map(([name, entries]) => [name, entries.map(([key]) => key)]);
    expect(objects).toEqual([
      ["/configmaps", ["default/kept", "default/changed"]],
      ["/secrets", ["default/later"]],
    ]);
    const [, configmaps] = snapshot.collections[0] ?? [];
    expect(configmaps?.find(([key]) => key === "default/changed")?.[1]).toMatchObject({ data: { v: "new" } });
  });

  it("that is damaged, or not whole, is refused", () => {
    const [whole = "", change = ""] = samples[0]?.saves ?? [];
    for (const saves of [[change], [whole.slice(0, 80)], [whole, "x"]]) {
      expect(() => restoredFrom(saves)).toThrow(/restore-failed/);
    }
  });
});
