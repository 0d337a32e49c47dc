import type { Filter } from "./filter";

/** Refuses nodes without room for the pod's requests. */
export const nodeResourcesFit: Filter = ({ requests }, { allocatable, pods, requested }) => {
  const reasons: string[] = [];
  let resolvable = true;
  const room = allocatable.get("pods");
  if (room !== undefined && pods.length + 1 > room) reasons.push("Too many pods");
  for (const [resource, amount] of requests) {
    if (amount === 0) continue;
    const total = allocatable.get(resource) ?? 0;
    if (amount <= total - (requested.get(resource) ?? 0)) continue;
    reasons.push(`Insufficient ${resource}`);
    if (amount > total) resolvable = false;
  }
  return reasons.length > 0 ? { reasons, resolvable } : undefined;
};
