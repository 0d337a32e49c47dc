import { expect, it } from "vitest";
import { addonSchema } from "../../protocol/addons";
import { ADDON_NAMES } from "../../simulator/addons/addons";

it("knows every add-on that a lesson can name, and no other", () => {
  expect([...ADDON_NAMES].sort()).toEqual([...addonSchema.options].sort());
});
