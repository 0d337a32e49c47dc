import type { Amounts } from "../api/amounts";
import type { ResourceQuota } from "../api/generated/kubernetes";
import type { KubeObject } from "../api/object";
import { qualified, type GroupResource } from "../api/status";
import { claimEvaluator } from "./claims";
import { podEvaluator } from "./pods";
import { matchesScopes } from "./scopes";
import { serviceEvaluator } from "./services";

/**
 * How objects of one collection count against quotas. Shared by admission, which charges, and the controller, which
 * counts anew. https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export interface QuotaEvaluator {
  /** Whether an update may change what an object uses; otherwise only its creation counts. */
  readonly countsUpdates: boolean;
  /** Whether a name in `hard` is about this collection. */
  measures(name: string): boolean;
  /** All that the object uses, under every name it may be limited by. */
  usage(object: KubeObject, now: number): Amounts;
  /** Names that the object must state and does not: the end of "failed quota: …". */
  missing?(object: KubeObject, names: readonly string[]): string | undefined;
}

/** Collections that are counted under their plain name too, from before `count/…` was there. */
const PLAIN_NAMES = ["configmaps", "secrets", "replicationcontrollers", "resourcequotas"];

export function evaluatorFor(resource: GroupResource): QuotaEvaluator {
  if (resource.group === "") {
    if (resource.name === "pods") return podEvaluator;
    if (resource.name === "services") return serviceEvaluator;
    if (resource.name === "persistentvolumeclaims") return claimEvaluator;
  }
  return countingEvaluator(resource);
}

function countingEvaluator({ group, name }: GroupResource): QuotaEvaluator {
  const names = [`count/${qualified(group, name)}`, ...(group === "" && PLAIN_NAMES.includes(name) ? [name] : [])];
  return {
    countsUpdates: false,
    measures: (each) => names.includes(each),
    usage: () => Object.fromEntries(names.map((each) => [each, "1"])),
  };
}

/** The names in the quota's `hard` that this object counts for; none when it is outside of the quota's scopes. */
export function measuredNames(
  quota: ResourceQuota,
  evaluator: QuotaEvaluator,
  resource: GroupResource,
  object: KubeObject,
  hard: Amounts,
): string[] {
  const names = Object.keys(hard).filter((name) => evaluator.measures(name));
  return names.length > 0 && matchesScopes(quota, resource, object) ? names : [];
}
