import type { Container, Pod } from "../api/generated/kubernetes";
import { parseQuantity } from "../api/quantity";

/** Amounts by resource: cpu in thousandths, everything else in its unit. */
export type ResourceList = ReadonlyMap<string, number>;

/**
 * What a pod asks of its node: the sum of its containers, or more where an init container needs more, plus overhead.
 * https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
export function podRequests(pod: Pod, count: "as asked" | "at least a little" = "as asked"): ResourceList {
  const requestsOf = ({ resources }: Container): ResourceList => {
    const asked = amountsOf(resources?.requests);
    return count === "as asked" ? asked : new Map([...A_LITTLE, ...asked]);
  };
  const total = new Map<string, number>();
  for (const container of pod.spec?.containers ?? []) add(total, requestsOf(container));
  const initial = new Map<string, number>();
  const sidecars = new Map<string, number>();
  for (const container of pod.spec?.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === "Always") {
      add(sidecars, requests);
      add(total, requests);
      raise(initial, sidecars);
    } else {
      const together = new Map(sidecars);
      add(together, requests);
      raise(initial, together);
    }
  }
  raise(total, initial);
  for (const [resource, amount] of amountsOf(pod.spec?.resources?.requests)) total.set(resource, amount);
  add(total, amountsOf(pod.spec?.overhead));
  return total;
}

export function amountsOf(quantities: Readonly<Record<string, string>> | undefined): ResourceList {
  return new Map(Object.entries(quantities ?? {}).map(([resource, text]) => [resource, amount(resource, text)]));
}

/** What a container counts for that does not say, where each should count for something. */
const A_LITTLE: ResourceList = new Map([
  ["cpu", 100],
  ["memory", 200 * 1024 * 1024],
]);

function amount(resource: string, text: string): number {
  const nano = parseQuantity(text)?.nano ?? 0n;
  const unit = resource === "cpu" ? 1_000_000n : 1_000_000_000n;
  return Number((nano + unit - 1n) / unit);
}

function add(total: Map<string, number>, more: ResourceList): void {
  for (const [resource, value] of more) total.set(resource, (total.get(resource) ?? 0) + value);
}

function raise(total: Map<string, number>, least: ResourceList): void {
  for (const [resource, value] of least) total.set(resource, Math.max(total.get(resource) ?? 0, value));
}
