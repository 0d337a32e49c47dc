import type { Clock } from "../clock";
import type { ExecOptions, ExecSession } from "../api/node-api";
import {
  type ContainerConfig,
  type ContainerLimits,
  type ContainerRuntime,
  type ContainerStatus,
  type ContainerUsage,
  CreateContainerError,
  ImagePullError,
  type ImageStatus,
  type LogLine,
  type PodSandboxConfig,
  type PodSandboxStatus,
  type RegistryCredentials,
  StartContainerError,
} from "../kubelet/container-runtime";
import type { Network, NetworkHost } from "../network/network";
import type { PipeReader, PipeWriter } from "../pipe";
import type { Random } from "../random";
import { Container } from "./container";
import { containerFileSystem } from "./container-files";
import type { Image, ImageCatalogue } from "./images/image";
import { ImageRegistry } from "./images/registry";
import { parseReference } from "./images/reference";
import { Quota } from "./filesystem/quota";
import { Core } from "./processes/core";
import type { SystemServices } from "./processes/machine";
import { ProcessTable } from "./processes/process-table";
import { ResourceMeter } from "./processes/resource-meter";
import { programs } from "./programs";

export interface RuntimeOptions {
  readonly nodeName: string;
  /** Where pods get their addresses: `10.244.1.0/24`. */
  readonly podCIDR: string;
  readonly network: Network;
  /** The node's own place in the network, for pods with `hostNetwork`. */
  readonly nodeHost: NetworkHost;
  readonly clock: Clock;
  readonly random: Random;
  readonly images: ImageCatalogue;
  /** How registries fare; by default they always answer. */
  readonly registry?: ImageRegistry;
  /** What the node holds from the start. */
  readonly preloaded: readonly Image[];
  /** What the wiring lends to programs of the system. */
  readonly system?: SystemServices;
  /** What its programs run on; one of its own by default. */
  readonly core?: Core;
}

/** A runtime whose containers can be made to suffer. */
export interface FaultyRuntime extends ContainerRuntime {
  /** SIGKILL to the container's first process, as from its node. */
  killContainer(containerId: string): void;
  /** The container holds so much memory more until the returned function is called. */
  hogMemory(containerId: string, bytes: number): () => void;
  /** What is on the node, as `crictl pods` tells it. */
  sandboxes(): SandboxOnNode[];
}

/** A pod's place on a node, until it is removed. */
export interface SandboxOnNode {
  readonly node: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `undefined` once it is stopped, and for pods in the node's own network. */
  readonly address: string | undefined;
  readonly stopped: boolean;
}

/** A container runtime for one node. */
export function createRuntime(options: RuntimeOptions): FaultyRuntime {
  return new Runtime(options);
}

interface Sandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly host: NetworkHost;
  readonly containers: Set<string>;
  stopped: boolean;
}

class Runtime implements FaultyRuntime {
  readonly version = "containerd://2.4.2";
  readonly #options: RuntimeOptions;
  readonly #images = new Map<string, Image>();
  readonly #pulls = new Map<string, Promise<ImageStatus>>();
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #containers = new Map<string, { container: Container; sandbox: Sandbox }>();
  readonly #listeners = new Set<(containerId: string) => void>();
  readonly #bootedAt: number;
  readonly #core: Core;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#core = options.core ?? new Core();
    this.#bootedAt = options.clock.now();
    for (const image of options.preloaded) this.#images.set(image.reference, image);
  }

  pullImage(
    reference: string,
    signal?: AbortSignal,
    credentials: readonly RegistryCredentials[] = [],
  ): Promise<ImageStatus> {
    // Several pods may wait for one pull; each may give up for itself, and none gets what another has the key to.
    const key = JSON.stringify([reference, credentials]);
    const running = this.#pulls.get(key);
    if (running) return untilAborted(running, signal);
    const pull = this.#pull(reference, credentials).finally(() => this.#pulls.delete(key));
    this.#pulls.set(key, pull);
    return untilAborted(pull, signal);
  }

  imageStatus(reference: string): ImageStatus | undefined {
    const parsed = parseReference(reference);
    const image = parsed && this.#images.get(parsed.whole);
    return image && statusOf(image);
  }

  runPodSandbox(config: PodSandboxConfig): Promise<PodSandboxStatus> {
    const { network, podCIDR, nodeName, nodeHost } = this.#options;
    const host = config.hostNetwork
      ? nodeHost
      : network.attach(network.allocatePodIP(podCIDR, config.address), {
          kind: "pod",
          name: `${config.namespace}/${config.name}`,
          node: nodeName,
          labels: config.labels,
        });
    const sandbox: Sandbox = { id: this.#newId(), config, host, containers: new Set(), stopped: false };
    this.#sandboxes.set(sandbox.id, sandbox);
    return Promise.resolve({ id: sandbox.id, ip: host.address });
  }

  async stopPodSandbox(sandboxId: string): Promise<void> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox || sandbox.stopped) return;
    sandbox.stopped = true;
    for (const id of sandbox.containers) {
      const container = this.#containers.get(id)?.container;
      container?.kill();
      await container?.ended;
    }
    if (!sandbox.config.hostNetwork) sandbox.host.leave();
  }

  async removePodSandbox(sandboxId: string): Promise<void> {
    await this.stopPodSandbox(sandboxId);
    const sandbox = this.#sandboxes.get(sandboxId);
    for (const id of sandbox?.containers ?? []) this.#containers.delete(id);
    this.#sandboxes.delete(sandboxId);
  }

  createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox || sandbox.stopped)
      return Promise.reject(
        new CreateContainerError("CreateContainerError", `failed to find sandbox id "${sandboxId}": not found`),
      );
    const reference = parseReference(config.image);
    const image = reference && this.#images.get(reference.whole);
    if (!image)
      return Promise.reject(
        new CreateContainerError("CreateContainerError", `failed to resolve image "${config.image}": not found`),
      );
    const id = this.#newId();
    const { clock, random, system } = this.#options;
    const processes = new ProcessTable();
    const hostname = sandbox.config.hostNetwork ? this.#options.nodeName : sandbox.config.hostname;
    try {
      const meter = new ResourceMeter({
        clock,
        limitBytes: config.memoryLimitBytes,
        limitCores: config.cpuLimitCores,
        outOfMemory: () => this.#containers.get(id)?.container.runOutOfMemory(),
      });
      const quota = new Quota(undefined, config.storageGrown);
      const machine = {
        clock,
        meter,
        core: this.#core,
        random,
        hostname,
        network: sandbox.host,
        processes,
        programs,
        bootedAt: this.#bootedAt,
        ...(system && { system }),
        fileSystem: containerFileSystem({
          image,
          config,
          quota,
          sandbox: sandbox.config,
          hostname,
          ip: sandbox.host.address,
          clock,
          random,
          processes,
          bootedAt: this.#bootedAt,
        }),
      };
      const container = new Container({ id, config, image, machine, quota, random, changed: () => this.#notify(id) });
      this.#containers.set(id, { container, sandbox });
      sandbox.containers.add(id);
      return Promise.resolve(id);
    } catch (error) {
      if (error instanceof CreateContainerError) return Promise.reject(error);
      return Promise.reject(
        new CreateContainerError(
          "CreateContainerError",
          `failed to create containerd container: ${error instanceof Error ? error.message : String(error)}`,
        ),
      );
    }
  }

  async startContainer(containerId: string): Promise<void> {
    await Promise.resolve();
    this.#container(containerId).start();
  }

  async stopContainer(containerId: string, gracePeriodMs: number): Promise<void> {
    await this.#containers.get(containerId)?.container.stop(gracePeriodMs);
  }

  async removeContainer(containerId: string): Promise<void> {
    const entry = this.#containers.get(containerId);
    if (!entry) return;
    entry.container.kill();
    await entry.container.ended;
    entry.sandbox.containers.delete(containerId);
    this.#containers.delete(containerId);
  }

  containerStatus(containerId: string): ContainerStatus | undefined {
    return this.#containers.get(containerId)?.container.status;
  }

  async updateContainerResources(containerId: string, limits: ContainerLimits): Promise<void> {
    await Promise.resolve();
    this.#containers.get(containerId)?.container.limit(limits);
  }

  containerStats(containerId: string): ContainerUsage | undefined {
    return this.#containers.get(containerId)?.container.usage;
  }

  async exec(containerId: string, options: ExecOptions): Promise<ExecSession> {
    await Promise.resolve();
    return this.#container(containerId).exec(options);
  }

  async attach(containerId: string, options: Omit<ExecOptions, "command">): Promise<ExecSession> {
    await Promise.resolve();
    return this.#container(containerId).attach(options);
  }

  logs(containerId: string, follow: boolean): AsyncIterable<LogLine> {
    return this.#container(containerId).logs(follow);
  }

  async connect(sandboxId: string, port: number): Promise<{ reader: PipeReader; writer: PipeWriter }> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox) throw new StartContainerError(1, `failed to find sandbox id "${sandboxId}": not found`);
    return sandbox.host.connect({ address: "127.0.0.1", port });
  }

  onContainerChange(listener: (containerId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  killContainer(containerId: string): void {
    this.#containers.get(containerId)?.container.kill();
  }

  hogMemory(containerId: string, bytes: number): () => void {
    return this.#containers.get(containerId)?.container.hogMemory(bytes) ?? (() => {});
  }

  async #pull(text: string, credentials: readonly RegistryCredentials[]): Promise<ImageStatus> {
    const { clock, random, images, registry = OPEN } = this.#options;
    const reference = parseReference(text);
    if (!reference)
      throw new ImagePullError(
        `rpc error: code = InvalidArgument desc = failed to parse image reference "${text}": invalid reference format`,
      );
    const image = images.find(reference.whole);
    const present = image && this.#images.has(image.reference);
    const answer = registry.answerMs * (1 + random.next() / 2);
    const download = present || !image ? 0 : 350 + random.below(350);
    await new Promise<void>((resolve) => void clock.schedule(registry.delayMs + answer + download, resolve));
    const failed = registry.failureOf(reference.whole, credentials);
    if (failed !== undefined) throw new ImagePullError(failed);
    if (!image) {
      throw new ImagePullError(
        `rpc error: code = NotFound desc = failed to pull and unpack image "${reference.whole}": failed to resolve image: ${reference.whole}: not found`,
      );
    }
    this.#images.set(image.reference, image);
    return statusOf(image);
  }

  sandboxes(): SandboxOnNode[] {
    return [...this.#sandboxes.values()].map(({ config, host, stopped }) => ({
      node: this.#options.nodeName,
      namespace: config.namespace,
      name: config.name,
      uid: config.uid,
      address: stopped || config.hostNetwork ? undefined : host.address,
      stopped,
    }));
  }

  #container(id: string): Container {
    const entry = this.#containers.get(id);
    if (!entry) throw new StartContainerError(1, `an error occurred when try to find container "${id}": not found`);
    return entry.container;
  }

  #newId(): string {
    return this.#options.random.hex(64);
  }

  #notify(containerId: string): void {
    for (const listener of this.#listeners) listener(containerId);
  }
}

const OPEN = new ImageRegistry();

function untilAborted(pull: Promise<ImageStatus>, signal: AbortSignal | undefined): Promise<ImageStatus> {
  if (!signal) return pull;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new ImagePullError("rpc error: code = Canceled desc = context canceled"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    pull.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function statusOf(image: Image): ImageStatus {
  return {
    reference: image.reference,
    imageId: `${image.reference.replace(/:[^:/]+$/, "")}@${image.digest}`,
    sizeBytes: image.sizeBytes,
    user: image.user,
  };
}
