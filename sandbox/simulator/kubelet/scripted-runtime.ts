/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, what stands in for it is not */
import { fileAt } from "./atomic-files";
import type { ExecSession } from "../api/node-api";
import type { Clock } from "../clock";
import type { Network, NetworkHost } from "../network/network";
import {
  ImagePullError,
  StartContainerError,
  type ContainerConfig,
  type ContainerRuntime,
  type ContainerStatus,
  type ContainerUsage,
  type ImageStatus,
  type LogLine,
  type PodSandboxConfig,
  type PodSandboxStatus,
  type RegistryCredentials,
} from "./container-runtime";

/** How a command behaves once started; without a script it runs until it is stopped. */
export interface Script {
  readonly exitAfterMs?: number;
  readonly exitCode?: number;
  readonly ignoresTerm?: boolean;
  readonly output?: string;
}

interface Entry {
  readonly config: ContainerConfig;
  readonly sandboxId: string;
  status: ContainerStatus;
  lines: LogLine[];
  ended: (() => void)[];
}

/** For the kubelet's own tests: containers whose lives the test writes, on a real virtual network. */
export class ScriptedRuntime implements ContainerRuntime {
  readonly version = "containerd://2.4.2";
  readonly pulls = new Map<string, number>();
  /** Of the last pull. */
  credentials: readonly RegistryCredentials[] = [];
  readonly #options: { clock: Clock; network: Network; podCIDR: string };
  readonly #scripts = new Map<string, Script>();
  readonly #sandboxes = new Map<string, NetworkHost>();
  readonly #containers = new Map<string, Entry>();
  readonly #listeners = new Set<(id: string) => void>();
  readonly #images = new Map(PRESENT.map((reference) => [reference, statusOf(reference)]));
  #ids = 0;

  constructor(options: { clock: Clock; network: Network; podCIDR: string }) {
    this.#options = options;
  }

  script(command: string, script: Script): void {
    this.#scripts.set(command, script);
  }

  environment(container: string): Map<string, string> {
    const { env = [] } = this.#newest(container)?.config ?? {};
    return new Map(env.map(({ name, value }) => [name, value]));
  }

  file(container: string, mountPath: string, path: string): string | undefined {
    const mount = this.#newest(container)?.config.mounts.find(({ containerPath }) => containerPath === mountPath);
    const file = mount && fileAt(mount.volume, inside(mount.subPath, path));
    return file && new TextDecoder().decode(file.content);
  }

  write(container: string, mountPath: string, path: string, text: string): void {
    const mount = this.#newest(container)?.config.mounts.find(({ containerPath }) => containerPath === mountPath);
    mount?.volume.files.set(inside(mount.subPath, path), { content: new TextEncoder().encode(text), mode: 0o644 });
    mount?.volume.grown?.();
  }

  async pullImage(
    reference: string,
    _signal?: AbortSignal,
    credentials: readonly RegistryCredentials[] = [],
  ): Promise<ImageStatus> {
    this.credentials = credentials;
    this.pulls.set(reference, (this.pulls.get(reference) ?? 0) + 1);
    if (!PRESENT.includes(reference) && !PULLABLE.includes(reference)) throw new ImagePullError("rpc error: not found");
    this.#images.set(reference, statusOf(reference));
    return statusOf(reference);
  }

  imageStatus(reference: string): ImageStatus | undefined {
    return this.#images.get(reference);
  }

  async runPodSandbox(config: PodSandboxConfig): Promise<PodSandboxStatus> {
    const { network, podCIDR } = this.#options;
    const host = network.attach(network.allocatePodIP(podCIDR, config.address), {
      kind: "pod",
      name: `${config.namespace}/${config.name}`,
    });
    const id = this.#newId();
    this.#sandboxes.set(id, host);
    return { id, ip: host.address };
  }

  async stopPodSandbox(sandboxId: string): Promise<void> {
    for (const [id, entry] of this.#containers) if (entry.sandboxId === sandboxId) this.#exit(id, 137);
    this.#sandboxes.get(sandboxId)?.leave();
  }

  async removePodSandbox(sandboxId: string): Promise<void> {
    for (const [id, entry] of this.#containers) if (entry.sandboxId === sandboxId) this.#containers.delete(id);
    this.#sandboxes.delete(sandboxId);
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const id = this.#newId();
    const imageId = this.imageStatus(config.image)?.imageId ?? "";
    const status = { state: "created" as const, id, imageId, createdAt: this.#options.clock.now() };
    this.#containers.set(id, { config, sandboxId, status, lines: [], ended: [] });
    return id;
  }

  async startContainer(containerId: string): Promise<void> {
    const entry = this.#containers.get(containerId);
    if (!entry) throw new StartContainerError(128, "no such container");
    const now = this.#options.clock.now();
    const { id, imageId, createdAt } = entry.status;
    entry.status = { state: "running", id, imageId, createdAt, startedAt: now };
    const script = this.#scripts.get(entry.config.command[0] ?? "") ?? {};
    entry.lines = (script.output ?? "")
      .split("\n")
      .slice(0, -1)
      .map((text) => ({ time: now, stream: "stdout", text: new TextEncoder().encode(text), complete: true }));
    if (script.exitAfterMs !== undefined) {
      this.#options.clock.schedule(script.exitAfterMs, () => this.#exit(containerId, script.exitCode ?? 0));
    }
    this.#tell(containerId);
  }

  async stopContainer(containerId: string, gracePeriodMs: number): Promise<void> {
    const entry = this.#containers.get(containerId);
    if (entry?.status.state !== "running") return;
    const ended = new Promise<void>((resolve) => entry.ended.push(resolve));
    const script = this.#scripts.get(entry.config.command[0] ?? "") ?? {};
    if (!script.ignoresTerm) this.#exit(containerId, 0);
    else this.#options.clock.schedule(gracePeriodMs, () => this.#exit(containerId, 137));
    return ended;
  }

  async removeContainer(containerId: string): Promise<void> {
    this.#containers.delete(containerId);
  }

  containerStatus(containerId: string): ContainerStatus | undefined {
    return this.#containers.get(containerId)?.status;
  }

  async updateContainerResources(): Promise<void> {
    // Nothing here is limited.
  }

  containerStats(containerId: string): ContainerUsage | undefined {
    const isRunning = this.containerStatus(containerId)?.state === "running";
    return isRunning ? { cores: 0.001, memoryBytes: 1024 * 1024, storageBytes: 0 } : undefined;
  }

  exec(): Promise<ExecSession> {
    return Promise.reject(new StartContainerError(127, "no such program"));
  }

  attach(): Promise<ExecSession> {
    return Promise.reject(new StartContainerError(127, "nothing to attach to"));
  }

  async *logs(containerId: string, follow: boolean): AsyncGenerator<LogLine> {
    const entry = this.#containers.get(containerId);
    yield* entry?.lines ?? [];
    if (follow && entry?.status.state === "running") await new Promise<void>((resolve) => entry.ended.push(resolve));
  }

  connect(sandboxId: string, port: number) {
    const host = this.#sandboxes.get(sandboxId);
    return host
      ? host.connect({ address: "127.0.0.1", port })
      : Promise.reject(new StartContainerError(1, "no sandbox"));
  }

  onContainerChange(listener: (containerId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #exit(containerId: string, exitCode: number): void {
    const entry = this.#containers.get(containerId);
    if (entry?.status.state !== "running") return;
    const reason = exitCode === 0 ? "Completed" : "Error";
    entry.status = { ...entry.status, state: "exited", finishedAt: this.#options.clock.now(), exitCode, reason };
    for (const resolve of entry.ended) resolve();
    this.#tell(containerId);
  }

  #tell(containerId: string): void {
    for (const listener of this.#listeners) listener(containerId);
  }

  #newest(container: string): Entry | undefined {
    return [...this.#containers.values()].findLast(({ config }) => config.name === container);
  }

  #newId(): string {
    return (++this.#ids).toString(16).padStart(64, "0");
  }
}

function inside(subPath: string | undefined, path: string): string {
  return [subPath, path].filter(Boolean).join("/");
}

const PRESENT = ["nginx:1.27", "nginx:1.26", "busybox:1.36"];
const PULLABLE = ["nginx:1.25"];

function statusOf(reference: string): ImageStatus {
  const [name = ""] = reference.split(":");
  return {
    reference: `docker.io/library/${reference}`,
    imageId: `docker.io/library/${name}@sha256:1`,
    sizeBytes: 100,
    user: "0",
  };
}
