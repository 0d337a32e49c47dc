import type { Container, ContainerStatus, EphemeralContainer, Pod } from "../api/generated/kubernetes";
import { keyOf, type Stored } from "../api/object";
import { isConflict, isNotFound } from "../api/status";
import { PODS } from "../client/resources";
import type { Timer } from "../clock";
import { ContainerStarter } from "./container-starter";
import {
  exitOf,
  isRunning,
  isSidecar,
  newContainerRecord,
  type ContainerKind,
  type ContainerRecord,
} from "./container-record";
import type { PodSandboxStatus, Volume } from "./container-runtime";
import { containerStatuses, isDone } from "./container-statuses";
import { goSeconds } from "./back-off";
import { delay, type KubeletContext } from "./kubelet-context";
import { podPhase, podStatus, shouldRestart, type PodFacts } from "./pod-lifecycle";
import { MountError, mountVolumes } from "./pod-volumes";
import { podResolvConf } from "./resolv-conf";
import { recordsAfterReboot } from "./reboot";
import { ServiceAccountTokens } from "./service-account-tokens";
import { stopContainers } from "./termination";

type WorkerState = "running" | "retired" | "ending" | "ended";

const DEFAULT_GRACE_SECONDS = 30;
const FAILURE_RETRY_MS = 1000;
const MOUNT_RETRY_MS = 2000;
const CONFIG_RETRY_MS = 10_000;
const CRASH_LOOK_AGAIN_MS = 15_000;

/**
 * Everything one node does for one pod. Its steps run one after another; whatever happens meanwhile (a change of the
 * pod, a container's end, a probe's verdict, a timer) only asks for another round, which looks at what is true then.
 */
export class PodWorker {
  readonly #context: KubeletContext;
  readonly #records = new Map<string, ContainerRecord>();
  readonly #volumes = new Map<string, Volume>();
  readonly #startedAt: number;
  readonly #starter: ContainerStarter;
  readonly #tokens: ServiceAccountTokens;
  readonly #abort = new AbortController();
  readonly #onEnded: () => void;
  #pod: Stored<Pod>;
  #state: WorkerState = "running";
  #gone = false;
  #stopped = false;
  #failure: PodFacts["failure"];
  #sandbox: PodSandboxStatus | undefined;
  #sandboxId: string | undefined;
  #sandboxAttempt = 0;
  #lastIP: string | undefined;
  #written = "";
  /** States that came in while a status is being written. */
  #arrived: Stored<Pod>[] | undefined;
  #mountComplaint = "";
  #running = false;
  #again = false;
  #timer: { at: number; timer: Timer } | undefined;
  #deadline: Timer | undefined;
  #graceMs = Number.POSITIVE_INFINITY;

  /** `onEnded` is called once the pod is off the node and out of the API. */
  constructor(context: KubeletContext, pod: Stored<Pod>, onEnded: () => void) {
    this.#context = context;
    this.#pod = pod;
    this.#onEnded = onEnded;
    this.#startedAt = context.clock.now();
    this.#lastIP = pod.status?.podIP;
    this.#tokens = new ServiceAccountTokens(context);
    this.#starter = new ContainerStarter({ context, volumes: this.#volumes, changed: () => this.wake() });
    for (const record of recordsAfterReboot(pod)) this.#records.set(record.name, record);
  }

  get pod(): Stored<Pod> {
    return this.#pod;
  }

  get sandboxId(): string | undefined {
    return this.#sandboxId;
  }

  record(container: string): ContainerRecord | undefined {
    return this.#records.get(container);
  }

  /** The status of one container as it is now, written or not. */
  containerStatus(name: string): ContainerStatus | undefined {
    this.#refresh();
    const { init, app, ephemeral } = containerStatuses(this.#facts());
    return [...init, ...app, ...ephemeral].find((status) => status.name === name);
  }

  owns(containerId: string): boolean {
    for (const record of this.#records.values()) if (record.current?.id === containerId) return true;
    return false;
  }

  /** A newer state of the pod. */
  update(pod: Stored<Pod>): void {
    // What arrives during a write may be its own echo, which only the write's answer tells.
    if (this.#arrived) {
      this.#arrived.push(pod);
      return;
    }
    if (Number(pod.metadata.resourceVersion) <= Number(this.#pod.metadata.resourceVersion)) return;
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp) this.#hasten();
    this.wake();
  }

  /** The pod is out of the API: what still runs of it is stopped. */
  removed(): void {
    this.#gone = true;
    this.#hasten();
    this.wake();
  }

  /** Asks for another round. */
  wake(): void {
    if (this.#stopped || this.#state === "ended") {
      if (this.#gone && this.#state === "ended") this.#finish();
      return;
    }
    this.#again = true;
    if (!this.#running) void this.#run();
  }

  /** The kubelet itself stops: the pod is left as it is. */
  stop(): void {
    this.#stopped = true;
    this.#abort.abort();
    this.#timer?.timer.cancel();
    this.#deadline?.cancel();
    this.#starter.stop();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#again && !this.#stopped && this.#state !== "ended") {
      this.#again = false;
      try {
        await this.#sync();
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#running = false;
    if (this.#gone && this.#state === "ended") this.#finish();
  }

  /** Whatever went wrong, another round starts from what is true then. */
  #failed(error: unknown): void {
    if (this.#stopped) return;
    this.#context.onError?.("kubelet", keyOf(this.#pod), error);
    this.#wakeAfter(FAILURE_RETRY_MS);
  }

  async #sync(): Promise<void> {
    this.#refresh();
    if (this.#gone || this.#pod.metadata.deletionTimestamp) return this.#end();
    const phase = podPhase(this.#pod.spec ?? { containers: [] }, this.#facts());
    if (phase === "Succeeded" || phase === "Failed") return this.#retire();
    this.#watchDeadline();
    await this.#writeStatus();
    if (!(await this.#mount()) || !(await this.#ensureSandbox())) return;
    if (this.#isLeaving()) {
      this.wake();
      return;
    }
    if (await this.#startInitContainers()) await this.#startContainers();
    this.#refresh();
    await this.#writeStatus();
  }

  /** Records show what the runtime says now. */
  #refresh(): void {
    for (const record of this.#records.values()) {
      if (!record.current) continue;
      const before = record.current.state;
      record.current = this.#context.runtime.containerStatus(record.current.id) ?? record.current;
      if (record.current.state !== "exited" || before === "exited") continue;
      const container = this.#specOf(record.name);
      if (container) record.terminationMessage = this.#starter.ended(container, record);
    }
  }

  async #mount(): Promise<boolean> {
    const facts = this.#downward();
    try {
      await this.#tokens.fetch(this.#pod);
      const { sources, nodeVolumes } = this.#context;
      mountVolumes(this.#pod, this.#volumes, {
        facts,
        sources,
        nodeVolumes,
        token: (projection) => this.#tokens.get(projection),
      });
      return true;
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
      const message = `MountVolume.SetUp failed for volume "${error.volume}" : ${error.message}`;
      if (this.#mountComplaint !== message) this.#context.recorder.event(this.#pod, "Warning", "FailedMount", message);
      this.#mountComplaint = message;
      this.#wakeAfter(MOUNT_RETRY_MS);
      return this.#sandbox !== undefined;
    }
  }

  async #ensureSandbox(): Promise<boolean> {
    if (this.#sandbox) return true;
    const { runtime, clock, random, latency, dns } = this.#context;
    const { metadata, spec } = this.#pod;
    await delay(clock, latency.sandboxMs * (0.8 + 0.4 * random.next()));
    if (this.#isLeaving() || this.#stopped) return true;
    this.#sandbox = await runtime.runPodSandbox({
      namespace: metadata.namespace ?? "",
      name: metadata.name,
      uid: metadata.uid,
      attempt: this.#sandboxAttempt++,
      hostname: (spec?.hostname ?? metadata.name).slice(0, 63).replace(/[-.]+$/, ""),
      hostNetwork: spec?.hostNetwork ?? false,
      labels: metadata.labels ?? {},
      annotations: metadata.annotations ?? {},
      resolvConf: podResolvConf(this.#pod, dns),
      hostAliases: (spec?.hostAliases ?? []).map(({ ip, hostnames }) => ({ ip, hostnames: hostnames ?? [] })),
    });
    this.#sandboxId = this.#sandbox.id;
    this.#lastIP = this.#sandbox.ip;
    return true;
  }

  /** Runs init containers in order; true once the others may start. */
  async #startInitContainers(): Promise<boolean> {
    const spec = this.#pod.spec;
    const begun = spec?.containers.some(({ name }) => this.#records.get(name)?.current !== undefined) ?? false;
    for (const container of spec?.initContainers ?? []) {
      const sidecar = isSidecar(container);
      const record = this.#recordOf(container.name);
      if (isDone(record, sidecar) || (begun && !sidecar)) continue;
      if (!isRunning(record)) await this.#startOrWait(container, record, sidecar ? "sidecar" : "init");
      if (!begun && !isDone(record, sidecar)) return false;
    }
    return true;
  }

  async #startContainers(): Promise<void> {
    for (const container of this.#pod.spec?.ephemeralContainers ?? []) {
      const record = this.#recordOf(container.name);
      if (!record.current) await this.#startOrWait(container, record, "ephemeral");
    }
    for (const container of this.#pod.spec?.containers ?? []) {
      if (this.#isLeaving()) return;
      const record = this.#recordOf(container.name);
      if (isRunning(record) && record.imageInSpec !== container.image) {
        await this.#starter.kill(
          this.#pod,
          container,
          record,
          `Container ${container.name} definition changed, will be restarted`,
          this.#grace(),
        );
        this.#refresh();
      }
      if (isRunning(record)) continue;
      const exit = exitOf(record);
      const changed = record.current !== undefined && record.imageInSpec !== container.image;
      if (exit && !changed && !shouldRestart(this.#pod.spec?.restartPolicy, container, exit.exitCode)) continue;
      await this.#startOrWait(container, record, "app");
    }
  }

  /** Starts a container unless its last runs say to wait; the record says why it waits. */
  async #startOrWait(
    container: Container | EphemeralContainer,
    record: ContainerRecord,
    kind: ContainerKind,
  ): Promise<void> {
    const { clock, crashes, recorder } = this.#context;
    const exit = exitOf(record);
    const key = `${this.#pod.metadata.uid}/${container.name}/${container.image ?? ""}`;
    if (exit && record.imageInSpec === container.image) {
      const remaining = crashes.remainingMs(key, exit.finishedAt, clock.now());
      if (remaining > 0) {
        const pod = `${this.#pod.metadata.name}_${this.#pod.metadata.namespace ?? ""}(${this.#pod.metadata.uid})`;
        const subject = this.#starter.subject(this.#pod, container, kind);
        recorder.event(
          subject,
          "Warning",
          "BackOff",
          `Back-off restarting failed container ${container.name} in pod ${pod}`,
        );
        const message = `back-off ${goSeconds(crashes.delayMs(key))} restarting failed container=${container.name} pod=${pod}`;
        record.waiting = { reason: "CrashLoopBackOff", message };
        this.#wakeAfter(Math.min(remaining, CRASH_LOOK_AGAIN_MS));
        return;
      }
      crashes.next(key, exit.finishedAt, clock.now());
    }
    const outcome = await this.#starter.start({
      pod: this.#pod,
      container,
      record,
      kind,
      sandbox: this.#sandbox,
      facts: this.#downward(),
      signal: this.#abort.signal,
    });
    if (outcome.retryMs !== undefined) this.#wakeAfter(outcome.retryMs);
    if (record.waiting?.reason === "CreateContainerConfigError") this.#wakeAfter(CONFIG_RETRY_MS);
    await this.#writeStatus();
  }

  /** All containers are done for good: the address goes back, logs stay. */
  async #retire(): Promise<void> {
    this.#starter.stop();
    this.#deadline?.cancel();
    const running = [...this.#records.values()].filter(isRunning);
    if (running.length > 0) await this.#stopAll();
    await this.#writeStatus();
    if (this.#state === "retired") return;
    this.#state = "retired";
    await this.#dropSandbox();
    await this.#writeStatus();
  }

  /** The pod was deleted: stop it within its grace period, say how it ended, then take it out of the API. */
  async #end(): Promise<void> {
    this.#state = "ending";
    this.#deadline?.cancel();
    await this.#stopAll();
    await this.#dropSandbox();
    const { client, runtime, puller } = this.#context;
    const { namespace = "", name, uid } = this.#pod.metadata;
    if (!this.#gone) {
      await this.#writeStatus();
      try {
        await client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }
    puller.forget(uid);
    if (this.#sandboxId !== undefined) await runtime.removePodSandbox(this.#sandboxId);
    this.#state = "ended";
  }

  async #stopAll(): Promise<void> {
    this.#abort.abort();
    this.#graceMs = this.#grace();
    await stopContainers({
      context: this.#context,
      starter: this.#starter,
      pod: this.#pod,
      records: this.#records,
      podIP: this.#sandbox?.ip,
      graceMs: this.#graceMs,
    });
    this.#starter.stop();
    this.#refresh();
  }

  async #dropSandbox(): Promise<void> {
    if (this.#sandbox) await this.#context.runtime.stopPodSandbox(this.#sandbox.id);
    this.#sandbox = undefined;
  }

  /** A deletion may cut short what is under way, and a second one the grace period of the first. */
  #hasten(): void {
    this.#abort.abort();
    if (this.#state !== "ending" || this.#grace() >= this.#graceMs) return;
    this.#graceMs = this.#grace();
    for (const record of this.#records.values()) {
      if (isRunning(record) && record.current)
        void this.#context.runtime.stopContainer(record.current.id, this.#graceMs);
    }
  }

  #grace(): number {
    const { metadata, spec } = this.#pod;
    const seconds = metadata.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    // A pod that is out of the API already still gets a moment to end by itself.
    return Math.max(seconds, this.#gone ? 1 : 0) * 1000;
  }

  #watchDeadline(): void {
    const seconds = this.#pod.spec?.activeDeadlineSeconds;
    if (seconds === undefined || this.#deadline) return;
    const { clock, recorder } = this.#context;
    this.#deadline = clock.schedule(this.#startedAt + seconds * 1000 - clock.now(), () => {
      const message = "Pod was active on the node longer than the specified deadline";
      this.#failure = { reason: "DeadlineExceeded", message };
      recorder.event(this.#pod, "Normal", "DeadlineExceeded", message);
      this.#abort.abort();
      this.wake();
    });
  }

  async #writeStatus(): Promise<void> {
    if (this.#gone) return;
    const status = podStatus(this.#facts());
    const text = JSON.stringify(status);
    if (text === this.#written) return;
    const { client } = this.#context;
    const metadata = { ...this.#pod.metadata, resourceVersion: undefined };
    const arrived = (this.#arrived = []);
    let answer: Stored<Pod> | undefined;
    try {
      answer = await client.updateStatus(PODS, { ...this.#pod, metadata, status });
      this.#written = text;
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    } finally {
      this.#arrived = undefined;
      this.#catchUp(arrived, answer);
    }
  }

  #catchUp(arrived: readonly Stored<Pod>[], answer: Stored<Pod> | undefined): void {
    if (answer?.metadata.uid === this.#pod.metadata.uid) this.#pod = answer;
    for (const pod of arrived) {
      if (pod.metadata.resourceVersion === answer?.metadata.resourceVersion) continue;
      this.update(pod);
      if (pod.metadata.deletionTimestamp) this.#hasten();
      this.wake();
    }
  }

  #facts(): PodFacts {
    const { clock, nodeHost } = this.#context;
    return {
      pod: this.#pod,
      records: this.#records,
      sandbox: this.#sandbox,
      lastIP: this.#lastIP,
      hostIP: nodeHost.address,
      startedAt: this.#startedAt,
      ending: this.#state === "ending",
      failure: this.#failure,
      now: clock.now(),
    };
  }

  #downward(): { pod: Pod; podIP: string | undefined; hostIP: string; allocatable: Readonly<Record<string, string>> } {
    const { nodeHost, allocatable } = this.#context;
    return { pod: this.#pod, podIP: this.#sandbox?.ip, hostIP: nodeHost.address, allocatable: allocatable() };
  }

  #recordOf(name: string): ContainerRecord {
    const record = this.#records.get(name) ?? newContainerRecord(name);
    this.#records.set(name, record);
    return record;
  }

  #specOf(name: string): Container | EphemeralContainer | undefined {
    const { containers = [], initContainers = [], ephemeralContainers = [] } = this.#pod.spec ?? {};
    return [...containers, ...initContainers, ...ephemeralContainers].find((container) => container.name === name);
  }

  #isLeaving(): boolean {
    return this.#gone || this.#failure !== undefined || this.#pod.metadata.deletionTimestamp !== undefined;
  }

  #wakeAfter(delayMs: number): void {
    const { clock } = this.#context;
    const at = clock.now() + delayMs;
    if (this.#timer && this.#timer.at > clock.now() && this.#timer.at <= at) return;
    this.#timer?.timer.cancel();
    this.#timer = { at, timer: clock.schedule(delayMs, () => this.wake()) };
  }

  #finish(): void {
    if (this.#stopped) return;
    this.stop();
    this.#onEnded();
  }
}
