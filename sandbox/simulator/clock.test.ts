import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SystemClock } from "./clock";

const DAY_MS = 86_400_000;

describe("the machine's clock", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("waits for longer than the machine's longest timer", () => {
    let calls = 0;
    new SystemClock().schedule(40 * DAY_MS, () => calls++);
    vi.advanceTimersByTime(40 * DAY_MS - 1);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(1);
    expect(calls).toBe(1);
  });

  it("lets a long wait be cancelled after its first part", () => {
    let calls = 0;
    const timer = new SystemClock().schedule(40 * DAY_MS, () => calls++);
    vi.advanceTimersByTime(30 * DAY_MS);
    timer.cancel();
    vi.advanceTimersByTime(30 * DAY_MS);
    expect(calls).toBe(0);
  });
});
