import type { PipeReader, PipeWriter } from "../pipe";
import type { ExecOptions, ExecSession } from "../api/node-api";

/**
 * The one way a kubelet reaches containers: the verbs of CRI (https://kubernetes.io/docs/concepts/containers/cri/),
 * in our types. One instance per node. Ids are opaque hex strings of 64 characters.
 */
export interface ContainerRuntime {
  /** Name and version as `kubectl get nodes -o wide` shows them: `containerd://2.1.3`. */
  readonly version: string;

  /** Resolves with the image once it is on the node. Rejects with `ImagePullError`. */
  pullImage(
    reference: string,
    signal?: AbortSignal,
    credentials?: readonly RegistryCredentials[],
  ): Promise<ImageStatus>;
  /** `undefined` when the image is not on the node. */
  imageStatus(reference: string): ImageStatus | undefined;

  /** Makes the pod's network namespace and gives it an address (or the node's with `hostNetwork`). */
  runPodSandbox(config: PodSandboxConfig): Promise<PodSandboxStatus>;
  /** Kills what still runs in it and takes the address back. Idempotent. */
  stopPodSandbox(sandboxId: string): Promise<void>;
  /** Forgets the sandbox, its containers, their file systems and logs. Idempotent. */
  removePodSandbox(sandboxId: string): Promise<void>;

  /** Rejects with `CreateContainerError` (reason as the kubelet shows it). */
  createContainer(sandboxId: string, config: ContainerConfig): Promise<string>;
  /** Rejects with `StartContainerError`, e.g. an executable that is not in the image. */
  startContainer(containerId: string): Promise<void>;
  /** SIGTERM, then SIGKILL after `gracePeriodMs`. Resolves when it has ended. Idempotent. */
  stopContainer(containerId: string, gracePeriodMs: number): Promise<void>;
  removeContainer(containerId: string): Promise<void>;
  containerStatus(containerId: string): ContainerStatus | undefined;
  /** Changes the limits of a container in place; one that holds more memory than the new limit is killed. */
  updateContainerResources(containerId: string, limits: ContainerLimits): Promise<void>;
  /** What it uses now; `undefined` unless it runs. */
  containerStats(containerId: string): ContainerUsage | undefined;

  /** Rejects with `StartContainerError` when the command is not found; the container must be running. */
  exec(containerId: string, options: ExecOptions): Promise<ExecSession>;
  attach(containerId: string, options: Omit<ExecOptions, "command">): Promise<ExecSession>;
  /** Log lines so far and, with `follow`, to come until the container ends. Lines carry their time. */
  logs(containerId: string, follow: boolean): AsyncIterable<LogLine>;
  /** A connection to `port` on the sandbox's loopback. Rejects with `ConnectionRefusedError` (network/network.ts). */
  connect(sandboxId: string, port: number): Promise<{ reader: PipeReader; writer: PipeWriter }>;

  /** Called on each change of a container's state. Returns the unsubscribe. */
  onContainerChange(listener: (containerId: string) => void): () => void;
}

export interface ImageStatus {
  /** As written by the runtime: `docker.io/library/nginx:1.27`. */
  readonly reference: string;
  /** `docker.io/library/nginx@sha256:…` */
  readonly imageId: string;
  readonly sizeBytes: number;
  /** Who its containers run as unless told otherwise, as the image says it: a number, a name, or "" for root. */
  readonly user: string;
}

/** Opens a private registry. */
export interface RegistryCredentials {
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

export interface PodSandboxConfig {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly attempt: number;
  readonly hostname: string;
  readonly hostNetwork: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Contents of /etc/resolv.conf. */
  readonly resolvConf: string;
  /** Further lines of /etc/hosts. */
  readonly hostAliases: readonly { ip: string; hostnames: readonly string[] }[];
  /** Of a pod that its node had before: it gets that address again where it is free. */
  readonly address?: string;
}

export interface PodSandboxStatus {
  readonly id: string;
  readonly ip: string;
}

/** `undefined`: as much as there is. */
export interface ContainerLimits {
  readonly memoryLimitBytes?: number;
  readonly cpuLimitCores?: number;
}

export interface ContainerConfig extends ContainerLimits {
  readonly name: string;
  readonly attempt: number;
  readonly image: string;
  /** Overrides the image's ENTRYPOINT when not empty; `args` overrides its CMD. Already expanded. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir?: string;
  readonly env: readonly { name: string; value: string }[];
  readonly mounts: readonly Mount[];
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly user?: number;
  readonly group?: number;
  /** Groups besides that. */
  readonly groups?: readonly number[];
  readonly readOnlyRootFilesystem?: boolean;
  /** Told whenever it has written something more to its own layer. */
  readonly storageGrown?: () => void;
  /** Named ports and declared ports are a hint only; anything may listen. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Mount {
  readonly containerPath: string;
  readonly readOnly: boolean;
  readonly volume: Volume;
  readonly subPath?: string;
}

/** A volume's files, shared by all containers that mount it; owned by the kubelet, updated in place. */
export interface Volume {
  readonly files: Map<string, VolumeFile>;
  readonly sizeLimitBytes?: number;
  /** Told whenever it has got larger. */
  readonly grown?: () => void;
  /** Whose files they are to be, besides root's: what is made in it belongs to that group. */
  readonly group?: number;
}

export interface VolumeFile {
  content: Uint8Array;
  mode: number;
  /** Root's when left out. */
  uid?: number;
  gid?: number;
}

export type ContainerStatus =
  | { state: "created"; id: string; imageId: string; createdAt: number }
  | { state: "running"; id: string; imageId: string; createdAt: number; startedAt: number }
  | {
      state: "exited";
      id: string;
      imageId: string;
      createdAt: number;
      startedAt: number;
      finishedAt: number;
      exitCode: number;
      /** `Completed`, `Error`, `OOMKilled`, `StartError`. */
      reason: string;
      message?: string;
    };

export interface ContainerUsage {
  /** What it wrote to its own layer, and its log. */
  readonly storageBytes: number;
  /** Cores, over the last moments. */
  readonly cores: number;
  readonly memoryBytes: number;
}

export interface LogLine {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly stream: "stdout" | "stderr";
  /** Without its line break. */
  readonly text: Uint8Array;
  /** False for the last piece of a line that has not ended. */
  readonly complete: boolean;
}

/** `message` is the text after `Failed to pull image "…": ` in the kubelet's event. */
export class ImagePullError extends Error {
  override readonly name = "ImagePullError";
}

export class CreateContainerError extends Error {
  override readonly name = "CreateContainerError";
  constructor(
    /** `CreateContainerError`, `CreateContainerConfigError`, … as the waiting reason. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export class StartContainerError extends Error {
  override readonly name = "StartContainerError";
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}
