import type { Container, Probe } from "../api/generated/kubernetes";
import type { EventSubject } from "../client/event-reference";
import type { EventRecorder } from "../client/event-recorder";
import type { Timer } from "../clock";
import type { ContainerRecord } from "./container-record";
import { runProbe, type ProbeTarget } from "./probe-action";

type ProbeKind = "Startup" | "Readiness" | "Liveness";

export interface ContainerProbesOptions {
  readonly target: ProbeTarget & { readonly container: Container };
  readonly record: ContainerRecord;
  readonly subject: EventSubject;
  readonly recorder: EventRecorder;
  /** Nobody probes meanwhile. */
  readonly isPaused: () => boolean;
  /** `started` or `ready` of the record has changed. */
  readonly changed: () => void;
  /** The container must be killed: its liveness or startup probe has failed too often. */
  readonly failed: (kind: ProbeKind) => void;
}

// The first probe waits for the worker's first look at the container, and most programs are ready by then.
const FIRST_LOOK_MS = 250;

/** The probes of one started container, until stopped: results go into its record. */
export class ContainerProbes {
  readonly #options: ContainerProbesOptions;
  readonly #timers = new Map<ProbeKind, Timer>();
  #stopped = false;

  /** Sets `started` and `ready` to what they are before any probe, and begins. */
  constructor(options: ContainerProbesOptions) {
    this.#options = options;
    const { container } = options.target;
    options.record.started = container.startupProbe === undefined;
    options.record.ready = container.readinessProbe === undefined;
    if (container.startupProbe) this.#begin("Startup", container.startupProbe);
    else this.#beginOthers();
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #beginOthers(): void {
    const { readinessProbe, livenessProbe } = this.#options.target.container;
    if (readinessProbe) this.#begin("Readiness", readinessProbe);
    if (livenessProbe) this.#begin("Liveness", livenessProbe);
  }

  #begin(kind: ProbeKind, probe: Probe): void {
    const counts = { successes: 0, failures: 0 };
    const delayMs = Math.max((probe.initialDelaySeconds ?? 0) * 1000, FIRST_LOOK_MS);
    this.#next(kind, probe, counts, delayMs);
  }

  #next(kind: ProbeKind, probe: Probe, counts: { successes: number; failures: number }, delayMs: number): void {
    if (this.#stopped) return;
    const run = (): void => void this.#run(kind, probe, counts);
    this.#timers.set(kind, this.#options.target.clock.schedule(delayMs, run));
  }

  async #run(kind: ProbeKind, probe: Probe, counts: { successes: number; failures: number }): Promise<void> {
    const { target, recorder, subject, isPaused } = this.#options;
    if (isPaused()) {
      this.#next(kind, probe, counts, (probe.periodSeconds ?? 10) * 1000);
      return;
    }
    const result = await runProbe(probe, (probe.timeoutSeconds ?? 1) * 1000, target);
    if (this.#stopped) return;
    if (result.ok) {
      counts.failures = 0;
      counts.successes++;
      if (counts.successes >= (probe.successThreshold ?? 1)) this.#succeeded(kind);
    } else if (result.errored) {
      const message = `${kind} probe errored and resulted in unknown state: ${result.output}`;
      recorder.event(subject, "Warning", "Unhealthy", message);
    } else {
      counts.successes = 0;
      counts.failures++;
      recorder.event(subject, "Warning", "Unhealthy", `${kind} probe failed: ${result.output}`);
      if (counts.failures >= (probe.failureThreshold ?? 3)) this.#failedTooOften(kind);
    }
    if (kind === "Startup" && this.#options.record.started) return;
    this.#next(kind, probe, counts, (probe.periodSeconds ?? 10) * 1000);
  }

  #succeeded(kind: ProbeKind): void {
    const { record, changed } = this.#options;
    if (kind === "Startup" && !record.started) {
      record.started = true;
      changed();
      this.#beginOthers();
    }
    if (kind === "Readiness" && !record.ready) {
      record.ready = true;
      changed();
    }
  }

  #failedTooOften(kind: ProbeKind): void {
    const { record, changed, failed } = this.#options;
    if (kind !== "Readiness") {
      this.stop();
      failed(kind);
    } else if (record.ready) {
      record.ready = false;
      changed();
    }
  }
}
