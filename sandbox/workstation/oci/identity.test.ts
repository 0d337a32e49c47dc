import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { identityOf, MAX_UID_INDEX } from "./identity";

const hostIds = (instance: string, index: number): number[] =>
  identityOf(instance)
    .groups(index)
    .map((one) => one.hostID);

describe("the users of an instance", () => {
  it("lie where nothing else has users", () => {
    const instance = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
    fc.assert(
      fc.property(instance, fc.integer({ min: 0, max: MAX_UID_INDEX }), (name, index) => {
        for (const id of hostIds(name, index)) {
          expect(id).toBeGreaterThanOrEqual(0x7000_0000);
          expect(id).toBeLessThan(0x7ffe_0000);
        }
      }),
    );
  });

  it("are others for each workstation and each instance, and the same after a restart", () => {
    const all = [...hostIds("one", 0), ...hostIds("one", 1), ...hostIds("two", 0)];
    expect(new Set(all).size).toBe(all.length);
    expect(hostIds("one", 1)).toEqual(hostIds("one", 1));
  });

  it("are refused outside the range, and for names that are none", () => {
    for (const index of [-1, 0.5, MAX_UID_INDEX + 1, NaN]) expect(() => hostIds("one", index)).toThrow("uidIndex");
    for (const name of ["", "../x", "A", "x/y"]) expect(() => identityOf(name)).toThrow("instance id");
  });
});
