import type { StopReason } from "../protocol/codes";
import type { ManagerMetrics } from "../protocol/metrics";
import type { SandboxPhase } from "../protocol/sandbox-view";

const STARTS_KEPT = 100;

/** Counts what happens to sandboxes, for whoever runs the installation. */
export class Metrics {
  readonly #stopped = new Map<StopReason, number>();
  #startCount = 0;
  #startMs: readonly number[] = [];

  started(ms: number): void {
    this.#startCount++;
    this.#startMs = [...this.#startMs, ms].slice(-STARTS_KEPT);
  }

  stopped(reason: StopReason): void {
    this.#stopped.set(reason, (this.#stopped.get(reason) ?? 0) + 1);
  }

  report(
    phases: readonly SandboxPhase[],
    now: Pick<ManagerMetrics, "journalLagMs" | "residentBytes" | "uptimeSeconds">,
  ): ManagerMetrics {
    const inPhase = (phase: SandboxPhase): number => phases.filter((one) => one === phase).length;
    return {
      phases: {
        queued: inPhase("queued"),
        starting: inPhase("starting"),
        ready: inPhase("ready"),
        stopping: inPhase("stopping"),
      },
      stopped: Object.fromEntries(this.#stopped),
      starts: { count: this.#startCount, p50Ms: this.#quantile(0.5), p95Ms: this.#quantile(0.95) },
      ...now,
    };
  }

  #quantile(fraction: number): number | null {
    const sorted = [...this.#startMs].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? null;
  }
}
