import type { ObjectSource } from "../../checks/object-source";
import type { ClusterCreate, ClusterSave, ServicePort } from "../../protocol/cluster-host-api";
import type { ClusterStep } from "../../protocol/codes";
import type { PipeReader, PipeWriter } from "../../simulator/pipe";
import type { OpenService } from "./service-ports";

/** One cluster in this process, served on its sockets. */
export interface RunningCluster {
  readonly kubeconfig: string;
  /**
   * Its objects, once its nodes are ready and the start objects are in. Rejects with SandboxError
   * `start-objects-refused`, `start-failed`; may stay open when the cluster is stopped before.
   */
  readonly ready: Promise<ObjectSource>;
  /** What changed since that save; undefined when nothing did. */
  save(since: string | undefined): Promise<ClusterSave | undefined>;
  /** By namespace and name. */
  services(): Promise<readonly OpenService[]>;
  /** @throws SandboxError `service-not-found`, `no-endpoints`, `connection-refused`, `connection-timeout` */
  dial(target: ServicePort, signal: AbortSignal): Promise<Outlet>;
  /** Ends it; resolves when its sockets are gone. Twice is harmless. */
  stop(): Promise<void>;
}

/** A connection to somebody in a cluster, seen from outside. */
export interface Outlet {
  readonly reader: Pick<PipeReader, "read">;
  readonly writer: Pick<PipeWriter, "write" | "end">;
  reset(): void;
}

/**
 * Starts a cluster; resolves as soon as its sockets are there, where requests wait until there is somebody to answer
 * them.
 */
export type StartCluster = (spec: ClusterCreate, tell: ClusterListener) => Promise<RunningCluster>;

export interface ClusterListener {
  /** For each request from outside that is not a mere read. */
  readonly onWrite: () => void;
  /** What is being done, where starting takes so long that one wants to know. */
  readonly onStep: (step: ClusterStep) => void;
}
