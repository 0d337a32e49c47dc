import { describe, expect, it } from "vitest";
import { ClusterStore } from "./cluster-store";

describe("the cluster that is chosen", () => {
  it("is what is meant without a word, until another is chosen that is there", () => {
    const store = new ClusterStore();
    expect(store.get()).toEqual({ choices: [], chosen: undefined });
    store.offer({ choices: ["simulated", "kind"], preset: "kind" });
    expect(store.get().chosen).toBe("kind");
    store.choose("existing");
    expect(store.get().chosen).toBe("kind");
    store.choose("simulated");
    expect(store.get().chosen).toBe("simulated");
  });

  it("stays chosen when the offer comes again, unless it is no longer in it", () => {
    const store = new ClusterStore();
    store.offer({ choices: ["simulated", "kind"], preset: "simulated" });
    store.choose("kind");
    store.offer({ choices: ["simulated", "kind"], preset: "simulated" });
    expect(store.get().chosen).toBe("kind");
    store.offer({ choices: ["simulated"], preset: "simulated" });
    expect(store.get().chosen).toBe("simulated");
  });
});
