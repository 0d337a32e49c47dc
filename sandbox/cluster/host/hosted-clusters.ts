import { existsSync, mkdirSync, readdirSync } from "node:fs";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  clusterEventSchema,
  clusterListSchema,
  clusterMadeSchema,
  clusterSaveSchema,
  serviceListSchema,
  type ClusterCreate,
  type ClusterCreateBody,
  type ClusterMade,
  type ClusterSave,
  type ServiceList,
  type ServicePort,
} from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import { openTunnel } from "../../protocol/node/tunnel";
import type { JsonClient } from "../../protocol/node/json-client";
import { adoptOrSpawn, endProcess, type HostProcess } from "../../protocol/node/host-process";
import type { Driver } from "../../protocol/sandbox-view";
import { PROTOCOL_HEADER, rangeText, SPOKEN, type ProtocolRange } from "../../protocol/version";
import type { ClusterDriver, ClusterDriverEvent, CreateOptions } from "../cluster";

export interface HostedClustersOptions {
  readonly driver: Driver;
  readonly instance: string;
  readonly stateDir: string;
  /** Without it what this release speaks. */
  readonly speaks?: ProtocolRange;
  /** The bundle of what holds them: `simulated/main.ts` or `real/main.ts`. */
  readonly script: string;
  /** How many run from the beginning. */
  readonly hosts: number;
  /** How many may: one more is opened when the others are nearly full. Default: `hosts`. */
  readonly mostHosts?: number;
  /** What each host's environment has besides its own variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly onHostEvent: (event: HostEvent) => void;
  /** How long things may take; real clusters are slow. */
  readonly patience?: Partial<Patience>;
}

export interface Patience {
  /** From the request until a cluster is ready. */
  readonly createMs: number;
  readonly removeMs: number;
  /** For a host with all its clusters. */
  readonly stopMs: number;
  /** How long a host may fail to start until its clusters are lost: what is on its disk is theirs until then. */
  readonly downMs: number;
}

/** For the log. */
export type HostEvent =
  | { event: "host ready"; index: number; pid: number; protocol: number; found: HostProcess["found"] }
  | { event: "host lost"; index: number; clusters: number }
  | { event: "host does not start"; index: number; error: unknown };

interface Host {
  readonly index: number;
  process: HostProcess;
  /** Since when it does not start, in milliseconds. */
  downSince: number | undefined;
  /** Its clusters, and those that are being made in it. */
  readonly clusters: Set<string>;
  capacity: number;
}

/** One that brings clusters back takes its time. */
const READY_WITHIN_MS = 60_000;
const PATIENCE: Patience = { createMs: 30_000, removeMs: 30_000, stopMs: 10_000, downMs: 5 * 60_000 };
const RESTART_AFTER_MS = 1_000;
const REJOIN_AFTER_MS = 100;
/** With no more places left than these the next host is opened: it takes a moment. */
const FEW_PLACES = 8;

/** Clusters in cluster-host processes of this machine, each of which holds those of one driver. */
export class HostedClusters implements ClusterDriver {
  readonly driver: Driver;
  readonly #options: HostedClustersOptions;
  readonly #patience: Patience;
  readonly #listeners = new Set<(event: ClusterDriverEvent) => void>();
  readonly #stopping = new AbortController();
  readonly #followers: Promise<void>[] = [];
  #hosts: Host[] = [];
  #growing: Promise<void> | undefined;

  constructor(options: HostedClustersOptions) {
    this.driver = options.driver;
    this.#options = options;
    this.#patience = { ...PATIENCE, ...options.patience };
  }

  async start(): Promise<void> {
    mkdirSync(this.#options.stateDir, { recursive: true, mode: 0o711 });
    const all = Array.from({ length: this.#most }, (_, index) => index);
    const indexes = all.filter((index) => index < this.#options.hosts || this.#isLeft(index));
    const results = await Promise.allSettled(indexes.map((index) => this.#open(index)));
    this.#hosts = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    for (const result of results) if (result.status === "rejected") throw result.reason;
    for (const host of this.#hosts) this.#followers.push(this.#supervise(host));
  }

  async create(spec: ClusterCreate, { signal, onAccess, onStep }: CreateOptions = {}): Promise<ClusterMade> {
    const host = await this.#place(spec.sandboxId);
    const unlisten = this.onEvent((event) => {
      if (event.type === "step" && event.sandboxId === spec.sandboxId) onStep?.(event.step);
    });
    try {
      const { client } = host.process;
      const body: ClusterCreateBody = { ...spec, restore: [...(spec.restore ?? [])], wait: false };
      const made = await client.call("POST", "/v1/clusters", { body, schema: clusterMadeSchema, signal });
      onAccess?.(made);
      const path = `/v1/clusters/${spec.sandboxId}/ready`;
      return await client.call("GET", path, { schema: clusterMadeSchema, signal, timeoutMs: this.#patience.createMs });
    } catch (error) {
      // One of another maker stays.
      if (error instanceof SandboxError && error.code === "already-exists") host.clusters.delete(spec.sandboxId);
      else await this.remove(spec.sandboxId);
      throw error;
    } finally {
      unlisten();
    }
  }

  async list(): Promise<ClusterMade[]> {
    const lists = await Promise.all(this.#hosts.map((host) => clustersOf(host.process.client)));
    return lists.flatMap(({ clusters }) => clusters);
  }

  async services(sandboxId: string): Promise<ServiceList> {
    const path = `/v1/clusters/${sandboxId}/services`;
    return this.#hostOf(sandboxId).process.client.call("GET", path, { schema: serviceListSchema });
  }

  async *servicesAsTheyChange(sandboxId: string, signal: AbortSignal): AsyncIterable<ServiceList> {
    const { client } = this.#hostOf(sandboxId).process;
    try {
      yield* client.lines(`/v1/clusters/${sandboxId}/services/events`, serviceListSchema, signal);
    } catch (error) {
      // A host of an earlier release tells them once.
      if (!(error instanceof SandboxError) || error.code !== "not-found") throw error;
      yield await this.services(sandboxId);
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
  }

  async dial(sandboxId: string, target: ServicePort, signal?: AbortSignal): Promise<Duplex> {
    const { index } = this.#hostOf(sandboxId);
    const { namespace, service, port } = target;
    const query = new URLSearchParams({ namespace, service, port: String(port) }).toString();
    return openTunnel(
      { socketPath: this.#socketPathOf(index) },
      `/v1/clusters/${sandboxId}/dial?${query}`,
      { [PROTOCOL_HEADER]: rangeText(this.#options.speaks ?? SPOKEN) },
      signal,
    );
  }

  async save(sandboxId: string, since?: string): Promise<ClusterSave | undefined> {
    const host = this.#hostOf(sandboxId);
    const query = since === undefined ? "" : `?${new URLSearchParams({ since }).toString()}`;
    const schema = clusterSaveSchema.optional();
    return host.process.client.call("GET", `/v1/clusters/${sandboxId}/save${query}`, { schema });
  }

  async remove(sandboxId: string): Promise<void> {
    // A host that was asked to make it may hold it although the answer never came.
    for (const host of this.#hosts) {
      host.clusters.delete(sandboxId);
      const options = { timeoutMs: this.#patience.removeMs };
      await host.process.client.call("DELETE", `/v1/clusters/${sandboxId}`, options).catch((error: unknown) => {
        // What held it is gone, so it is gone too.
        if (!(error instanceof SandboxError) || error.code !== "peer-unreachable") throw error;
      });
    }
  }

  onEvent(listener: (event: ClusterDriverEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async stop(clusters: "keep" | "end" | "abandon"): Promise<void> {
    this.#stopping.abort();
    await this.#growing?.catch(() => {}); // whoever waits for it is told
    await Promise.all(this.#followers);
    const ended = this.#hosts.filter(
      ({ process }) => clusters === "end" || (clusters === "abandon" && process.found === "started"),
    );
    await Promise.all(ended.map(({ process }) => endProcess(process.pid, this.#patience.stopMs)));
  }

  /** How many clusters each host holds. */
  load(): number[] {
    return this.#hosts.map((host) => host.clusters.size);
  }

  get #most(): number {
    return Math.max(this.#options.hosts, this.#options.mostHosts ?? 0);
  }

  /** One that was opened later, by whoever was here before, and may live or have left clusters. */
  #isLeft(index: number): boolean {
    const socketPath = this.#socketPathOf(index);
    const kept = `${socketPath.replace(/\.sock$/, "")}.clusters`;
    return existsSync(socketPath) || (existsSync(kept) && readdirSync(kept).length > 0);
  }

  /** A place for it, in the emptiest host. @throws SandboxError `already-exists`, `host-full` */
  async #place(sandboxId: string): Promise<Host> {
    for (;;) {
      if (this.#hosts.some((host) => host.clusters.has(sandboxId))) throw new SandboxError("already-exists", sandboxId);
      const roomy = this.#hosts.filter(({ clusters, capacity }) => clusters.size < capacity);
      const places = roomy.reduce((sum, { clusters, capacity }) => sum + capacity - clusters.size, 0);
      const canGrow = this.#hosts.length < this.#most;
      const growing = canGrow && places <= FEW_PLACES ? this.#grow() : undefined;
      const [host] = roomy.sort((a, b) => a.clusters.size - b.clusters.size);
      if (host) {
        growing?.catch(() => {}); // tried again by the next one, who is told when it has no place
        host.clusters.add(sandboxId);
        return host;
      }
      if (!growing) throw new SandboxError("host-full", `${this.#hosts.length} hosts`);
      await growing;
    }
  }

  /** Opens one more host; several that want it at once wait for one. */
  #grow(): Promise<void> {
    const open = async (): Promise<void> => {
      const taken = new Set(this.#hosts.map(({ index }) => index));
      let index = 0;
      while (taken.has(index)) index++;
      const host = await this.#open(index);
      this.#hosts = [...this.#hosts, host];
      this.#followers.push(this.#supervise(host));
    };
    this.#growing ??= open().finally(() => (this.#growing = undefined));
    return this.#growing;
  }

  /** @throws SandboxError `cluster-not-found` */
  #hostOf(sandboxId: string): Host {
    const host = this.#hosts.find(({ clusters }) => clusters.has(sandboxId));
    if (!host) throw new SandboxError("cluster-not-found", sandboxId);
    return host;
  }

  #socketPathOf(index: number): string {
    return `${this.#options.stateDir}/${hostNameOf(this.driver)}-${index}.sock`;
  }

  async #open(index: number): Promise<Host> {
    const { instance, stateDir, script, env, speaks } = this.#options;
    const name = `${hostNameOf(this.driver)}-${index}`;
    const process = await adoptOrSpawn({
      instance,
      process: "cluster-host",
      socketPath: this.#socketPathOf(index),
      speaks,
      // One that is being made there is not in its list yet.
      isIdle: async (client) =>
        (await clustersOf(client)).clusters.length === 0 &&
        !this.#hosts.find((host) => host.index === index)?.clusters.size,
      script,
      env: {
        ...env,
        SLIPWAY_INSTANCE: instance,
        SLIPWAY_STATE_DIR: stateDir,
        SLIPWAY_DRIVER: this.driver,
        SLIPWAY_HOST_INDEX: String(index),
      },
      logFile: `${stateDir}/logs/${name}.log`,
      readyWithinMs: READY_WITHIN_MS,
    });
    const { clusters, capacity } = await clustersOf(process.client);
    const { pid, protocol, found } = process;
    this.#options.onHostEvent({ event: "host ready", index, pid, protocol, found });
    const ids = new Set(clusters.map(({ sandboxId }) => sandboxId));
    return { index, process, downSince: undefined, clusters: ids, capacity };
  }

  /** Passes a host's events on for as long as this driver lives; a host that ends is replaced by an empty one. */
  async #supervise(host: Host): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        for await (const event of host.process.client.lines("/v1/events", clusterEventSchema, signal))
          this.#emit(event);
      } catch {
        // Whatever broke the stream, what counts is whether the host is still there: asked next.
      }
      await this.#revive(host);
    }
  }

  async #revive(host: Host): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const before = [...host.clusters];
    try {
      const { process, clusters } = await this.#open(host.index);
      host.process = process;
      host.downSince = undefined;
      const lost = before.filter((sandboxId) => !clusters.has(sandboxId));
      if (process.found === "started") {
        this.#options.onHostEvent({ event: "host lost", index: host.index, clusters: lost.length });
        for (const sandboxId of lost) this.#lose(host, sandboxId);
      } else await this.#pause(REJOIN_AFTER_MS);
    } catch (error) {
      this.#options.onHostEvent({ event: "host does not start", index: host.index, error });
      host.downSince ??= Date.now();
      if (Date.now() - host.downSince > this.#patience.downMs) for (const id of before) this.#lose(host, id);
      await this.#pause(RESTART_AFTER_MS);
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => {}); // stopping cuts it short
  }

  #lose(host: Host, sandboxId: string): void {
    if (host.clusters.delete(sandboxId)) this.#emit({ type: "lost", sandboxId });
  }

  #emit(event: ClusterDriverEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** What a host's socket and log are called. */
export function hostNameOf(driver: Driver): string {
  return driver === "simulated" ? "cluster-host" : `${driver}-host`;
}

/** A host answers this when it has brought back what it finds on its disk. */
function clustersOf(client: JsonClient): Promise<{ clusters: ClusterMade[]; capacity: number }> {
  return client.call("GET", "/v1/clusters", { schema: clusterListSchema, timeoutMs: READY_WITHIN_MS });
}
