import type { Random } from "../random";
import type { Candidate, Filter, NodeState, Refusal } from "./filters/filter";
import { nodeAffinity } from "./filters/node-affinity";
import { nodeName } from "./filters/node-name";
import { nodePorts } from "./filters/node-ports";
import { nodeResourcesFit } from "./filters/node-resources-fit";
import { nodeUnschedulable } from "./filters/node-unschedulable";
import { taintToleration } from "./filters/taint-toleration";
import { scoreOf } from "./scores";

/** In the default profile's order: a node is refused by the first that refuses it. */
const FILTERS: readonly Filter[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
];

export type Placement = { kind: "node"; name: string } | { kind: "none"; message: string };

/** Finds the best node for a pod, or says why there is none. `more`: filters made for this pod, asked last. */
export function place(
  candidate: Candidate,
  nodes: readonly NodeState[],
  random: Random,
  more: readonly Filter[] = [],
): Placement {
  if (nodes.length === 0) return { kind: "none", message: "no nodes available to schedule pods" };
  const fitting: NodeState[] = [];
  const refusals: Refusal[] = [];
  for (const state of nodes) {
    const refusal = firstRefusal(candidate, state, more);
    if (refusal) refusals.push(refusal);
    else fitting.push(state);
  }
  if (fitting.length === 0) return { kind: "none", message: failureMessage(refusals) };
  const scored = fitting.map((state) => ({ state, score: scoreOf(candidate, state, fitting) }));
  const best = Math.max(...scored.map(({ score }) => score));
  const winners = scored.filter(({ score }) => score >= best - EVEN);
  const winner = winners[random.below(winners.length)];
  return winner
    ? { kind: "node", name: winner.state.node.metadata.name }
    : { kind: "none", message: "no nodes available to schedule pods" };
}

/** Scores as near as this are even: rounding must not decide. */
const EVEN = 1e-6;

function firstRefusal(candidate: Candidate, state: NodeState, more: readonly Filter[]): Refusal | undefined {
  for (const filter of [...FILTERS, ...more]) {
    const refusal = filter(candidate, state);
    if (refusal) return refusal;
  }
  return undefined;
}

/** No node can take the pod, whatever the node. */
export function refusedEverywhere(message: string, nodes: number): Placement {
  const available = `0/${nodes} nodes are available:`;
  const preemption = `${available} ${nodes} Preemption is not helpful for scheduling`;
  return { kind: "none", message: `${available} ${message}. no new claims to deallocate, preemption: ${preemption}.` };
}

/** The text of FailedScheduling, with what preemption had to say. */
function failureMessage(refusals: readonly Refusal[]): string {
  const available = `0/${refusals.length} nodes are available:`;
  const reasons = histogram(refusals.flatMap(({ reasons }) => reasons));
  const preemption = histogram(
    refusals.map(({ resolvable }) =>
      resolvable ? "No preemption victims found for incoming pod" : "Preemption is not helpful for scheduling",
    ),
  );
  return `${available} ${reasons}. no new claims to deallocate, preemption: ${available} ${preemption}.`;
}

function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join(", ");
}
