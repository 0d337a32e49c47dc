import { addAmounts, maxAmounts, type Amounts } from "./amounts";
import type { Container, Pod } from "./generated/kubernetes";

type Part = "requests" | "limits";

/**
 * What a pod as a whole requests or is limited to, as exact quantities.
 * https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
export function podAmounts(pod: Pod, part: Part): Amounts {
  let total: Amounts = {};
  for (const container of pod.spec?.containers ?? []) total = addAmounts(total, of(container, part));
  let sidecars: Amounts = {};
  let initial: Amounts = {};
  for (const container of pod.spec?.initContainers ?? []) {
    const own = of(container, part);
    if (container.restartPolicy === "Always") {
      total = addAmounts(total, own);
      sidecars = addAmounts(sidecars, own);
      initial = maxAmounts(initial, sidecars);
    } else initial = maxAmounts(initial, addAmounts(sidecars, own));
  }
  total = { ...maxAmounts(total, initial), ...pod.spec?.resources?.[part] };
  const overhead = pod.spec?.overhead ?? {};
  if (part === "requests") return addAmounts(total, overhead);
  // A limit that nobody set is no limit: overhead does not make one.
  return addAmounts(total, Object.fromEntries(Object.entries(overhead).filter(([name]) => total[name] !== undefined)));
}

function of(container: Container, part: Part): Amounts {
  return container.resources?.[part] ?? {};
}
