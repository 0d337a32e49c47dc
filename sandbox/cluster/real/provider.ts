import type { ClusterStep } from "../../protocol/codes";
import type { ClusterCreate } from "../../protocol/cluster-host-api";
import type { RelayTarget } from "./relay";
import type { Upstream } from "./upstream";

/** What makes and ends real clusters, or rooms in one. A cluster is known by the sandbox it was made for. */
export interface Provider {
  /** Why it could give the lesson what it asks for in no case; undefined when it can. */
  lacks(spec: Pick<ClusterCreate, "addons" | "faults" | "startObjects">): string | undefined;

  /** The namespace that is the learner's; undefined for a whole cluster. `wanted` is the one they had. */
  namespaceFor(sandboxId: string, wanted?: string): Promise<string | undefined>;

  /**
   * Makes it; when it resolves, what every lesson needs is ready.
   * @throws SandboxError `driver-unavailable`, `start-failed`; what was made until then is left to `remove`
   */
  make(sandboxId: string, namespace: string | undefined, options: MakeOptions): Promise<RealCluster>;

  /** The way to one that was made earlier. @throws SandboxError `cluster-not-found` */
  find(sandboxId: string, namespace: string | undefined): Promise<RealCluster>;

  /** Resolves when nothing is left of it; no effect when there is nothing. @throws SandboxError `driver-unavailable` */
  remove(sandboxId: string): Promise<void>;

  /** Of this instance, finished or not, by what is written on the things themselves. */
  list(): Promise<string[]>;

  /** Everything of an earlier process is sorted out: what is kept in reserve may be made. */
  open?(): Promise<void>;

  /** Ends what is kept in reserve. */
  close?(): Promise<void>;
}

export interface MakeOptions {
  readonly signal: AbortSignal;
  readonly onStep: (step: ClusterStep) => void;
}

export interface RealCluster extends RelayTarget {
  /** Who looks, judges and saves. */
  readonly keeper: Upstream;
}
