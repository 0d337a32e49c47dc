import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from "../api/generated/kubernetes";
import type { NodeApi } from "../api/node-api";
import type { Stored } from "../api/object";
import type { Client } from "../client/client";
import type { ErrorReporter } from "../client/controller";
import { CountingEventRecorder, type EventRecorder } from "../client/event-recorder";
import type { Informer } from "../client/informer";
import type { Clock } from "../clock";
import type { NetworkHost } from "../network/network";
import type { Random } from "../random";
import { BackOff } from "./back-off";
import type { EnvironmentSources } from "./container-environment";
import type { ContainerRuntime, ContainerUsage } from "./container-runtime";
import { ImagePuller } from "./image-puller";
import type { KubeletContext, KubeletLatency } from "./kubelet-context";
import { NodeFiles } from "./node-files";
import { NodeServer } from "./node-server";
import { reportReady } from "./node-status";
import { PodWorker } from "./pod-worker";
import { DEFAULT_DNS, type DnsSettings } from "./resolv-conf";
import { StartPace } from "./start-pace";

export interface KubeletOptions {
  readonly nodeName: string;
  /** The node's own place in the network; its address is the pods' `hostIP`. */
  readonly nodeHost: NetworkHost;
  readonly client: Client;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly random: Random;
  /** Informers that others may share; started by whoever made them. */
  readonly informers: EnvironmentInformers & {
    readonly pods: Informer<Pod>;
    readonly nodes: Informer<Node>;
    readonly persistentVolumes: Informer<PersistentVolume>;
    readonly persistentVolumeClaims: Informer<PersistentVolumeClaim>;
  };
  readonly dns?: Partial<DnsSettings>;
  /** Read each time, so that it may change. */
  readonly latency?: KubeletLatency;
  readonly recorder?: EventRecorder;
  readonly onError?: ErrorReporter;
}

type EnvironmentInformers = {
  readonly [Source in keyof EnvironmentSources]: EnvironmentSources[Source] &
    Pick<Informer<never>, "synced"> &
    Changing;
};

interface Changing {
  addHandler(handler: { added?(): void; updated?(): void; deleted?(): void }): () => void;
}

/** What a kubelet with images at hand takes on a good machine. */
export const NATURAL_LATENCY: KubeletLatency = { sandboxMs: 70, containerMs: 40, firstLookMs: 100, removalMs: 500 };
// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts
const CRASH_BACK_OFF_MS = { initial: 10_000, max: 300_000 };
// A changed ConfigMap or Secret reaches running pods a little later, all changes of that time at once.
const VOLUME_REFRESH_MS = 1000;

/** The agent of one node: runs the pods that are assigned to it and answers for their containers. */
export class Kubelet {
  readonly #context: KubeletContext;
  readonly #options: KubeletOptions;
  /** By pod UID. */
  readonly #workers = new Map<string, PodWorker>();
  readonly #unsubscribe: (() => void)[] = [];
  readonly nodeApi: NodeApi;
  /** The node's disk. */
  readonly files: NodeFiles;
  #state: "new" | "running" | "stopped" = "new";
  #refreshing = false;
  #paused = false;

  constructor(options: KubeletOptions) {
    this.#options = options;
    const { nodeName, client, clock, runtime, informers } = options;
    this.files = new NodeFiles(nodeName);
    const recorder =
      options.recorder ?? new CountingEventRecorder({ client, clock, component: "kubelet", host: nodeName });
    this.#context = {
      ...options,
      recorder,
      sources: informers,
      dns: { ...DEFAULT_DNS, ...options.dns },
      latency: options.latency ?? NATURAL_LATENCY,
      pace: new StartPace(clock),
      puller: new ImagePuller({ runtime, clock, recorder }),
      crashes: new BackOff(CRASH_BACK_OFF_MS.initial, CRASH_BACK_OFF_MS.max),
      claims: informers,
      node: this.files,
      isPaused: () => this.#paused,
      allocatable: () => informers.nodes.get("", nodeName)?.status?.allocatable ?? {},
    };
    this.nodeApi = new NodeServer(runtime, clock, (pod) => this.#workers.get(pod.uid));
  }

  /** Idempotent. Resolves once it looks after the node's pods. */
  async start(): Promise<void> {
    if (this.#state !== "new") return;
    this.#state = "running";
    const { informers, runtime } = this.#options;
    const { pods, nodes, services, configMaps, secrets, persistentVolumes, persistentVolumeClaims } = informers;
    // A pod's environment holds the Services of that moment: nothing starts before they are known.
    const all = [pods, nodes, services, configMaps, secrets, persistentVolumes, persistentVolumeClaims];
    await Promise.all(all.map((informer) => informer.synced()));
    if (!this.#isRunning()) return;
    const refresh = (): void => this.#refreshVolumes();
    const changes = { added: refresh, updated: refresh, deleted: refresh };
    this.#unsubscribe.push(
      configMaps.addHandler(changes),
      secrets.addHandler(changes),
      persistentVolumeClaims.addHandler(changes),
      runtime.onContainerChange((containerId) => this.#containerChanged(containerId)),
      pods.addHandler({
        added: (pod) => this.#changed(pod),
        updated: (_, pod) => this.#changed(pod),
        deleted: (pod) => this.#workers.get(pod.metadata.uid)?.removed(),
      }),
    );
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Falls silent: containers go on, and nobody looks after them. */
  pause(): void {
    this.#paused = true;
  }

  /** Is heard of again, says so, and looks at everything anew. */
  async resume(): Promise<void> {
    if (!this.#paused) return;
    this.#paused = false;
    const { client, clock, nodeName } = this.#options;
    await reportReady({ client, clock, nodeName, recorder: this.#context.recorder });
    for (const worker of this.#workers.values()) worker.wake();
  }

  /** Runtime ids of a pod's running containers. */
  runningContainers(podUid: string): string[] {
    return this.#workers.get(podUid)?.runningContainers() ?? [];
  }

  /** What the containers of a pod use now, by name; `undefined` for a pod that is not here. */
  usageOf(podUid: string): ReadonlyMap<string, ContainerUsage> | undefined {
    return this.#workers.get(podUid)?.usage();
  }

  /** Leaves everything as it is and does nothing more. */
  stop(): void {
    this.#state = "stopped";
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const worker of this.#workers.values()) worker.stop();
    this.#workers.clear();
  }

  #changed(pod: Stored<Pod>): void {
    if (pod.spec?.nodeName !== this.#options.nodeName) return;
    const { uid } = pod.metadata;
    const known = this.#workers.get(uid);
    if (known) {
      known.update(pod);
      return;
    }
    const worker = new PodWorker(this.#context, pod, () => void this.#workers.delete(uid));
    this.#workers.set(uid, worker);
    worker.wake();
  }

  #containerChanged(containerId: string): void {
    for (const worker of this.#workers.values()) {
      if (!worker.owns(containerId)) continue;
      worker.wake();
      return;
    }
  }

  #refreshVolumes(): void {
    if (this.#refreshing) return;
    this.#refreshing = true;
    this.#context.clock.schedule(VOLUME_REFRESH_MS, () => {
      this.#refreshing = false;
      for (const worker of this.#workers.values()) worker.wake();
    });
  }

  #isRunning(): boolean {
    return this.#state === "running";
  }
}
