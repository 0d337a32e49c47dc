import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { inDeletionOrder } from "./ranking";

const NOW = Date.UTC(2026, 0, 2);

interface Traits {
  readonly node?: string;
  readonly phase?: string;
  readonly readyAt?: string;
  readonly cost?: string;
  readonly restarts?: number;
  readonly created?: string;
}

describe("the order in which pods are given up", () => {
  it.each<[string, Traits, Traits]>([
    ["unassigned before assigned", {}, { node: "a" }],
    ["pending before running", { node: "a", phase: "Pending" }, { node: "a", phase: "Running" }],
    ["not ready before ready", { node: "a" }, { node: "a", readyAt: "2026-01-01T00:00:00Z" }],
    ["cheap before dear", { node: "a", cost: "-1" }, { node: "a", cost: "5" }],
    ["often restarted before steady", { node: "a", restarts: 3 }, { node: "a", restarts: 0 }],
    [
      "lately ready before long ready",
      { node: "a", readyAt: "2026-01-01T23:59:00Z" },
      { node: "a", readyAt: "2026-01-01T00:00:00Z" },
    ],
    [
      "young before old",
      { node: "a", created: "2026-01-01T23:59:59Z" },
      { node: "a", created: "2026-01-01T00:00:00Z" },
    ],
  ])("puts %s", (_, first, second) => {
    const pods = [pod("z-second", second), pod("a-first", first)];
    expect(inDeletionOrder(pods, pods, NOW).map(({ metadata }) => metadata.name)).toEqual(["a-first", "z-second"]);
  });

  it("takes from the node that holds most of the family", () => {
    const pods = [pod("lonely", { node: "b" }), pod("crowded", { node: "a" })];
    const family = [...pods, pod("sibling", { node: "a" })];
    expect(inDeletionOrder(pods, family, NOW)[0]?.metadata.name).toBe("crowded");
  });
});

function pod(name: string, traits: Traits): Stored<Pod> {
  const { node, phase = "Running", readyAt, cost, restarts = 0, created = "2026-01-01T00:00:00Z" } = traits;
  const status = { name: "web", image: "nginx", imageID: "", ready: readyAt !== undefined, restartCount: restarts };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      uid: name,
      resourceVersion: "1",
      creationTimestamp: created,
      ...(cost !== undefined && { annotations: { "controller.kubernetes.io/pod-deletion-cost": cost } }),
    },
    spec: { containers: [], ...(node !== undefined && { nodeName: node }) },
    status: {
      phase,
      containerStatuses: [status],
      conditions: readyAt === undefined ? [] : [{ type: "Ready", status: "True", lastTransitionTime: readyAt }],
    },
  };
}
