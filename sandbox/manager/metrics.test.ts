import { describe, expect, it } from "vitest";
import { managerMetricsSchema } from "../protocol/metrics";
import { Metrics } from "./metrics";

const NOW = { journalLagMs: 0, residentBytes: 1, uptimeSeconds: 2 };

describe("metrics", () => {
  it("count phases, reasons and starts", () => {
    const metrics = new Metrics();
    for (let ms = 1; ms <= 20; ms++) metrics.started(ms);
    metrics.stopped("idle");
    metrics.stopped("idle");
    metrics.stopped("learner");
    const report = metrics.report(["ready", "ready", "queued"], NOW);
    expect(managerMetricsSchema.parse(report)).toEqual({
      phases: { queued: 1, starting: 0, ready: 2, stopping: 0 },
      stopped: { idle: 2, learner: 1 },
      starts: { count: 20, p50Ms: 10, p95Ms: 19 },
      ...NOW,
    });
  });

  it("know no times before the first start, and only the last hundred after many", () => {
    const metrics = new Metrics();
    expect(metrics.report([], NOW).starts).toEqual({ count: 0, p50Ms: null, p95Ms: null });
    for (const ms of [...Array<number>(100).fill(9_000), ...Array<number>(100).fill(5)]) metrics.started(ms);
    expect(metrics.report([], NOW).starts).toEqual({ count: 200, p50Ms: 5, p95Ms: 5 });
  });
});
