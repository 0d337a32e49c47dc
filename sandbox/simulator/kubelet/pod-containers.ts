import type { Container, EphemeralContainer, Pod } from "../api/generated/kubernetes";
import { equalJson } from "../api/json";
import type { Stored } from "../api/object";
import { goSeconds } from "./back-off";
import {
  exitOf,
  isRunning,
  isSidecar,
  newContainerRecord,
  type ContainerKind,
  type ContainerRecord,
  type ExitedContainer,
} from "./container-record";
import type { PodSandboxStatus } from "./container-runtime";
import { ContainerStarter, limitsOf } from "./container-starter";
import { isDone } from "./container-statuses";
import type { DownwardFacts } from "./downward";
import { firstLook } from "./first-look";
import type { KubeletContext } from "./kubelet-context";
import type { PodVolume } from "./node-files";
import { shouldRestart } from "./pod-lifecycle";
import { recordsAfterReboot } from "./reboot";
import { stopContainers } from "./termination";

/** One round's view of the pod. */
export interface Round {
  readonly pod: Stored<Pod>;
  readonly sandbox: PodSandboxStatus;
  readonly facts: DownwardFacts;
  readonly signal: AbortSignal;
  /** Milliseconds a container has to end when it is replaced. */
  readonly graceMs: number;
}

export interface PodContainersOptions {
  readonly context: KubeletContext;
  readonly pod: Stored<Pod>;
  readonly volumes: ReadonlyMap<string, PodVolume>;
  /** Told when a container of a pod whose storage is limited has written more. */
  readonly storageGrown: () => void;
  /** Something about a container has changed. */
  readonly changed: () => void;
  /** Another round is wanted then. */
  readonly wakeAfter: (delayMs: number) => void;
  /** The status may have changed and others should see it now. */
  readonly report: () => Promise<void>;
}

const CONFIG_RETRY_MS = 10_000;
const CRASH_LOOK_AGAIN_MS = 15_000;

/** The containers of one pod: which run, which wait and why, and what to start next. */
export class PodContainers {
  readonly #options: PodContainersOptions;
  readonly #records = new Map<string, ContainerRecord>();
  readonly #starter: ContainerStarter;

  constructor(options: PodContainersOptions) {
    this.#options = options;
    this.#starter = new ContainerStarter(options);
    for (const record of recordsAfterReboot(options.pod)) this.#records.set(record.name, record);
  }

  get records(): ReadonlyMap<string, ContainerRecord> {
    return this.#records;
  }

  get running(): ContainerRecord[] {
    return [...this.#records.values()].filter(isRunning);
  }

  owns(containerId: string): boolean {
    for (const record of this.#records.values()) if (record.current?.id === containerId) return true;
    return false;
  }

  /** Brings the records up to what the runtime says now. */
  refresh(pod: Stored<Pod>): void {
    for (const record of this.#records.values()) {
      if (!record.current) continue;
      const before = record.current.state;
      record.current = this.#options.context.runtime.containerStatus(record.current.id) ?? record.current;
      if (record.current.state !== "exited" || before === "exited") continue;
      const container = specOf(pod, record.name);
      if (!container) continue;
      record.terminationMessage = this.#starter.ended(container, record);
      this.#fallBackToLogs(container, record, record.current);
    }
  }

  #fallBackToLogs(
    container: Container | EphemeralContainer,
    record: ContainerRecord,
    { id, exitCode }: ExitedContainer,
  ): void {
    if (container.terminationMessagePolicy !== "FallbackToLogsOnError" || exitCode === 0) return;
    if (record.terminationMessage) return;
    const keep = (text: string): void => {
      if (record.current?.id !== id) return;
      record.terminationMessage = text;
      this.#options.changed();
    };
    // A log that cannot be read any more leaves the message empty.
    this.#starter.lastLines(id).then(keep, () => {});
  }

  /** Starts what should run and does not, in order; returns early when init containers must end first. */
  async start(round: Round): Promise<void> {
    if (await this.#startInit(round)) await this.#startOthers(round);
    this.refresh(round.pod);
  }

  /** Stops all that run, within `graceMs`. */
  async stopAll(pod: Stored<Pod>, podIP: string | undefined, graceMs: number): Promise<void> {
    const { context } = this.#options;
    await stopContainers({ context, starter: this.#starter, pod, records: this.#records, podIP, graceMs });
    this.#starter.stop();
    this.refresh(pod);
  }

  /** Cuts short the grace period of containers that are being stopped. */
  hasten(graceMs: number): void {
    for (const { current } of this.running) {
      if (current) void this.#options.context.runtime.stopContainer(current.id, graceMs);
    }
  }

  /** Ends all probes. */
  stopProbes(): void {
    this.#starter.stop();
  }

  /** True once the app containers may start. */
  async #startInit(round: Round): Promise<boolean> {
    const { spec } = round.pod;
    const begun = spec?.containers.some(({ name }) => this.#records.get(name)?.current !== undefined) ?? false;
    for (const container of spec?.initContainers ?? []) {
      const sidecar = isSidecar(container);
      const record = this.#recordOf(container.name);
      if (isDone(record, sidecar) || (begun && !sidecar)) continue;
      if (!isRunning(record)) await this.#startOrWait(round, container, record, sidecar ? "sidecar" : "init");
      if (!begun && !isDone(record, sidecar)) return false;
    }
    return true;
  }

  async #startOthers(round: Round): Promise<void> {
    const { spec } = round.pod;
    for (const container of spec?.ephemeralContainers ?? []) {
      const record = this.#recordOf(container.name);
      if (!record.current) await this.#startOrWait(round, container, record, "ephemeral");
    }
    for (const container of spec?.containers ?? []) {
      if (round.signal.aborted) return;
      const record = this.#recordOf(container.name);
      const changed = record.current !== undefined && record.imageInSpec !== container.image;
      if (isRunning(record) && !changed) {
        await this.#resize(container, record);
        continue;
      }
      if (isRunning(record)) await this.#replace(round, container, record);
      const exit = exitOf(record);
      if (exit && !changed && !shouldRestart(spec?.restartPolicy, container, exit.exitCode)) continue;
      await this.#startOrWait(round, container, record, "app");
    }
  }

  /** A pod's limits may change while it runs. */
  async #resize(container: Container, record: ContainerRecord): Promise<void> {
    const limits = limitsOf(container);
    if (equalJson(limits, record.limits ?? limits)) return;
    record.limits = limits;
    if (record.current) await this.#options.context.runtime.updateContainerResources(record.current.id, limits);
  }

  async #replace({ pod, graceMs }: Round, container: Container, record: ContainerRecord): Promise<void> {
    const message = `Container ${container.name} definition changed, will be restarted`;
    await this.#starter.kill(pod, container, record, message, graceMs);
    this.refresh(pod);
  }

  /** Starts a container unless its last runs say to wait; the record says why it waits. */
  async #startOrWait(
    round: Round,
    container: Container | EphemeralContainer,
    record: ContainerRecord,
    kind: ContainerKind,
  ): Promise<void> {
    const { wakeAfter, report } = this.#options;
    if (this.#inCrashBackOff(round.pod, container, record, kind)) return;
    const { retryMs } = await this.#starter.start({ ...round, container, record, kind });
    if (retryMs !== undefined) wakeAfter(retryMs);
    if (record.waiting?.reason === "CreateContainerConfigError") wakeAfter(CONFIG_RETRY_MS);
    const { runtime, clock, latency } = this.#options.context;
    if (record.current) await firstLook(runtime, clock, record.current.id, latency.firstLookMs);
    this.refresh(round.pod);
    await report();
  }

  #inCrashBackOff(
    pod: Stored<Pod>,
    container: Container | EphemeralContainer,
    record: ContainerRecord,
    kind: ContainerKind,
  ): boolean {
    const exit = exitOf(record);
    if (!exit || record.imageInSpec !== container.image) return false;
    const { clock, crashes, recorder } = this.#options.context;
    const { name, namespace = "", uid } = pod.metadata;
    const key = `${uid}/${container.name}/${container.image ?? ""}`;
    const remaining = crashes.remainingMs(key, exit.finishedAt, clock.now());
    if (remaining <= 0) {
      crashes.next(key, exit.finishedAt, clock.now());
      return false;
    }
    const podName = `${name}_${namespace}(${uid})`;
    const event = `Back-off restarting failed container ${container.name} in pod ${podName}`;
    recorder.event(this.#starter.subject(pod, container, kind), "Warning", "BackOff", event);
    const back = goSeconds(crashes.delayMs(key));
    const message = `back-off ${back} restarting failed container=${container.name} pod=${podName}`;
    record.waiting = { reason: "CrashLoopBackOff", message };
    this.#options.wakeAfter(Math.min(remaining, CRASH_LOOK_AGAIN_MS));
    return true;
  }

  #recordOf(name: string): ContainerRecord {
    const record = this.#records.get(name) ?? newContainerRecord(name);
    this.#records.set(name, record);
    return record;
  }
}

function specOf(pod: Pod, name: string): Container | EphemeralContainer | undefined {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  return [...containers, ...initContainers, ...ephemeralContainers].find((container) => container.name === name);
}
