import type { CheckKind } from "../protocol/checks";
import type { ClusterObject } from "./object-source";
import { read, readLabels, readList, readNumber, readText } from "./read";

export function isTerminating(object: ClusterObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined;
}

/** Ready as its condition says, and not on its way out. */
export function isPodReady(pod: ClusterObject): boolean {
  return !isTerminating(pod) && conditionOf(pod, "Ready") === "True";
}

export function conditionOf(object: ClusterObject, type: string): string | undefined {
  return readText(readCondition(object, type), "status");
}

export function readCondition(object: ClusterObject, type: string): unknown {
  return readList(object, "status", "conditions").find((condition) => readText(condition, "type") === type);
}

export function nameOf(object: ClusterObject): string {
  return object.metadata?.name ?? "";
}

export function labelsOf(object: ClusterObject): Readonly<Record<string, string>> {
  return object.metadata?.labels ?? {};
}

export function selectorOf(service: ClusterObject): Readonly<Record<string, string>> {
  return readLabels(service, "spec", "selector");
}

export function matches(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** `a=1,b=2`, as kubectl writes selectors. */
export function showLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** What a workload wants and has, in the same words for each kind. */
export interface Rollout {
  readonly wanted: number;
  readonly total: number;
  readonly updated: number;
  readonly ready: number;
  /** Its controller has seen the newest spec. */
  readonly observed: boolean;
  readonly paused: boolean;
}

export function rolloutOf(kind: CheckKind, workload: ClusterObject): Rollout {
  const status = (field: string): number => readNumber(workload, "status", field) ?? 0;
  const generation = readNumber(workload, "metadata", "generation") ?? 0;
  const observed = status("observedGeneration") >= generation;
  const paused = read(workload, "spec", "paused") === true;
  if (kind === "DaemonSet") {
    const wanted = status("desiredNumberScheduled");
    const updated = status("updatedNumberScheduled");
    return { wanted, total: status("currentNumberScheduled"), updated, ready: status("numberReady"), observed, paused };
  }
  const total = status("replicas");
  // A ReplicaSet replaces nothing: all its pods are of its one template.
  const updated = kind === "ReplicaSet" ? total : status("updatedReplicas");
  const wanted = readNumber(workload, "spec", "replicas") ?? 1;
  return { wanted, total, updated, ready: status("readyReplicas"), observed, paused };
}
