import type { Pod } from "../api/generated/kubernetes";
import { compareQuantities } from "../api/quantity";

/**
 * Guaranteed, Burstable or BestEffort.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export function qosClassOf(pod: Pod): "Guaranteed" | "Burstable" | "BestEffort" {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const counts = (list: Record<string, string> | undefined, name: string): boolean =>
    list?.[name] !== undefined && compareQuantities(list[name], "0") > 0;
  const asksForSomething = containers.some(({ resources }) =>
    ["cpu", "memory"].some((name) => counts(resources?.requests, name) || counts(resources?.limits, name)),
  );
  if (!asksForSomething) return "BestEffort";
  const isGuaranteed = containers.every(({ resources }) =>
    ["cpu", "memory"].every((name) => {
      const limit = resources?.limits?.[name];
      const request = resources?.requests?.[name] ?? limit;
      return (
        counts(resources?.limits, name) &&
        limit !== undefined &&
        request !== undefined &&
        compareQuantities(limit, request) === 0
      );
    }),
  );
  return isGuaranteed ? "Guaranteed" : "Burstable";
}
