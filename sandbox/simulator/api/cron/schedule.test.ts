import { expect, it } from "vitest";
import { scheduleFault } from "./schedule";

it.each([["* * * * *"], ["*/5 0-6 1,15 jan-mar MON"], ["0 12 ? * 6"], ["@daily"], ["@every 1h30m"], ["5/15 * * * *"]])(
  "reads %s",
  (text) => {
    expect(scheduleFault(text)).toBeUndefined();
  },
);

it.each([
  ["every minute", "expected exactly 5 fields, found 2: [every minute]"],
  ["61 * * * *", "end of range (61) above maximum (59): 61"],
  ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
  ["9-5 * * * *", "beginning of range (9) beyond end of range (5): 9-5"],
  ["*/0 * * * *", "step of range should be a positive number: */0"],
  ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
  ["*/2/3 * * * *", "too many slashes: */2/3"],
  ["x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ["@never", "unrecognized descriptor: @never"],
])("says what is wrong with %s", (text, fault) => {
  expect(scheduleFault(text)).toBe(fault);
});
