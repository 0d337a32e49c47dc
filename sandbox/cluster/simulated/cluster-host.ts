import { Checker, type Scheduler } from "../../checks/checker";
import type { ClusterCreate, ClusterEvent, ClusterMade } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import type { RunningCluster, StartCluster } from "./running-cluster";

/** Clusters in one process: any more, and one learner's trouble would be too many others'. */
export const CAPACITY = 50;

const ACTIVITY_EVERY_MS = 1_000;

export interface ClusterHostClock extends Scheduler {
  now(): number;
}

/** A cluster that is removed while it starts is stopped by whoever started it. */
type Slot =
  | { phase: "starting"; removed: boolean; settled: Promise<void> }
  | { phase: "running"; made: ClusterMade; cluster: RunningCluster; checker: Checker };

/** The clusters of one process, with their checks. */
export class ClusterHost {
  readonly capacity: number;
  readonly #startCluster: StartCluster;
  readonly #clock: ClusterHostClock;
  readonly #slots = new Map<string, Slot>();
  readonly #lastActivity = new Map<string, number>();
  readonly #listeners = new Set<(event: ClusterEvent) => void>();

  constructor(startCluster: StartCluster, clock: ClusterHostClock, capacity = CAPACITY) {
    this.#startCluster = startCluster;
    this.#clock = clock;
    this.capacity = capacity;
  }

  /** @throws SandboxError `already-exists`, `host-full`, `start-objects-refused`, `start-failed` */
  async create(spec: ClusterCreate): Promise<ClusterMade> {
    const { sandboxId } = spec;
    if (this.#slots.has(sandboxId)) throw new SandboxError("already-exists", sandboxId);
    if (this.#slots.size >= this.capacity) throw new SandboxError("host-full", `${this.capacity} clusters`);
    const starting = this.#startCluster(spec, () => this.#active(sandboxId));
    let settle = (): void => {};
    const settled = new Promise<void>((resolve) => (settle = resolve));
    const slot = { phase: "starting" as const, removed: false, settled };
    this.#slots.set(sandboxId, slot);
    try {
      const cluster = await starting;
      if (slot.removed) {
        await cluster.stop();
        throw new SandboxError("cluster-not-found", "removed while it started");
      }
      return this.#run(spec, cluster);
    } catch (error) {
      this.#slots.delete(sandboxId);
      throw error;
    } finally {
      settle();
    }
  }

  list(): ClusterMade[] {
    return [...this.#slots.values()].flatMap((slot) => (slot.phase === "running" ? [slot.made] : []));
  }

  /** No effect when there is none. */
  async remove(sandboxId: string): Promise<void> {
    const slot = this.#slots.get(sandboxId);
    if (slot?.phase === "starting") {
      slot.removed = true;
      await slot.settled;
    } else if (slot) {
      this.#slots.delete(sandboxId);
      this.#lastActivity.delete(sandboxId);
      slot.checker.stop();
      await slot.cluster.stop();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#slots.keys()].map((sandboxId) => this.remove(sandboxId)));
  }

  /** Tells `listener` how all tasks stand, then what changes. */
  follow(listener: (event: ClusterEvent) => void): () => void {
    for (const [sandboxId, slot] of this.#slots) {
      if (slot.phase === "running") listener(this.#verdictsOf(sandboxId, slot.checker.verdicts));
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #run(spec: ClusterCreate, cluster: RunningCluster): ClusterMade {
    const { sandboxId, socketPath } = spec;
    const made: ClusterMade = { sandboxId, socketPath, kubeconfig: cluster.kubeconfig };
    const checker = new Checker(spec.checks, cluster.objects, this.#clock, (verdicts) =>
      this.#emit(this.#verdictsOf(sandboxId, verdicts)),
    );
    this.#slots.set(sandboxId, { phase: "running", made, cluster, checker });
    this.#emit(this.#verdictsOf(sandboxId, checker.verdicts));
    return made;
  }

  #active(sandboxId: string): void {
    const now = this.#clock.now();
    if (now - (this.#lastActivity.get(sandboxId) ?? 0) < ACTIVITY_EVERY_MS) return;
    this.#lastActivity.set(sandboxId, now);
    this.#emit({ type: "activity", sandboxId, at: this.#now() });
  }

  #verdictsOf(sandboxId: string, verdicts: Checker["verdicts"]): ClusterEvent {
    return { type: "verdicts", sandboxId, at: this.#now(), verdicts: [...verdicts] };
  }

  #emit(event: ClusterEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
