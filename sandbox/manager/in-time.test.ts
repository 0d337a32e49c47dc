import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { inTime } from "./in-time";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("goes on with what never ends, and says so", async () => {
  const late = vi.fn();
  const waiting = inTime(new Promise(() => undefined), 1_000, late);
  await vi.advanceTimersByTimeAsync(999);
  expect(late).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
  expect(late).toHaveBeenCalledOnce();
});

it("is done when the work is, fails as it does, and leaves no timer", async () => {
  const late = vi.fn();
  await inTime(Promise.resolve(), 1_000, late);
  await expect(inTime(Promise.reject(new Error("broken")), 1_000, late)).rejects.toThrow("broken");
  expect(vi.getTimerCount()).toBe(0);
  expect(late).not.toHaveBeenCalled();
});
