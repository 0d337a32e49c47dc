import type { ObjectSource } from "../../checks/object-source";
import type { ClusterCreate } from "../../protocol/cluster-host-api";

/** One cluster in this process, served on its sockets. */
export interface RunningCluster {
  readonly kubeconfig: string;
  readonly objects: ObjectSource;
  /** Ends it; resolves when its sockets are gone. */
  stop(): Promise<void>;
}

/**
 * Starts a cluster and puts the start objects into it. `onWrite` is called for each request from outside that is not a
 * mere read.
 * @throws SandboxError `start-objects-refused`, `start-failed`
 */
export type StartCluster = (spec: ClusterCreate, onWrite: () => void) => Promise<RunningCluster>;
