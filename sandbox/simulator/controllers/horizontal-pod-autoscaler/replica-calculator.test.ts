import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/kubernetes";
import type { PodMetrics } from "../../api/metrics";
import type { Stored } from "../../api/object";
import { toTime } from "../../clock";
import { calculateReplicas, type ResourceTarget } from "./replica-calculator";

const NOW = Date.UTC(2026, 0, 1, 12);
const CPU: ResourceTarget = { resource: "cpu", target: { utilization: 50 }, tolerance: { up: 0.1, down: 0.1 } };

const stored = { apiVersion: "v1", kind: "Pod" };
const metadata = (name: string) => ({ name, uid: name, resourceVersion: "1", creationTimestamp: toTime(NOW) });

function pod(
  name: string,
  more: { request?: string; phase?: string; startedAgoMs?: number; ready?: boolean } = {},
): Stored<Pod> {
  const { request = "100m", phase = "Running", startedAgoMs = 3_600_000, ready = true } = more;
  const began = toTime(NOW - startedAgoMs);
  return {
    ...stored,
    metadata: metadata(name),
    spec: { containers: [{ name: "c", resources: request === "" ? {} : { requests: { cpu: request } } }] },
    status: {
      phase,
      startTime: began,
      conditions: [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime: began }],
    },
  };
}

function metrics(name: string, cpu: string): Stored<PodMetrics> {
  return {
    ...stored,
    metadata: metadata(name),
    timestamp: toTime(NOW),
    window: "15s",
    containers: [{ name: "c", usage: { cpu, memory: "1Mi" } }],
  };
}

describe("the number of replicas for a load", () => {
  it("grows with the load over what is requested", () => {
    const result = calculateReplicas(2, [pod("a"), pod("b")], [metrics("a", "100m"), metrics("b", "90m")], CPU, NOW);
    expect(result).toEqual({ replicas: 4, utilization: 95, averageMilli: 95 });
  });

  it("stays where the load is near enough to the target", () => {
    expect(
      calculateReplicas(2, [pod("a"), pod("b")], [metrics("a", "54m"), metrics("b", "54m")], CPU, NOW).replicas,
    ).toBe(2);
  });

  it("counts a pod that is still starting as idle, so that it does not grow beyond need", () => {
    const pods = [pod("a"), pod("new", { startedAgoMs: 5000, ready: false })];
    expect(calculateReplicas(2, pods, [metrics("a", "80m"), metrics("new", "100m")], CPU, NOW).replicas).toBe(2);
  });

  it("counts a pod without metrics as using what it asked for, so that it does not shrink too far", () => {
    const pods = [pod("a"), pod("b"), pod("c")];
    expect(calculateReplicas(3, pods, [metrics("a", "10m"), metrics("b", "10m")], CPU, NOW).replicas).toBe(3);
  });

  it("measures against an amount for each pod too", () => {
    const target: ResourceTarget = { ...CPU, target: { averageMilli: 50 } };
    expect(calculateReplicas(1, [pod("a", { request: "" })], [metrics("a", "200m")], target, NOW)).toEqual({
      replicas: 4,
      averageMilli: 200,
    });
  });

  it("says what keeps it from an answer", () => {
    const run = (pods: Stored<Pod>[], measured: Stored<PodMetrics>[]) => () =>
      calculateReplicas(1, pods, measured, CPU, NOW);
    expect(run([pod("a")], [])).toThrow("no metrics returned from resource metrics API");
    expect(run([pod("a", { request: "" })], [metrics("a", "1m")])).toThrow(
      "missing request for cpu in container c of Pod a",
    );
    expect(run([pod("a", { phase: "Pending" })], [metrics("b", "1m")])).toThrow(
      "did not receive metrics for targeted pods (pods might be unready)",
    );
  });
});
