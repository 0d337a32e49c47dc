import { z } from "zod";
import type { ClusterObject, ObjectSource } from "../../checks/object-source";
import type { Scheduler } from "../../checks/checker";
import type { ServiceList, ServicePort } from "../../protocol/cluster-host-api";

/** A TCP port of a Service, for somebody who wants to open it. */
export type OpenService = ServiceList["services"][number];

/** Where a connection to a Service's port may go: a pod, and the port there. */
export interface ReadyEndpoint {
  readonly pod: string;
  readonly port: number;
}

const serviceSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({
    type: z.string().default("ClusterIP"),
    ports: z
      .array(z.object({ name: z.string().optional(), port: z.number(), protocol: z.string().default("TCP") }))
      .default([]),
  }),
});
const sliceSchema = z.object({
  metadata: z.object({ namespace: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
  endpoints: z
    .array(
      z.object({
        conditions: z.object({ ready: z.boolean().nullish() }).default({}),
        targetRef: z.object({ kind: z.string(), name: z.string() }).optional(),
      }),
    )
    .nullish(),
  ports: z
    .array(z.object({ name: z.string().default(""), port: z.number().optional(), protocol: z.string().default("TCP") }))
    .nullish(),
});
type Service = z.infer<typeof serviceSchema>;
type Slice = z.infer<typeof sliceSchema>;

/** Every TCP port of every Service that has a place in the cluster, by namespace, name and number. */
export function servicePorts(services: readonly ClusterObject[], slices: readonly ClusterObject[]): OpenService[] {
  const parsed = slices.flatMap(sliceOf);
  return services
    .flatMap(serviceOf)
    .filter(({ spec }) => spec.type !== "ExternalName")
    .flatMap((service) => tcpPorts(service).map((port) => listingOf(service, port, parsed)))
    .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

/** The pods that are ready behind a Service's port; undefined when there is no such port. */
export function readyEndpoints(
  services: readonly ClusterObject[],
  slices: readonly ClusterObject[],
  { service: name, port }: ServicePort,
): ReadyEndpoint[] | undefined {
  const service = services.flatMap(serviceOf).find(({ metadata }) => metadata.name === name);
  const wanted = service && tcpPorts(service).find((one) => one.port === port);
  if (!service || !wanted) return undefined;
  return endpointsOf(service, wanted.name, slices.flatMap(sliceOf)).flatMap(({ endpoint, port: at }) =>
    endpoint.targetRef?.kind === "Pod" && at !== undefined ? [{ pod: endpoint.targetRef.name, port: at }] : [],
  );
}

/** Changes come in bunches: a rollout makes many. */
const GATHER_MS = 100;

/** Tells `servicePorts` of a cluster, and again whenever it is another, until the returned function is called. */
export function followServices(
  source: ObjectSource,
  scheduler: Scheduler,
  listener: (services: OpenService[]) => void,
): () => void {
  const known = { Service: new Map<string, ClusterObject>(), EndpointSlice: new Map<string, ClusterObject>() };
  const seen = new Set<string>();
  let pending: { cancel(): void } | undefined;
  let told: string | undefined;
  const look = (): void => {
    pending = undefined;
    if (seen.size < 2) return;
    const services = servicePorts([...known.Service.values()], [...known.EndpointSlice.values()]);
    const text = JSON.stringify(services);
    if (text === told) return;
    told = text;
    listener(services);
  };
  const changed = (): void => void (pending ??= scheduler.schedule(GATHER_MS, look));
  const unsubscribe = (["Service", "EndpointSlice"] as const).map((kind) =>
    source.subscribe(kind, {
      replace: (objects) => {
        seen.add(kind);
        known[kind].clear();
        for (const object of objects) known[kind].set(keyOf(object), object);
        changed();
      },
      set: (object) => {
        known[kind].set(keyOf(object), object);
        changed();
      },
      remove: (object) => {
        known[kind].delete(keyOf(object));
        changed();
      },
    }),
  );
  return () => {
    pending?.cancel();
    for (const end of unsubscribe) end();
  };
}

function listingOf(service: Service, { port, name }: Service["spec"]["ports"][number], slices: Slice[]): OpenService {
  const ready = endpointsOf(service, name, slices).length;
  const { metadata, spec } = service;
  return { namespace: metadata.namespace, service: metadata.name, port, type: spec.type, name, ready };
}

function tcpPorts({ spec }: Service): Service["spec"]["ports"] {
  return spec.ports.filter(({ protocol }) => protocol === "TCP");
}

function endpointsOf({ metadata }: Service, portName = "", slices: readonly Slice[]) {
  return slices
    .filter((slice) => slice.metadata.namespace === metadata.namespace)
    .filter((slice) => slice.metadata.labels["kubernetes.io/service-name"] === metadata.name)
    .flatMap((slice) => {
      const port = slice.ports?.find(({ name, protocol }) => name === portName && protocol === "TCP");
      if (!port) return [];
      const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions.ready !== false);
      return ready.map((endpoint) => ({ endpoint, port: port.port }));
    });
}

/** What cannot be read is as good as absent. */
function serviceOf(object: ClusterObject): Service[] {
  return listOf(serviceSchema.safeParse(object).data);
}

function sliceOf(object: ClusterObject): Slice[] {
  return listOf(sliceSchema.safeParse(object).data);
}

function listOf<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function keyOf({ metadata }: ClusterObject): string {
  return `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
}

function orderOf({ namespace, service, port }: OpenService): string {
  return `${namespace}/${service}/${String(port).padStart(5, "0")}`;
}
