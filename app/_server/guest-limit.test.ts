import { describe, expect, it } from "vitest";
import { GuestLimit } from "./guest-limit";

const HOUR_MS = 60 * 60 * 1000;

describe("GuestLimit", () => {
  it("allows so many guests an hour from one address, and others all the while", () => {
    let now = 0;
    const limit = new GuestLimit(2, () => now);
    expect([limit.allow("a"), limit.allow("a"), limit.allow("a"), limit.allow("b")]).toEqual([true, true, false, true]);
    now += HOUR_MS - 1;
    expect(limit.allow("a")).toBe(false);
    now += 1;
    expect(limit.allow("a")).toBe(true);
  });

  it("does not let refusals push the end of the hour away", () => {
    let now = 0;
    const limit = new GuestLimit(1, () => now);
    limit.allow("a");
    now += HOUR_MS / 2;
    limit.allow("a");
    now += HOUR_MS / 2;
    expect(limit.allow("a")).toBe(true);
  });
});
