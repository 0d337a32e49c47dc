import type { Pod, TopologySpreadConstraint } from "../../api/generated/kubernetes";
import { matchesLabels, selectorFromMap } from "../../api/labels";
import type { Stored } from "../../api/object";
import { controllerOf } from "../../api/owner-references";
import { domainOf } from "../affinity-term";
import type { NodeState } from "../filters/filter";
import { countPods } from "../filters/pod-topology-spread";
import type { Choice, Surroundings } from "./scores";

const HOSTNAME = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

/**
 * Evenly over the domains of the constraints that only ask for it. A pod without constraints has those of the cluster:
 * apart from the pods of its workload and its Services, by node and a little by zone.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#internal-default-constraints
 */
export function topologySpread(choice: Choice): number[] | undefined {
  const { candidate, fitting } = choice;
  const own = candidate.pod.spec?.topologySpreadConstraints ?? [];
  const constraints = own.length > 0 ? ownConstraints(own, choice) : defaultConstraints(choice);
  if (constraints.length === 0) return undefined;
  // Nodes without a label that a pod names are not counted; the cluster's own constraints do without.
  const isCounted = ({ node }: NodeState) =>
    own.length === 0 || constraints.every(({ key }) => domainOf(node, key) !== undefined);
  const counted = fitting.filter(isCounted);
  const weighted = constraints.map((each) => ({ ...each, weight: Math.log(domainsOf(each.key, counted) + 2) }));
  const raw = fitting.map((state) => {
    if (!isCounted(state)) return undefined;
    let sum = 0;
    for (const { key, maxSkew, weight, count } of weighted) {
      if (domainOf(state.node, key) !== undefined) sum += count(state) * weight + (maxSkew - 1);
    }
    return Math.round(sum);
  });
  const known = raw.filter((value) => value !== undefined);
  const [least, most] = [Math.min(...known), Math.max(0, ...known)];
  return raw.map((value) => {
    if (value === undefined) return 0;
    return most === 0 ? 100 : Math.floor((100 * (most + least - value)) / most);
  });
}

interface Constraint {
  readonly key: string;
  readonly maxSkew: number;
  /** Pods in the domain of a node. */
  readonly count: (state: NodeState) => number;
}

function ownConstraints(
  constraints: readonly TopologySpreadConstraint[],
  { candidate: { pod }, nodes }: Choice,
): Constraint[] {
  const soft = constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === "ScheduleAnyway");
  const keys = soft.map(({ topologyKey }) => topologyKey);
  return soft.map((constraint) => {
    const counts = countPods(constraint, pod, nodes, keys);
    const count = ({ node }: NodeState) => counts.get(domainOf(node, constraint.topologyKey) ?? "") ?? 0;
    return { key: constraint.topologyKey, maxSkew: constraint.maxSkew, count };
  });
}

function defaultConstraints({ candidate: { pod }, nodes, surroundings }: Choice): Constraint[] {
  const onNode = siblings(pod, surroundings);
  if (!onNode) return [];
  const inZone = (state: NodeState) => {
    const zone = domainOf(state.node, ZONE);
    const near = nodes.filter(({ node }) => domainOf(node, ZONE) === zone);
    return near.reduce((sum, each) => sum + onNode(each), 0);
  };
  return [
    { key: HOSTNAME, maxSkew: 3, count: onNode },
    { key: ZONE, maxSkew: 5, count: inZone },
  ];
}

/** Counts a node's pods that a pod is to keep apart from; `undefined` when it belongs to nothing. */
function siblings(pod: Stored<Pod>, { services }: Surroundings): ((state: NodeState) => number) | undefined {
  const owner = controllerOf(pod);
  if (owner && SPREADING.has(owner.kind)) return (state) => state.podsOf(owner.uid);
  const matching = services(pod.metadata.namespace ?? "").flatMap(({ spec }) => {
    const selector = selectorFromMap(spec?.selector);
    return selector && matchesLabels(selector, pod.metadata.labels) ? [selector] : [];
  });
  if (matching.length === 0) return undefined;
  return ({ pods }) =>
    pods.filter(
      ({ metadata }) =>
        metadata.namespace === pod.metadata.namespace &&
        !metadata.deletionTimestamp &&
        matching.every((selector) => matchesLabels(selector, metadata.labels)),
    ).length;
}

const SPREADING = new Set(["ReplicaSet", "StatefulSet", "ReplicationController"]);

function domainsOf(key: string, nodes: readonly NodeState[]): number {
  if (key === HOSTNAME) return nodes.length;
  return new Set(nodes.map(({ node }) => node.metadata.labels?.[key] ?? "")).size;
}
