import type { ContainerStatus, Pod } from "../api/generated/kubernetes";
import { keyOf, type Stored } from "../api/object";
import { isConflict, isNotFound } from "../api/status";
import { PODS } from "../client/resources";
import type { Timer } from "../clock";
import type { ContainerRecord } from "./container-record";
import type { ContainerUsage } from "./container-runtime";
import { containerStatuses } from "./container-statuses";
import type { DownwardFacts } from "./downward";
import { delay, type KubeletContext } from "./kubelet-context";
import { emptyDirBytes, StorageWatch, storageExcess } from "./local-storage";
import { MountError } from "./mount-error";
import type { PodVolume } from "./node-files";
import { PodContainers } from "./pod-containers";
import { PodCopy } from "./pod-copy";
import { podPhase, podStatus, type PodFacts } from "./pod-lifecycle";
import { PodSandbox } from "./pod-sandbox";
import { mountVolumes } from "./pod-volumes";
import { ServiceAccountTokens } from "./service-account-tokens";

/** `retired`: ended by itself, its logs kept; `ending`: deleted, being stopped; `ended`: nothing of it is left here. */
type WorkerState = "running" | "retired" | "ending" | "ended";

const DEFAULT_GRACE_SECONDS = 30;
// Given as the reason so that none is made for each pod: they come with a stack.
const LEAVING = new Error("the pod is to go");
const EVICTION_GRACE_MS = 1000;
const FAILURE_RETRY_MS = 1000;
const MOUNT_RETRY_MS = 2000;

/**
 * Everything one node does for one pod. Its steps run one after another; whatever happens meanwhile (a change of the
 * pod, a container's end, a probe's verdict, a timer) only asks for another round, which looks at what is true then.
 */
export class PodWorker {
  readonly #context: KubeletContext;
  readonly #copy: PodCopy;
  readonly #containers: PodContainers;
  readonly #sandbox: PodSandbox;
  readonly #volumes = new Map<string, PodVolume>();
  readonly #tokens: ServiceAccountTokens;
  readonly #startedAt: number;
  /** Ends pulls and starts under way once the pod is to go. */
  readonly #abort = new AbortController();
  readonly #onEnded: () => void;
  #state: WorkerState = "running";
  /** Out of the API. */
  #gone = false;
  /** The kubelet has stopped. */
  #stopped = false;
  #failure: PodFacts["failure"];
  #mountComplaint = "";
  #running = false;
  #again = false;
  #timer: { at: number; timer: Timer } | undefined;
  #deadline: Timer | undefined;
  #graceMs = Number.POSITIVE_INFINITY;
  readonly #storage: StorageWatch;

  /** `onEnded` is called once the pod is off the node and out of the API. */
  constructor(context: KubeletContext, pod: Stored<Pod>, onEnded: () => void) {
    this.#context = context;
    this.#onEnded = onEnded;
    this.#startedAt = context.clock.now();
    this.#copy = new PodCopy(context.client, pod, () => this.#podChanged());
    this.#storage = new StorageWatch(context.clock, () => this.#checkStorage());
    this.#sandbox = new PodSandbox(context, pod.status?.podIP);
    this.#tokens = new ServiceAccountTokens(context);
    this.#containers = new PodContainers({
      context,
      pod,
      volumes: this.#volumes,
      storageGrown: this.#storage.grown,
      changed: () => this.wake(),
      wakeAfter: (delayMs) => this.#wakeAfter(delayMs),
      report: () => this.#report(),
    });
  }

  /** The runtime's id of the pod's sandbox, once there was one. */
  get sandboxId(): string | undefined {
    return this.#sandbox.id;
  }

  get isOnHostNetwork(): boolean {
    return this.#copy.current.spec?.hostNetwork ?? false;
  }

  record(container: string): ContainerRecord | undefined {
    return this.#containers.records.get(container);
  }

  /** The status of one container as it is now, written or not. */
  containerStatus(name: string): ContainerStatus | undefined {
    this.#containers.refresh(this.#copy.current);
    const { init, app, ephemeral } = containerStatuses(this.#facts());
    return [...init, ...app, ...ephemeral].find((status) => status.name === name);
  }

  runningContainers(): string[] {
    return this.#containers.running.flatMap(({ current }) => current?.id ?? []);
  }

  /** What its running containers use now, by name. */
  usage(): Map<string, ContainerUsage> {
    const found = new Map<string, ContainerUsage>();
    for (const { name, current } of this.#containers.running) {
      const usage = current && this.#context.runtime.containerStats(current.id);
      if (usage) found.set(name, usage);
    }
    return found;
  }

  owns(containerId: string): boolean {
    return this.#containers.owns(containerId);
  }

  /** What the watch says of the pod. */
  update(pod: Stored<Pod>): void {
    this.#copy.offer(pod);
  }

  /** The pod is out of the API: what still runs of it is stopped. */
  removed(): void {
    this.#gone = true;
    this.#podChanged();
    if (this.#state === "ended") this.#finish();
  }

  /** Asks for another round. */
  wake(): void {
    if (this.#stopped || this.#state === "ended" || this.#context.isPaused()) return;
    this.#again = true;
    if (!this.#running) void this.#run();
  }

  /** The kubelet itself stops: the pod is left as it is. */
  stop(): void {
    this.#stopped = true;
    this.#abort.abort(LEAVING);
    this.#timer?.timer.cancel();
    this.#deadline?.cancel();
    this.#storage.stop();
    this.#containers.stopProbes();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#again && !this.#stopped) {
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
    this.#context.onError?.("kubelet", keyOf(this.#copy.current), error);
    this.#wakeAfter(FAILURE_RETRY_MS);
  }

  async #sync(): Promise<void> {
    const pod = this.#copy.current;
    this.#containers.refresh(pod);
    if (this.#state === "ended") return;
    if (this.#gone || pod.metadata.deletionTimestamp) return this.#end();
    const phase = podPhase(pod.spec ?? { containers: [] }, this.#facts());
    if (phase === "Succeeded" || phase === "Failed") return this.#retire();
    this.#watchDeadline();
    await this.#report();
    if (!(await this.#mount())) return;
    await this.#sandbox.ensure(this.#copy.current, () => !this.#isLeaving());
    if (this.#sandbox.current && !this.#isLeaving()) {
      await this.#containers.start({
        pod: this.#copy.current,
        sandbox: this.#sandbox.current,
        facts: this.#downward(),
        signal: this.#abort.signal,
        graceMs: this.#grace(),
      });
    }
    await this.#report();
  }

  /** False while a volume that the pod needs cannot be set up. */
  async #mount(): Promise<boolean> {
    const { sources, claims, node, recorder, clock, random } = this.#context;
    const pod = this.#copy.current;
    try {
      await this.#tokens.fetch(pod);
      const token = this.#tokens.get.bind(this.#tokens);
      const facts = this.#downward();
      mountVolumes(pod, this.#volumes, {
        facts,
        sources,
        claims,
        node,
        token,
        now: clock.now(),
        random,
        grown: this.#storage.grown,
      });
      this.#mountComplaint = "";
      return true;
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
      if (this.#mountComplaint !== error.message) recorder.event(pod, "Warning", "FailedMount", error.message);
      this.#mountComplaint = error.message;
      this.#wakeAfter(MOUNT_RETRY_MS);
      // What runs keeps the files it has.
      return this.#sandbox.current !== undefined;
    }
  }

  /** All containers are done for good: the address goes back, logs stay. */
  async #retire(): Promise<void> {
    this.#deadline?.cancel();
    if (this.#state === "running") {
      await this.#stopAll();
      await this.#report();
      await this.#sandbox.stop();
      this.#state = "retired";
    }
    await this.#report();
  }

  /** The pod was deleted: stop it within its grace period, say how it ended, then take it out of the API. */
  async #end(): Promise<void> {
    this.#state = "ending";
    this.#deadline?.cancel();
    await this.#stopAll();
    await this.#sandbox.stop();
    await this.#report();
    if (!this.#gone) await delay(this.#context.clock, this.#context.latency.removalMs);
    if (!this.#gone) await this.#takeOut();
    await this.#sandbox.remove();
    this.#context.puller.forget(this.#copy.current.metadata.uid);
    this.#state = "ended";
  }

  async #takeOut(): Promise<void> {
    const { namespace = "", name, uid } = this.#copy.current.metadata;
    try {
      const options = { gracePeriodSeconds: 0, preconditions: { uid } };
      await this.#context.client.delete(PODS, { namespace, name }, options);
    } catch (error) {
      // Gone already, or another pod has its name by now.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  async #stopAll(): Promise<void> {
    this.#abort.abort(LEAVING);
    this.#graceMs = this.#grace();
    await this.#containers.stopAll(this.#copy.current, this.#sandbox.current?.ip, this.#graceMs);
  }

  /** A deletion cuts short what is under way, and a second one the grace period of the first. */
  #podChanged(): void {
    if (this.#isLeaving()) this.#abort.abort(LEAVING);
    if (this.#state === "ending" && this.#grace() < this.#graceMs) {
      this.#graceMs = this.#grace();
      this.#containers.hasten(this.#graceMs);
    }
    this.wake();
  }

  #grace(): number {
    const { metadata, spec } = this.#copy.current;
    const seconds = metadata.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    if (this.#failure?.reason === "Evicted") return EVICTION_GRACE_MS;
    // A pod that is out of the API already still gets a moment to end by itself.
    return Math.max(seconds, this.#gone ? 1 : 0) * 1000;
  }

  #watchDeadline(): void {
    const seconds = this.#copy.current.spec?.activeDeadlineSeconds;
    if (seconds === undefined || this.#deadline) return;
    const { clock, recorder } = this.#context;
    this.#deadline = clock.schedule(this.#startedAt + seconds * 1000 - clock.now(), () => {
      const message = "Pod was active on the node longer than the specified deadline";
      this.#failure = { reason: "DeadlineExceeded", message };
      recorder.event(this.#copy.current, "Normal", "DeadlineExceeded", message);
      this.#podChanged();
    });
  }

  /** A pod that keeps more on disk than it may has to go, at once. */
  #checkStorage(): void {
    const pod = this.#copy.current;
    if (this.#isLeaving() || this.#context.isPaused()) return;
    const message = storageExcess(pod, {
      volumes: emptyDirBytes(pod, this.#volumes),
      containers: new Map([...this.usage()].map(([name, { storageBytes }]) => [name, storageBytes])),
    });
    if (message === undefined) return;
    this.#failure = { reason: "Evicted", message };
    this.#context.recorder.event(pod, "Warning", "Evicted", message);
    this.#podChanged();
  }

  /** Writes the status if anything in it is new. */
  async #report(): Promise<void> {
    if (!this.#gone && !this.#context.isPaused()) await this.#copy.writeStatus(podStatus(this.#facts()));
  }

  #facts(): PodFacts {
    const { clock, nodeHost } = this.#context;
    return {
      pod: this.#copy.current,
      records: this.#containers.records,
      sandbox: this.#sandbox.current,
      lastIP: this.#sandbox.lastIP,
      hostIP: nodeHost.address,
      startedAt: this.#startedAt,
      ending: this.#state === "ending",
      failure: this.#failure,
      now: clock.now(),
    };
  }

  #downward(): DownwardFacts {
    const { nodeHost, allocatable } = this.#context;
    const podIP = this.#sandbox.current?.ip;
    return { pod: this.#copy.current, podIP, hostIP: nodeHost.address, allocatable: allocatable() };
  }

  #isLeaving(): boolean {
    const { deletionTimestamp } = this.#copy.current.metadata;
    return this.#stopped || this.#gone || this.#failure !== undefined || deletionTimestamp !== undefined;
  }

  /** Of several delays the earliest counts: each round says anew what it waits for. */
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
