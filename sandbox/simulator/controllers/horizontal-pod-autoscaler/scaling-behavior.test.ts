import { describe, expect, it } from "vitest";
import type { V2HorizontalPodAutoscalerSpec } from "../../api/generated/kubernetes";
import { normalise, type ScalingHistory } from "./scaling-behavior";

const NOW = Date.UTC(2026, 0, 1);
const EMPTY: ScalingHistory = { recommendations: [], changes: [] };
const spec = (more: Partial<V2HorizontalPodAutoscalerSpec> = {}): V2HorizontalPodAutoscalerSpec => ({
  scaleTargetRef: { kind: "Deployment", name: "web" },
  minReplicas: 1,
  maxReplicas: 20,
  ...more,
});

describe("what becomes of a wish for replicas", () => {
  it("at most doubles, or goes to four, where nothing else is said", () => {
    expect(normalise(spec(), EMPTY, 1, 9, NOW)).toMatchObject({
      replicas: 4,
      limited: [true, "ScaleUpLimit", expect.any(String)],
    });
    expect(normalise(spec(), EMPTY, 6, 19, NOW).replicas).toBe(12);
  });

  it("stays within its bounds and says which", () => {
    expect(normalise(spec({ maxReplicas: 3 }), EMPTY, 2, 9, NOW)).toMatchObject({
      replicas: 3,
      limited: [true, "TooManyReplicas", "the desired replica count is more than the maximum replica count"],
    });
    expect(normalise(spec({ minReplicas: 2 }), EMPTY, 5, 1, NOW)).toMatchObject({
      replicas: 2,
      limited: [true, "TooFewReplicas", "the desired replica count is less than the minimum replica count"],
    });
  });

  it("shrinks only to the most that was wanted in the last five minutes", () => {
    const at = (secondsAgo: number, replicas: number): ScalingHistory => ({
      recommendations: [{ at: NOW - secondsAgo * 1000, replicas }],
      changes: [],
    });
    expect(normalise(spec(), at(200, 5), 6, 2, NOW)).toMatchObject({
      replicas: 5,
      stable: [true, "ScaleDownStabilized", expect.any(String)],
    });
    expect(normalise(spec(), at(400, 5), 6, 2, NOW).replicas).toBe(2);
  });

  it("holds to the rates of its behavior, counting what it did within the period", () => {
    const behavior = {
      scaleUp: { selectPolicy: "Max", policies: [{ type: "Pods", value: 2, periodSeconds: 60 }] },
      scaleDown: {
        stabilizationWindowSeconds: 0,
        selectPolicy: "Min",
        policies: [{ type: "Percent", value: 50, periodSeconds: 60 }],
      },
    };
    expect(normalise(spec({ behavior }), EMPTY, 3, 9, NOW).replicas).toBe(5);
    const grown = { recommendations: [], changes: [{ at: NOW - 30_000, by: 2 }] };
    expect(normalise(spec({ behavior }), grown, 5, 9, NOW).replicas).toBe(5);
    expect(normalise(spec({ behavior }), EMPTY, 8, 1, NOW)).toMatchObject({
      replicas: 4,
      limited: [true, "ScaleDownLimit", expect.any(String)],
    });
  });

  it("never moves in a direction that is switched off", () => {
    const behavior = { scaleDown: { selectPolicy: "Disabled", stabilizationWindowSeconds: 0 } };
    expect(normalise(spec({ behavior }), EMPTY, 8, 1, NOW).replicas).toBe(8);
  });
});
