import { describe, expect, it } from "vitest";
import { chosenDriver } from "./cluster-choice";

describe("an account's clusters", () => {
  it.each([
    ["are the installation's where nothing is said", undefined, "simulated", undefined],
    ["are a shared cluster's where the installation has one", undefined, "existing", undefined],
    ["are never kind's where no admin allows it", undefined, "kind", "simulated"],
    ["are the first kind that an admin allows", ["kind", "simulated"], "simulated", "kind"],
    ["are what is known of what is allowed", ["nomad", "existing"], "kind", "existing"],
  ] as const)("%s", (_name, allowed, installation, expected) => {
    expect(chosenDriver(allowed, installation)).toBe(expected);
  });
});
