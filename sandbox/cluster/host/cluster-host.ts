import { Checker, type Scheduler } from "../../checks/checker";
import type { ObjectSource } from "../../checks/object-source";
import type {
  ClusterCreate,
  ClusterEvent,
  ClusterMade,
  ClusterSave,
  ServiceList,
  ServicePort,
} from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import type { Outlet, RunningCluster, StartCluster } from "./running-cluster";
import { followServices } from "./service-ports";

/** Clusters in one process: any more, and one learner's trouble would be too many others'. */
export const CAPACITY = 50;

const ACTIVITY_EVERY_MS = 1_000;

export interface ClusterHostClock extends Scheduler {
  now(): number;
}

interface Slot {
  readonly cluster: Promise<RunningCluster>;
  readonly ready: Promise<ClusterMade>;
  /** Since it is ready. */
  running: { cluster: RunningCluster; made: ClusterMade; checker: Checker; objects: ObjectSource } | undefined;
  /** Aborts when it is removed. */
  readonly removed: AbortController;
}

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

  /**
   * Resolves as soon as its socket is there. `start` is for one that is taken over instead of made.
   * @throws SandboxError `already-exists`, `host-full`, `start-failed`
   */
  async open(spec: ClusterCreate, start: StartCluster = this.#startCluster): Promise<ClusterMade> {
    const { sandboxId } = spec;
    if (this.#slots.has(sandboxId)) throw new SandboxError("already-exists", sandboxId);
    if (this.#slots.size >= this.capacity) throw new SandboxError("host-full", `${this.capacity} clusters`);
    const removed = new AbortController();
    const cluster = start(spec, {
      onWrite: () => this.#active(sandboxId),
      onStep: (step) => this.#emit({ type: "step", sandboxId, step }),
    });
    const slot: Slot = { cluster, ready: this.#whenReady(spec, cluster, removed.signal), running: undefined, removed };
    slot.ready.catch(() => {}); // whoever asks is told
    this.#slots.set(sandboxId, slot);
    try {
      return madeOf(spec, await cluster);
    } catch (error) {
      this.#slots.delete(sandboxId);
      throw error;
    }
  }

  /**
   * One that has failed is known, with its reason, until it is removed.
   * @throws SandboxError `cluster-not-found`, `start-objects-refused`, `start-failed`
   */
  async ready(sandboxId: string): Promise<ClusterMade> {
    const slot = this.#slots.get(sandboxId);
    if (!slot) throw new SandboxError("cluster-not-found", sandboxId);
    return slot.ready;
  }

  list(): ClusterMade[] {
    return [...this.#slots.values()].flatMap(({ running }) => (running ? [running.made] : []));
  }

  /** @throws SandboxError `cluster-not-found` */
  async save(sandboxId: string, since: string | undefined): Promise<ClusterSave | undefined> {
    return this.#running(sandboxId).cluster.save(since);
  }

  /** @throws SandboxError `cluster-not-found` */
  async services(sandboxId: string): Promise<ServiceList> {
    return { services: [...(await this.#running(sandboxId).cluster.services())] };
  }

  /** Tells what `services` would give, then again with every change. @throws SandboxError `cluster-not-found` */
  followServices(sandboxId: string, listener: (list: ServiceList) => void): () => void {
    return followServices(this.#running(sandboxId).objects, this.#clock, (services) => listener({ services }));
  }

  /** @throws SandboxError `cluster-not-found` and those of `RunningCluster.dial` */
  async dial(sandboxId: string, target: ServicePort, signal: AbortSignal): Promise<Outlet> {
    return this.#running(sandboxId).cluster.dial(target, signal);
  }

  /** No effect when there is none. */
  async remove(sandboxId: string): Promise<void> {
    const slot = this.#slots.get(sandboxId);
    if (!slot) return;
    this.#slots.delete(sandboxId);
    this.#lastActivity.delete(sandboxId);
    slot.removed.abort(new SandboxError("cluster-not-found", "removed while it started"));
    slot.running?.checker.stop();
    const cluster = await slot.cluster.catch(() => undefined); // then there is nothing to stop
    await cluster?.stop();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#slots.keys()].map((sandboxId) => this.remove(sandboxId)));
  }

  /** Tells `listener` how all tasks stand, then what changes. */
  follow(listener: (event: ClusterEvent) => void): () => void {
    for (const [sandboxId, { running }] of this.#slots) {
      if (running) listener(this.#verdictsOf(sandboxId, running.checker.verdicts));
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async #whenReady(spec: ClusterCreate, starting: Promise<RunningCluster>, removed: AbortSignal): Promise<ClusterMade> {
    const cluster = await starting;
    try {
      const objects = await Promise.race([cluster.ready, rejectOnAbort(removed)]);
      return this.#run(spec, cluster, objects);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  #running(sandboxId: string): NonNullable<Slot["running"]> {
    const running = this.#slots.get(sandboxId)?.running;
    if (!running) throw new SandboxError("cluster-not-found", sandboxId);
    return running;
  }

  #run(spec: ClusterCreate, cluster: RunningCluster, objects: ObjectSource): ClusterMade {
    const { sandboxId } = spec;
    const made = madeOf(spec, cluster);
    const checker = new Checker(spec.checks, objects, this.#clock, (verdicts) =>
      this.#emit(this.#verdictsOf(sandboxId, verdicts)),
    );
    const slot = this.#slots.get(sandboxId);
    if (slot) slot.running = { cluster, made, checker, objects };
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

function madeOf({ sandboxId, socketPath }: ClusterCreate, { kubeconfig }: RunningCluster): ClusterMade {
  return { sandboxId, socketPath, kubeconfig };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
