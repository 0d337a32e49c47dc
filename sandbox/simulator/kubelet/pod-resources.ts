import type { PodSpec, ResourceRequirements } from "../api/generated/kubernetes";
import { addQuantities } from "./quantities";

/** A pod's own requests and limits: as stated for the pod, else the sum over its containers; `undefined` without any. */
export function podResources(spec: PodSpec): ResourceRequirements | undefined {
  const requests = spec.resources?.requests ?? sum(spec.containers.map(({ resources }) => resources?.requests));
  const everyLimited = (name: string): boolean => spec.containers.every(({ resources }) => resources?.limits?.[name]);
  const all = spec.resources?.limits ?? sum(spec.containers.map(({ resources }) => resources?.limits));
  // A container without a limit leaves the pod without one.
  const limits =
    all && Object.fromEntries(Object.entries(all).filter(([name]) => spec.resources?.limits || everyLimited(name)));
  const hasLimits = limits !== undefined && Object.keys(limits).length > 0;
  if (!requests && !hasLimits) return undefined;
  return { ...(hasLimits && { limits }), ...(requests && { requests }) };
}

function sum(lists: readonly (Record<string, string> | undefined)[]): Record<string, string> | undefined {
  const total: Record<string, string> = {};
  for (const list of lists) {
    for (const [name, amount] of Object.entries(list ?? {})) {
      const before = total[name];
      total[name] = before === undefined ? amount : addQuantities(before, amount);
    }
  }
  return Object.keys(total).length > 0 ? total : undefined;
}
