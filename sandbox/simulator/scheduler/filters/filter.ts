import type { Node, Pod } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import type { ResourceList } from "../resource-requests";

/** A node as the scheduler sees it: with the pods that are on it or were just sent there. */
export interface NodeState {
  readonly node: Stored<Node>;
  readonly pods: readonly Stored<Pod>[];
  readonly requested: ResourceList;
  /** The same where each container that asks for nothing counts as asking a little. */
  readonly requestedOrLeast: ResourceList;
  readonly allocatable: ResourceList;
  /** Those of the pods that wish to be near to others or away from them, or need to be near. */
  readonly withAffinity: Iterable<Stored<Pod>>;
  /** Those of the pods that must not be near others. */
  readonly keepingApart: Iterable<Stored<Pod>>;
  /** How many of the pods the controller with this UID has there, but for those on their way out. */
  podsOf(owner: string): number;
}

/** The pod to place, with what is worked out once per attempt. */
export interface Candidate {
  readonly pod: Stored<Pod>;
  readonly requests: ResourceList;
}

/** Why a node will not do. `resolvable`: the node would do if other pods left it. */
export interface Refusal {
  readonly reasons: readonly string[];
  readonly resolvable: boolean;
}

/** The plugins that can refuse a node. */
export type Plugin =
  | "InterPodAffinity"
  | "NodeAffinity"
  | "NodeName"
  | "NodePorts"
  | "NodeResourcesFit"
  | "NodeUnschedulable"
  | "PodTopologySpread"
  | "TaintToleration"
  | "VolumeBinding";

/** A filter with the plugin it belongs to. */
export type NamedFilter = readonly [Plugin, Filter];

/** A filter plugin: `undefined` when the node will do. Reasons are the scheduler's exact texts. */
export type Filter = (candidate: Candidate, state: NodeState) => Refusal | undefined;
