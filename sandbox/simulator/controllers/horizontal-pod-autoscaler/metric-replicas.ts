import type { Pod, V2MetricSpec, V2MetricStatus, V2MetricTarget } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { formatSelector, type Selector } from "../../api/labels";
import { milliValue, wholeValue } from "../../api/quantity";
import { StatusError } from "../../api/status";
import type { Client } from "../../client/client";
import { POD_METRICS } from "../../client/resources";
import { calculateReplicas, MetricError, type Calculation, type ResourceTarget } from "./replica-calculator";

/** One metric's wish: how many replicas, in which words, and what `status.currentMetrics` says of it. */
export type MetricOutcome =
  | { readonly ok: true; readonly replicas: number; readonly name: string; readonly status: V2MetricStatus }
  | {
      readonly ok: false;
      /** Of the condition and its event. */
      readonly reason: string;
      /** What could not be done, and the whole error. */
      readonly what: string;
      readonly message: string;
    };

export interface MetricRequest {
  readonly client: Client;
  readonly namespace: string;
  readonly selector: Selector;
  readonly pods: readonly Stored<Pod>[];
  readonly current: number;
  readonly tolerance: ResourceTarget["tolerance"];
  readonly now: number;
}

export async function replicasForMetric(metric: V2MetricSpec, request: MetricRequest): Promise<MetricOutcome> {
  const source = metric.resource ?? metric.containerResource;
  if (!source) return withoutSource(metric, request);
  const { name, target } = source;
  const container = metric.containerResource?.container;
  try {
    const calculation = await calculate(name, container, target, request);
    const current = currentOf(calculation, name);
    const status =
      container === undefined ? { resource: { name, current } } : { containerResource: { name, container, current } };
    const kind = container === undefined ? "resource" : "container resource";
    const utilization = target.averageUtilization === undefined ? "" : " utilization (percentage of request)";
    return {
      ok: true,
      replicas: calculation.replicas,
      name: `${name} ${kind}${utilization}`,
      status: { type: metric.type, ...status },
    };
  } catch (error) {
    const why = reasonOf(error, name);
    const reason = container === undefined ? "FailedGetResourceMetric" : "FailedGetContainerResourceMetric";
    const what =
      target.averageUtilization === undefined ? `failed to get ${name} usage` : `failed to get ${name} utilization`;
    return { ok: false, reason, what: `failed to get ${name} resource metric value`, message: `${what}: ${why}` };
  }
}

async function calculate(
  resource: string,
  container: string | undefined,
  target: V2MetricTarget,
  { client, namespace, selector, pods, current, tolerance, now }: MetricRequest,
): Promise<Calculation> {
  const { items } = await client.list(POD_METRICS, namespace, { labelSelector: formatSelector(selector) });
  const wanted =
    target.averageUtilization === undefined
      ? { averageMilli: milliOf(target.averageValue ?? "0") }
      : { utilization: target.averageUtilization };
  return calculateReplicas(current, pods, items, { resource, container, target: wanted, tolerance }, now);
}

function currentOf({ averageMilli, utilization }: Calculation, resource: string) {
  const averageValue = resource === "cpu" ? `${averageMilli}m` : String(Math.trunc(averageMilli / 1000));
  return { ...(utilization !== undefined && { averageUtilization: utilization }), averageValue };
}

function reasonOf(error: unknown, resource: string): string {
  const unable = `unable to get metrics for resource ${resource}`;
  if (error instanceof StatusError) {
    const why =
      error.code === 503
        ? "the server is currently unable to handle the request (get pods.metrics.k8s.io)"
        : "the server could not find the requested resource (get pods.metrics.k8s.io)";
    return `${unable}: unable to fetch metrics from resource metrics API: ${why}`;
  }
  if (!(error instanceof MetricError)) throw error;
  return error.message.startsWith("no metrics returned from") ? `${unable}: ${error.message}` : error.message;
}

/** Metrics of programs and of the outside need an adapter, and there is none. */
function withoutSource({ type, pods, object, external }: V2MetricSpec, { namespace }: MetricRequest): MetricOutcome {
  const name = (pods ?? object ?? external)?.metric.name ?? "";
  const why = external
    ? `unable to get external metric ${namespace}/${name}/nil: unable to fetch metrics from external metrics API: ` +
      `the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`
    : `unable to get metric ${name}: unable to fetch metrics from custom metrics API: ` +
      "no known available metric versions found";
  const what = `failed to get ${type.toLowerCase()} metric value`;
  return { ok: false, reason: `FailedGet${type}Metric`, what, message: why };
}

function milliOf(amount: string): number {
  return amount.endsWith("m") ? milliValue(amount) : wholeValue(amount) * 1000;
}
