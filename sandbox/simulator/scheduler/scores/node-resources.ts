import type { NodeState } from "../filters/filter";
import { podRequests } from "../resource-requests";
import type { Choice } from "./scores";

const SCORED = ["cpu", "memory"];

/**
 * The more is left free, the better. Who asks for nothing counts as asking a little, or all such pods would go to one
 * node. https://kubernetes.io/docs/concepts/scheduling-eviction/resource-bin-packing/
 */
export function leastAllocated({ candidate, fitting }: Choice): number[] {
  const own = podRequests(candidate.pod, "at least a little");
  return fitting.map(({ allocatable, requestedOrLeast }) => {
    const scores = SCORED.flatMap((resource) => {
      const capacity = allocatable.get(resource) ?? 0;
      if (capacity === 0) return [];
      const used = (requestedOrLeast.get(resource) ?? 0) + (own.get(resource) ?? 0);
      return used > capacity ? 0 : Math.floor((100 * (capacity - used)) / capacity);
    });
    return scores.length === 0 ? 0 : Math.floor(scores.reduce((sum, score) => sum + score, 0) / scores.length);
  });
}

/** The nearer a node's shares of used CPU and memory are to each other, the better; who asks for nothing has no say. */
export function balancedAllocation({ candidate, fitting }: Choice): number[] | undefined {
  const own = candidate.requests;
  if (SCORED.every((resource) => (own.get(resource) ?? 0) === 0)) return undefined;
  const fraction = ({ requested, allocatable }: NodeState, resource: string): number | undefined => {
    const capacity = allocatable.get(resource) ?? 0;
    if (capacity === 0) return undefined;
    return Math.min(1, ((requested.get(resource) ?? 0) + (own.get(resource) ?? 0)) / capacity);
  };
  return fitting.map((state) => {
    const [cpu, memory] = SCORED.map((resource) => fraction(state, resource));
    const deviation = cpu === undefined || memory === undefined ? 0 : Math.abs(cpu - memory) / 2;
    return Math.floor((1 - deviation) * 100);
  });
}
