import type {
  Event,
  EventsEvent,
  HorizontalPodAutoscaler,
  V2HorizontalPodAutoscaler,
  V2MetricSpec,
} from "../api/generated/kubernetes";
import { isJsonObject } from "../api/json";
import type { KubeObject } from "../api/object";

/** How a collection that is served in two forms is kept in one. Neither function edits its argument. */
export interface Conversion {
  readonly stored: { readonly group: string; readonly version: string };
  toStored(object: KubeObject): KubeObject;
  toServed(object: KubeObject): KubeObject;
  /** Names for field selectors in the served form, and what they are in the stored one; without it they are the same. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** `undefined` for collections that are kept as they are served. */
export function conversionFor(group: string, version: string, resource: string): Conversion | undefined {
  return CONVERSIONS.get(`${group}/${version}/${resource}`);
}

const events: Conversion = {
  stored: { group: "", version: "v1" },
  fields: {
    "metadata.name": "metadata.name",
    "metadata.namespace": "metadata.namespace",
    reason: "reason",
    type: "type",
    reportingController: "reportingComponent",
    ...Object.fromEntries(
      ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map((name) => [
        `regarding.${name}`,
        `involvedObject.${name}`,
      ]),
    ),
  },
  toStored: (object: EventsEvent): Event => {
    const { regarding, note, reportingController, deprecatedSource, deprecatedCount } = object;
    const { deprecatedFirstTimestamp, deprecatedLastTimestamp, ...rest } = object;
    return withoutMissing({
      ...only(rest, ["action", "eventTime", "reason", "related", "reportingInstance", "series", "type"]),
      kind: "Event",
      apiVersion: "v1",
      metadata: object.metadata ?? {},
      involvedObject: regarding ?? {},
      message: note,
      reportingComponent: reportingController,
      source: deprecatedSource,
      count: deprecatedCount,
      firstTimestamp: deprecatedFirstTimestamp,
      lastTimestamp: deprecatedLastTimestamp,
    });
  },
  toServed: (object) => {
    const event = object as Event;
    return withoutMissing({
      ...only(event, ["action", "reason", "related", "reportingInstance", "type"]),
      kind: "Event",
      apiVersion: "events.k8s.io/v1",
      metadata: event.metadata,
      eventTime: event.eventTime,
      regarding: event.involvedObject,
      note: event.message,
      reportingController: event.reportingComponent,
      series: event.series && { count: event.series.count ?? 0, lastObservedTime: event.series.lastObservedTime ?? "" },
      deprecatedSource: event.source,
      deprecatedCount: event.count,
      deprecatedFirstTimestamp: event.firstTimestamp,
      deprecatedLastTimestamp: event.lastTimestamp,
    });
  },
};

/** v1 knows one metric: CPU use in percent. */
const autoscalers: Conversion = {
  stored: { group: "autoscaling", version: "v2" },
  toStored: (object): V2HorizontalPodAutoscaler => {
    const { spec, status, metadata } = object as HorizontalPodAutoscaler;
    const { targetCPUUtilizationPercentage: percent, ...rest } = spec;
    const { currentCPUUtilizationPercentage: _current, ...counters } = status ?? {
      currentReplicas: 0,
      desiredReplicas: 0,
    };
    const metrics = percent === undefined ? undefined : [cpuMetric(percent)];
    return {
      kind: "HorizontalPodAutoscaler",
      apiVersion: "autoscaling/v2",
      metadata,
      spec: { ...rest, ...(metrics && { metrics }) },
      status: { ...counters },
    };
  },
  toServed: (object): HorizontalPodAutoscaler => {
    const { spec, status, metadata } = object as V2HorizontalPodAutoscaler;
    const { minReplicas, maxReplicas, scaleTargetRef, metrics = [] } = spec;
    const percent = metrics.find(({ resource }) => resource?.name === "cpu")?.resource?.target.averageUtilization;
    const { currentReplicas = 0, desiredReplicas = 0, lastScaleTime, observedGeneration } = status ?? {};
    return {
      kind: "HorizontalPodAutoscaler",
      apiVersion: "autoscaling/v1",
      metadata,
      spec: withoutMissing({ minReplicas, maxReplicas, scaleTargetRef, targetCPUUtilizationPercentage: percent }),
      status: withoutMissing({ currentReplicas, desiredReplicas, lastScaleTime, observedGeneration }),
    };
  },
};

function cpuMetric(averageUtilization: number): V2MetricSpec {
  return { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } };
}

function only<T extends object, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  const entries = Object.entries(object).filter(([key]) => (keys as readonly PropertyKey[]).includes(key));
  return Object.fromEntries(entries) as Pick<T, K>;
}

function withoutMissing<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

const CONVERSIONS: ReadonlyMap<string, Conversion> = new Map([
  ["events.k8s.io/v1/events", events],
  ["autoscaling/v1/horizontalpodautoscalers", autoscalers],
]);

/** An object or every item of a list in the form that is asked for. Statuses pass as they are. */
export function convertAnswer(object: KubeObject, conversion: Conversion, apiVersion: string): KubeObject {
  if (object.kind === "Status") return object;
  if (!("items" in object) || !Array.isArray(object.items)) return conversion.toServed(object);
  return {
    ...object,
    apiVersion,
    ...{ items: object.items.filter(isJsonObject).map((item) => conversion.toServed(item)) },
  };
}
