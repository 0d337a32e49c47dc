import { cloneJson, equalJson } from "../../api/json";
import { matchesLabels } from "../../api/labels";
import type { Pod, ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { messageOf } from "../pod-control";
import { isPodAvailable, isPodReady, isPodTerminating } from "../pod-state";
import { toTime } from "../../clock";

/** The outcome of a `sync`: an error and which way it was going when it failed. */
export interface ReplicaFailure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly error: unknown;
}

/** The status that fits what was found. Counts of zero are left out, as on the wire; `replicas` never is. */
export function replicaSetStatus(
  replicaSet: Stored<ReplicaSet>,
  active: readonly Stored<Pod>[],
  all: readonly Stored<Pod>[],
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicaSetStatus {
  const labels = Object.entries(replicaSet.spec?.template?.metadata?.labels ?? {});
  const template = labels.map(([key, value]) => ({ key, operator: "equals" as const, values: [value] }));
  const minReadySeconds = replicaSet.spec?.minReadySeconds ?? 0;
  const count = (predicate: (pod: Stored<Pod>) => boolean) => active.filter(predicate).length || undefined;
  return cloneJson({
    replicas: active.length,
    fullyLabeledReplicas: count((pod) => matchesLabels(template, pod.metadata.labels)),
    readyReplicas: count(isPodReady),
    availableReplicas: count((pod) => isPodAvailable(pod, minReadySeconds, now)),
    terminatingReplicas: all.filter(isPodTerminating).length,
    observedGeneration: replicaSet.metadata.generation,
    conditions: conditions(replicaSet.status?.conditions ?? [], failure, now),
  });
}

export function sameStatus(a: ReplicaSetStatus | undefined, b: ReplicaSetStatus): boolean {
  return a !== undefined && equalJson(a, b);
}

function conditions(
  before: readonly ReplicaSetCondition[],
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicaSetCondition[] | undefined {
  const others = before.filter((condition) => condition.type !== "ReplicaFailure");
  const was = before.find((condition) => condition.type === "ReplicaFailure");
  if (!failure) return others.length > 0 ? others : undefined;
  if (was) return [...before];
  const { reason, error } = failure;
  const lastTransitionTime = toTime(now);
  return [...others, { type: "ReplicaFailure", status: "True", lastTransitionTime, reason, message: messageOf(error) }];
}
