import type { Amounts } from "../api/amounts";
import type { Container, Pod } from "../api/generated/kubernetes";
import type { KubeObject } from "../api/object";
import { podAmounts } from "../api/pod-amounts";
import type { QuotaEvaluator } from "./evaluator";

const BASIC = ["cpu", "memory", "ephemeral-storage"];
const NAMES = ["pods", "count/pods", ...BASIC.flatMap((name) => [name, `requests.${name}`, `limits.${name}`])];
/** What every container must state once a quota limits it. */
const REQUIRED = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

export const podEvaluator: QuotaEvaluator = {
  countsUpdates: false,
  measures: (name) =>
    NAMES.includes(name) ||
    name.startsWith("hugepages-") ||
    name.startsWith("requests.hugepages-") ||
    (name.startsWith("requests.") && name.includes("/") && !name.includes("storageclass.storage.k8s.io/")),
  usage(object, now) {
    const pod = asPod(object);
    if (!occupies(pod, now)) return { "count/pods": "1" };
    return {
      "count/pods": "1",
      pods: "1",
      ...named(podAmounts(pod, "requests"), podAmounts(pod, "limits")),
    };
  },
  missing(object, names) {
    const required = names.filter((name) => REQUIRED.includes(name)).sort();
    const { spec } = asPod(object);
    const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
    const lists = required.flatMap((name) => {
      const silent = containers.filter((container) => !states(container, name)).map((container) => container.name);
      return silent.length === 0 ? [] : [`${name} for: ${silent.sort().join(",")}`];
    });
    return lists.length === 0 ? undefined : `must specify ${lists.join("; ")}`;
  },
};

function states({ resources }: Container, name: string): boolean {
  return name in named(resources?.requests ?? {}, resources?.limits ?? {});
}

function named(requests: Amounts, limits: Amounts): Amounts {
  const result: Record<string, string> = {};
  for (const [name, amount] of Object.entries(requests)) {
    if (BASIC.includes(name) || name.startsWith("hugepages-")) result[name] = amount;
    if (BASIC.includes(name) || name.startsWith("hugepages-") || name.includes("/"))
      result[`requests.${name}`] = amount;
  }
  for (const [name, amount] of Object.entries(limits)) if (BASIC.includes(name)) result[`limits.${name}`] = amount;
  return result;
}

/** A pod that has ended, or should have been gone by now, takes nothing but its place as an object. */
function occupies({ status, metadata }: Pod, now: number): boolean {
  if (status?.phase === "Succeeded" || status?.phase === "Failed") return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {};
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return true;
  return now <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

// A collection holds only what was decoded as its kind.
function asPod(object: KubeObject): Pod {
  return object;
}
