import fc from "fast-check";
import { expect, it } from "vitest";
import { OutputRing } from "./output-ring";

it("holds the last bytes of any stream in any chunks, and evicts the others in order", () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 9_000 }), { maxLength: 12 });
  fc.assert(
    fc.property(chunks, fc.integer({ min: 8192, max: 20_000 }), (parts, capacity) => {
      const evicted: Uint8Array[] = [];
      const ring = new OutputRing(capacity, (bytes) => evicted.push(bytes));
      for (const part of parts) ring.append(part);
      const all = Buffer.concat(parts);
      expect(ring.end).toBe(all.length);
      expect(ring.end - ring.start).toBe(Math.min(all.length, capacity));
      expect(Buffer.from(ring.read(ring.start, capacity))).toEqual(all.subarray(ring.start));
      expect(Buffer.concat(evicted)).toEqual(all.subarray(0, ring.start));
    }),
    { numRuns: 60 },
  );
});

it("refuses an offset that is gone", () => {
  const ring = new OutputRing(8192, () => undefined);
  ring.append(new Uint8Array(10_000));
  expect(() => ring.read(0, 1)).toThrow(RangeError);
});
