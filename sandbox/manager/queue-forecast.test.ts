import { expect, it } from "vitest";
import { expectedStarts } from "./queue-forecast";

const now = 1_000_000;

it("expects a place when the first of those that run stops by itself", () => {
  expect(expectedStarts(3, { ends: [now + 900, now + 300], freed: [], now })).toEqual([
    now + 300,
    now + 900,
    undefined,
  ]);
});

it("goes by the pace at which places came free, never later than by the ends", () => {
  const freed = [now - 300, now - 200, now - 100];
  expect(expectedStarts(3, { ends: [now + 50, now + 5_000], freed, now })).toEqual([now, now + 100, now + 200]);
  expect(expectedStarts(2, { ends: [now + 50, now + 60], freed, now })).toEqual([now, now + 60]);
});

it("never expects what is past, and knows nothing from one place that came free", () => {
  expect(expectedStarts(1, { ends: [], freed: [now - 9_000, now - 8_000, now - 7_000], now })).toEqual([now]);
  expect(expectedStarts(1, { ends: [], freed: [now - 1], now })).toEqual([undefined]);
});
