import type { Pod } from "../../api/generated/kubernetes";
import type { PodMetrics } from "../../api/metrics";
import type { Stored } from "../../api/object";
import { milliValue, wholeValue } from "../../api/quantity";

export interface ResourceTarget {
  readonly resource: string;
  /** Only this container counts; `undefined`: all of the pod. */
  readonly container?: string;
  /** Percent of what is requested, or an amount for each pod in thousandths. */
  readonly target: { readonly utilization: number } | { readonly averageMilli: number };
  /** How far off is near enough, as a part of the target. */
  readonly tolerance: { readonly up: number; readonly down: number };
}

export interface Calculation {
  readonly replicas: number;
  /** Percent; `undefined` for targets that are amounts. */
  readonly utilization?: number;
  /** Mean of the measured pods, in thousandths of the unit. */
  readonly averageMilli: number;
}

const INITIALIZATION_MS = 300_000;
const READINESS_DELAY_MS = 30_000;

/** Why no number of replicas can be worked out, in the autoscaler's words. */
export class MetricError extends Error {
  override readonly name = "MetricError";
}

/**
 * How many pods the load wants. Pods that are starting or not measured count so that they never make the answer more
 * extreme. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
 */
export function calculateReplicas(
  current: number,
  pods: readonly Stored<Pod>[],
  metrics: readonly Stored<PodMetrics>[],
  target: ResourceTarget,
  now: number,
): Calculation {
  if (pods.length === 0) throw new MetricError("no pods returned by selector while calculating replica count");
  const measured = measuredPods(metrics, target);
  const { ready, unready, missing } = groupPods(pods, measured, target.resource, now);
  const counted = new Map([...measured].filter(([name]) => ready.has(name)));
  const requests = "utilization" in target.target ? requestsOf(pods, target) : undefined;
  if (counted.size === 0) throw new MetricError("did not receive metrics for targeted pods (pods might be unready)");
  const usage = ratioOf(counted, target, requests);
  const result = { averageMilli: usage.averageMilli, ...(requests && { utilization: usage.utilization }) };
  const adjustUnready = unready.size > 0 && usage.ratio > 1;
  if (!adjustUnready && missing.length === 0) {
    const near = isNear(usage.ratio, target);
    return { ...result, replicas: near ? current : Math.ceil(usage.ratio * ready.size) };
  }
  if (usage.ratio < 1) {
    // What is not measured is taken to use what it asked for.
    for (const name of missing) counted.set(name, assumedMilli(name, target, requests));
  } else if (usage.ratio > 1) for (const name of missing) counted.set(name, 0);
  if (adjustUnready) for (const name of unready) counted.set(name, 0);
  const again = ratioOf(counted, target, requests).ratio;
  const turned = (usage.ratio < 1 && again > 1) || (usage.ratio > 1 && again < 1);
  if (isNear(again, target) || turned) return { ...result, replicas: current };
  const wanted = Math.ceil(again * counted.size);
  const wrongWay = (again < 1 && wanted > current) || (again > 1 && wanted < current);
  return { ...result, replicas: wrongWay ? current : wanted };
}

function measuredPods(
  metrics: readonly Stored<PodMetrics>[],
  { resource, container }: ResourceTarget,
): Map<string, number> {
  const found = new Map<string, number>();
  for (const { metadata, containers } of metrics) {
    const counted = containers.filter(({ name }) => container === undefined || name === container);
    if (counted.length === 0) continue;
    found.set(metadata.name, sum(counted.map(({ usage }) => milliOf(usage[resource] ?? "0"))));
  }
  if (found.size === 0) throw new MetricError("no metrics returned from resource metrics API");
  return found;
}

function groupPods(
  pods: readonly Stored<Pod>[],
  measured: ReadonlyMap<string, number>,
  resource: string,
  now: number,
): { ready: Set<string>; unready: Set<string>; missing: string[] } {
  const groups = { ready: new Set<string>(), unready: new Set<string>(), missing: [] as string[] };
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp || pod.status?.phase === "Failed") continue;
    if (pod.status?.phase === "Pending") groups.unready.add(name);
    else if (!measured.has(name)) groups.missing.push(name);
    else if (resource === "cpu" && isStarting(pod, now)) groups.unready.add(name);
    else groups.ready.add(name);
  }
  return groups;
}

/** Whether a pod's processor time says little yet. */
function isStarting({ status }: Pod, now: number): boolean {
  const condition = status?.conditions?.find(({ type }) => type === "Ready");
  if (!condition || !status?.startTime) return true;
  const startedAt = Date.parse(status.startTime);
  const isReady = condition.status === "True";
  const changedAt = Date.parse(condition.lastTransitionTime ?? status.startTime);
  if (now < startedAt + INITIALIZATION_MS) return !isReady || now < changedAt + 15_000;
  return !isReady && startedAt + READINESS_DELAY_MS > changedAt;
}

function requestsOf(pods: readonly Stored<Pod>[], { resource, container }: ResourceTarget): Map<string, number> {
  const found = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
    let total = 0;
    for (const { name, resources } of [...(spec?.containers ?? []), ...sidecars]) {
      if (container !== undefined && name !== container) continue;
      const request = resources?.requests?.[resource];
      if (request === undefined) {
        throw new MetricError(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`);
      }
      total += milliOf(request);
    }
    found.set(metadata.name, total);
  }
  return found;
}

function ratioOf(
  measured: ReadonlyMap<string, number>,
  { target }: ResourceTarget,
  requests: ReadonlyMap<string, number> | undefined,
): { ratio: number; averageMilli: number; utilization: number } {
  const used = sum([...measured.values()]);
  const averageMilli = Math.trunc(used / measured.size);
  if ("averageMilli" in target) return { ratio: averageMilli / target.averageMilli, averageMilli, utilization: 0 };
  const requested = sum([...measured.keys()].map((name) => requests?.get(name) ?? 0));
  if (requested === 0) throw new MetricError("no metrics returned matched known pods");
  const utilization = Math.trunc((used * 100) / requested);
  return { ratio: utilization / target.utilization, averageMilli, utilization };
}

function assumedMilli(
  name: string,
  { target }: ResourceTarget,
  requests: ReadonlyMap<string, number> | undefined,
): number {
  if ("averageMilli" in target) return target.averageMilli;
  return ((requests?.get(name) ?? 0) * Math.max(100, target.utilization)) / 100;
}

function isNear(ratio: number, { tolerance }: ResourceTarget): boolean {
  return ratio >= 1 - tolerance.down && ratio <= 1 + tolerance.up;
}

function milliOf(amount: string): number {
  return /[a-zA-Z]i$|^\d+$/.test(amount) ? wholeValue(amount) * 1000 : milliValue(amount);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
