import type { Duplex } from "node:stream";
import type {
  ClusterCreate,
  ClusterEvent,
  ClusterMade,
  ClusterSave,
  ServiceList,
  ServicePort,
} from "../protocol/cluster-host-api";
import type { ClusterStep } from "../protocol/codes";
import type { Driver } from "../protocol/sandbox-view";

/**
 * Makes clusters for sandboxes, one each, named by the sandbox's id. Clusters outlive the process that asked for them:
 * a later one with the same instance finds them with `list` and hears of them through `onEvent`.
 */
export interface ClusterDriver {
  readonly driver: Driver;

  /** Takes over what an earlier process left, and starts what is missing. Call once, before anything else. */
  start(): Promise<void>;

  /**
   * Resolves when the API answers on `spec.socketPath`, nodes are ready and the start objects are in. `onAccess` is
   * called before, as soon as it is known how to get there; requests wait until there is somebody to answer them.
   * @throws SandboxError `already-exists`, `host-full`, `start-objects-refused`, `lesson-needs-more`, `restore-failed`,
   * `start-failed`, `driver-unavailable`, `peer-unreachable`
   */
  create(spec: ClusterCreate, options?: CreateOptions): Promise<ClusterMade>;

  list(): Promise<ClusterMade[]>;

  /**
   * What brings the cluster back, given to `create` as `restore`: with `since`, the revision of the last save, only what
   * changed after it where the driver still knows; `undefined` when nothing did. Saves are taken one after the other.
   * @throws SandboxError `cluster-not-found`, `peer-unreachable`
   */
  save(sandboxId: string, since?: string): Promise<ClusterSave | undefined>;

  /** The TCP ports of its Services. @throws SandboxError `cluster-not-found`, `peer-unreachable` */
  services(sandboxId: string): Promise<ServiceList>;

  /** The same, and again whenever it is another, until `signal` aborts or its host is gone. Throws as `services`. */
  servicesAsTheyChange(sandboxId: string, signal: AbortSignal): AsyncIterable<ServiceList>;

  /**
   * Bytes to and from a Service's port, as the API server's proxy reaches it (real clusters: as a port-forward does). Ending one direction leaves the other open.
   * @throws SandboxError `cluster-not-found`, `service-not-found`, `no-endpoints`, `connection-refused`,
   * `connection-timeout`, `peer-unreachable`
   */
  dial(sandboxId: string, target: ServicePort, signal?: AbortSignal): Promise<Duplex>;

  /** Resolves when its sockets are gone. No effect when there is none. */
  remove(sandboxId: string): Promise<void>;

  /** Verdicts as they stand come again whenever the source of events had to be joined anew. */
  onEvent(listener: (event: ClusterDriverEvent) => void): () => void;

  /**
   * `keep` leaves all clusters to the next process; `end` ends them and everything that held them; `abandon` ends only
   * what this driver has started itself, as after a start that failed.
   */
  stop(clusters: "keep" | "end" | "abandon"): Promise<void>;
}

export interface CreateOptions {
  readonly signal?: AbortSignal;
  readonly onAccess?: (made: ClusterMade) => void;
  /** What is being done; drivers that take no time say nothing. */
  readonly onStep?: (step: ClusterStep) => void;
}

export type ClusterDriverEvent =
  | ClusterEvent
  /** The cluster is gone without having been removed. */
  | { type: "lost"; sandboxId: string };
