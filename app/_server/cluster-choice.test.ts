import { describe, expect, it } from "vitest";
import { clustersOf } from "./cluster-choice";

const ALL = { clusterDriver: "simulated", clusterChoice: ["kind", "existing"] } as const;

describe("the clusters one may choose between", () => {
  it.each([
    ["are the installation's for a guest", undefined, undefined, ALL, ["simulated"]],
    ["are the shared one for a guest where everybody gets that", undefined, undefined, existing(), ["existing"]],
    ["are never kind's for a guest", undefined, undefined, { ...ALL, clusterDriver: "kind" as const }, ["simulated"]],
    ["are the installation's for an account of which nothing is said", [], undefined, ALL, ["simulated"]],
    ["are those an admin allows besides", ["kind"], undefined, ALL, ["simulated", "kind"]],
    ["are only those that are there", ["kind", "nomad"], undefined, existing(), ["existing", "simulated"]],
    ["begin with kind where it is the installation's", ["kind"], undefined, kind(), ["kind", "simulated"]],
    ["leave kind out where nobody allows it", ["existing"], undefined, kind(), ["simulated"]],
  ] as const)("%s", (_name, allowed, last, given, choices) => {
    expect(clustersOf(allowed, last, given)).toEqual({ choices, preset: choices[0] });
  });

  it("begin with what was used the last time in this lesson, as long as it is allowed", () => {
    expect(clustersOf(["kind"], "kind", ALL).preset).toBe("kind");
    expect(clustersOf([], "kind", ALL).preset).toBe("simulated");
  });
});

function existing() {
  return { clusterDriver: "existing", clusterChoice: [] } as const;
}

function kind() {
  return { clusterDriver: "kind", clusterChoice: [] } as const;
}
