import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OrderedKeys } from "./ordered-keys";

describe("ordered keys", () => {
  it("are what a sorted set would hold, from any key on", () => {
    const key = fc.integer({ min: 0, max: 3_000 }).map((number) => `key-${number}`);
    const steps = fc.array(fc.record({ key, adds: fc.boolean() }), { minLength: 500, maxLength: 3_000 });
    const property = fc.property(steps, key, (all, start) => {
      const keys = new OrderedKeys();
      const set = new Set<string>();
      for (const step of all) {
        if (step.adds) {
          keys.add(step.key);
          set.add(step.key);
        } else {
          keys.delete(step.key);
          set.delete(step.key);
        }
      }
      expect([...keys.from("")]).toEqual([...set].sort());
      expect([...keys.from(start)]).toEqual([...set].filter((each) => each >= start).sort());
    });
    fc.assert(property, { numRuns: 30 });
  });

  it("keep their order when many come in order, and when all go", () => {
    const keys = new OrderedKeys();
    const names = Array.from({ length: 2_000 }, (_, index) => String(index).padStart(5, "0"));
    for (const name of names) keys.add(name);
    expect([...keys.from("01990")]).toEqual(names.slice(1990));
    for (const name of names) keys.delete(name);
    expect([...keys.from("")]).toEqual([]);
  });
});
