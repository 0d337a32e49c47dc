import type { Random } from "../random";
import type { Candidate, NamedFilter, NodeState, Plugin, Refusal } from "./filters/filter";
import { nodeAffinity } from "./filters/node-affinity";
import { nodeName } from "./filters/node-name";
import { nodePorts } from "./filters/node-ports";
import { nodeResourcesFit } from "./filters/node-resources-fit";
import { nodeUnschedulable } from "./filters/node-unschedulable";
import { taintToleration } from "./filters/taint-toleration";
import { totalScores, type Surroundings } from "./scores/scores";

/** In the default profile's order: a node is refused by the first that refuses it. */
const FILTERS: readonly NamedFilter[] = [
  ["NodeUnschedulable", nodeUnschedulable],
  ["NodeName", nodeName],
  ["TaintToleration", taintToleration],
  ["NodeAffinity", nodeAffinity],
  ["NodePorts", nodePorts],
  ["NodeResourcesFit", nodeResourcesFit],
];

export type Placement =
  | { readonly kind: "node"; readonly name: string }
  | {
      readonly kind: "none";
      readonly message: string;
      /** Whose verdicts must change before another try is worth it. */
      readonly refusedBy: ReadonlySet<Plugin>;
      readonly failure?: Failure;
    };

/** What a pod that fits nowhere may still try. */
export interface Failure {
  /** Why each node refused, without a word on preemption. */
  readonly reasons: string;
  /** The nodes that would do if other pods left them. */
  readonly resolvable: readonly NodeState[];
}

/** Filters made for one pod from all nodes, asked after the others. */
export type MoreFilters = (nodes: readonly NodeState[]) => readonly NamedFilter[];

/** Finds the best node for a pod, or says why there is none. */
export function place(
  candidate: Candidate,
  nodes: readonly NodeState[],
  random: Random,
  more: MoreFilters = () => [],
  surroundings: Surroundings = NOTHING,
): Placement {
  if (nodes.length === 0) return NOWHERE;
  const filters = [...FILTERS, ...more(nodes)];
  const fitting: NodeState[] = [];
  const refusals: Refusal[] = [];
  const refusedBy = new Set<Plugin>();
  const resolvable: NodeState[] = [];
  for (const state of nodes) {
    const refusal = firstRefusal(candidate, state, filters);
    if (!refusal) {
      fitting.push(state);
      continue;
    }
    refusals.push(refusal);
    refusedBy.add(refusal.plugin);
    if (refusal.resolvable) resolvable.push(state);
  }
  if (fitting.length === 0) {
    const reasons = reasonsOf(refusals);
    const message = `${reasons} ${withoutVictims(refusals)}`;
    return { kind: "none", message, refusedBy, failure: { reasons, resolvable } };
  }
  const scores = totalScores({ candidate, fitting, nodes, surroundings });
  const best = Math.max(...scores);
  const winners = fitting.filter((_, index) => scores[index] === best);
  const winner = winners[random.below(winners.length)];
  return winner ? { kind: "node", name: winner.node.metadata.name } : NOWHERE;
}

const NOTHING: Surroundings = { services: () => [], namespace: () => undefined };

/** Whether the pod fits on one node, which takes the place of the one of that name among `nodes`. */
export function fitsOn(
  candidate: Candidate,
  state: NodeState,
  nodes: readonly NodeState[],
  more: MoreFilters,
): boolean {
  const { name } = state.node.metadata;
  const changed = nodes.map((each) => (each.node.metadata.name === name ? state : each));
  return firstRefusal(candidate, state, [...FILTERS, ...more(changed)]) === undefined;
}

/** Only a node can help. */
const NOWHERE: Placement = {
  kind: "none",
  message: "no nodes available to schedule pods",
  refusedBy: new Set<Plugin>(["NodeName"]),
};

function firstRefusal(
  candidate: Candidate,
  state: NodeState,
  filters: readonly NamedFilter[],
): (Refusal & { readonly plugin: Plugin }) | undefined {
  for (const [plugin, filter] of filters) {
    const refusal = filter(candidate, state);
    if (refusal) return { ...refusal, plugin };
  }
  return undefined;
}

/** No node can take the pod, whatever the node: its volumes are not there. */
export function refusedEverywhere(message: string, nodes: number): Placement {
  const available = `0/${nodes} nodes are available:`;
  const preemption = `${available} ${nodes} Preemption is not helpful for scheduling`;
  return {
    kind: "none",
    message: `${available} ${message}. no new claims to deallocate, preemption: ${preemption}.`,
    refusedBy: new Set<Plugin>(["VolumeBinding"]),
  };
}

/** The first half of the text of FailedScheduling. */
function reasonsOf(refusals: readonly Refusal[]): string {
  return `0/${refusals.length} nodes are available: ${histogram(refusals.flatMap(({ reasons }) => reasons))}.`;
}

/** The second half, where preemption found nobody to displace. */
function withoutVictims(refusals: readonly Refusal[]): string {
  const preemption = histogram(
    refusals.map(({ resolvable }) =>
      resolvable ? "No preemption victims found for incoming pod" : "Preemption is not helpful for scheduling",
    ),
  );
  return `${PREEMPTION} 0/${refusals.length} nodes are available: ${preemption}.`;
}

/** What comes before the verdict of preemption. */
export const PREEMPTION = "no new claims to deallocate, preemption:";

function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join(", ");
}
